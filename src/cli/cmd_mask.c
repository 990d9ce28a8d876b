/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_mask.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/safe.h"
#include "core/limit.h"
#include "core/utf8.h"
#include "detect/detect.h"
#include "mask/mask.h"
#include "run/file.h"
#include "run/kernel.h"

#define USAGE									\
	"usage: trivium mask [--vault FILE --key env:NAME|file:PATH] [--policy FILE] FILE|-\n" \
	"\n"									\
	"Prints a text with tokens in the place of what can be masked: names, numbers,\n"	\
	"addresses.  What must not be masked is told on standard error, and stays: whoever\n"	\
	"sends the text on sends it too.  With a vault, `trivium restore` puts the values\n"	\
	"back, and the same value has the same token in the next text.\n"	\
	"\n"									\
	"  --vault FILE  where the values are kept, sealed; made if it is missing, kept for\n"	\
	"                30 days\n"						\
	"  --key FROM    its key: 64 hexadecimal digits of an environment variable or a file\n"	\
	"                (openssl rand -hex 32)\n"				\
	"  --policy F    masks what the lists of this configuration hold, too\n"	\
	"\n"									\
	"exit status: 0 nothing is left that was found; 1 something is; 2 the call or the\n"	\
	"policy is wrong; 65 the text or the vault cannot be used; 66 a file cannot be read\n"

struct wish {
	const char	*path, *vault, *key, *policy, *complaint;
	bool		 help;
};

static const struct type_info *
info_of(const struct snapshot *policy, unsigned type)
{
	return policy == NULL ? type_info((enum detect_type)type)
	    : weigh_type(policy->rules, (enum detect_type)type);
}

/* Everything that has a mask. */
static struct mask_types
maskable(void)
{
	struct mask_types types = { { 0 } };

	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (mask_is_possible((enum detect_type)i))
			mask_types_add(&types, (enum detect_type)i);
	return types;
}

/* What stays; how many there are. */
static uint32_t
tell_left(struct desk *d, const struct snapshot *policy, const struct mask_types *types,
    const struct findings *found)
{
	uint32_t *count = arena_zero(&d->arena, TYPE_COUNT * sizeof *count), left = 0;
	char room[24];

	if (count == NULL)
		return found->count;
	for (uint32_t i = 0; i < found->count; i++)
		if (!mask_types_has(types, found->at[i].type) &&
		    info_of(policy, found->at[i].type)->level > DETECT_PUBLIC)
			count[found->at[i].type]++;
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		if (count[i] == 0)
			continue;
		desk_complain(d, SAY(S("not masked: "), info_of(policy, i)->name, S(": "),
		    report_number(room, count[i])));
		left += count[i];
	}
	return left;
}

/* Without a policy there are no lists. */
static int
mask(struct desk *d, const struct snapshot *policy, struct slice text, struct safe *safe)
{
	struct mask_types types = maskable();
	struct mask_text one = { .text = text };
	struct findings found;
	enum err e;

	findings_init(&found, &d->arena);
	detect_look(&(struct look){ .text = text, .arena = &d->arena, .findings = &found,
	    .dictionary = policy == NULL ? NULL : policy->dictionary,
	    .wide = kernel_is_wide() }, DETECT_ALL);
	one.found = &found;
	e = arena_overflowed(&d->arena) ? ERR_MEMORY
	    : mask_texts(&d->arena, &safe->vault, &types, &one, 1);
	if (e != ERR_OK) {
		desk_complain(d, SAY(err_info(e)->text));
		return DESK_DATA;
	}
	text_put(&d->out, one.made);
	return tell_left(d, policy, &types, &found) > 0 || found.cut ? DESK_DIFFERS : DESK_OK;
}

static int
mask_file(struct desk *d, const struct snapshot *policy, const struct wish *w)
{
	struct slice text;
	struct safe safe;
	size_t good;
	int status = safe_open(&safe, d, w->vault, w->key, false), kept;

	if (status == DESK_OK)
		status = desk_read(d, w->path, REQUEST_BYTES_MAX, &text);
	if (status != DESK_OK) {
		safe_close(&safe);
		return status;
	}
	if ((good = utf8_valid(text)) < text.len) {
		desk_complain_at(d, w->path, text, (uint32_t)good, S("this is not UTF-8"));
		status = DESK_DATA;
	} else {
		status = mask(d, policy, text, &safe);
	}
	/* A text with tokens is of no use without what they stand for. */
	if (status <= DESK_DIFFERS && (kept = safe_keep(&safe, d)) != DESK_OK) {
		d->out.len = 0;
		status = kept;
	}
	desk_flush(d);
	file_free(text);
	safe_close(&safe);
	return status;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "vault",	required_argument,	NULL, 'v' },
		{ "key",	required_argument,	NULL, 'k' },
		{ "policy",	required_argument,	NULL, 'y' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'v')
			w->vault = optarg;
		else if (c == 'k')
			w->key = optarg;
		else if (c == 'y')
			w->policy = optarg;
		else if (c == 'h')
			w->help = true;
		else
			return false;
	}
	if (optind + 1 != argc)
		w->complaint = "name one file, or - for standard input";
	w->path = argv[optind];
	return true;
}

int
cmd_mask(int argc, char **argv)
{
	struct wish wish = { .path = NULL };
	bool good = read_wish(argc, argv, &wish);
	struct desk_policy policy = { .snapshot = NULL };
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "mask"))
		return DESK_WRONG;
	if (!good || wish.complaint != NULL)
		status = desk_usage(&desk, good ? wish.complaint : NULL);
	else if (wish.policy != NULL &&
	    (status = desk_load_lists(&desk, wish.policy, &policy)) != DESK_OK)
		policy.snapshot = NULL;
	else
		status = mask_file(&desk, policy.snapshot, &wish);
	desk_unload(&policy);
	desk_close(&desk);
	return status;
}
