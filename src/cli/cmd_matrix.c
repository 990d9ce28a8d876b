/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_matrix.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "core/date.h"
#include "study/matrix.h"

#define USAGE									\
	"usage: trivium matrix [--format FORMAT] [--at MOMENT] FILE\n"		\
	"\n"									\
	"Prints a policy as one page: for each workload, by sensitivity and capability,\n"	\
	"which tiers (edge, on_prem, private_cloud, public_api) and models may serve, with\n"	\
	"its owner, reason, needs, duties, and what happens when nothing fits.  Nothing is\n"	\
	"sent, and no secret is read.\n"					\
	"\n"									\
	"  --format FORMAT  text (usual), markdown, html (one file, to be printed), json\n"	\
	"  --json           as --format json\n"					\
	"  --at MOMENT      which exceptions hold: YYYY-MM-DD or YYYY-MM-DDTHH:MMZ; usually\n"	\
	"                   now\n"						\
	"\n"									\
	"exit status: 0 it is printed; 2 the call is wrong, or the policy has mistakes;\n"	\
	"66 the file cannot be read\n"

struct wish {
	enum matrix_format	 format;
	int64_t			 now;
	bool			 help;
	const char		*complaint;
};

static bool
read_format(const char *word, enum matrix_format *out)
{
	static const char *const words[] = { "text", "markdown", "html", "json" };

	for (unsigned i = 0; i < sizeof words / sizeof words[0]; i++)
		if (strcmp(words[i], word) == 0) {
			*out = (enum matrix_format)i;
			return true;
		}
	return false;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "format",	required_argument,	NULL, 'f' },
		{ "at",		required_argument,	NULL, 'a' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'j')
			w->format = MATRIX_JSON;
		else if (c == 'h')
			w->help = true;
		else if (c == 'f' && !read_format(optarg, &w->format))
			w->complaint = "a format is text, markdown, html or json";
		else if (c == 'a' && !date_read(slice_of(optarg, strlen(optarg)), &w->now))
			w->complaint = "a moment is YYYY-MM-DD or YYYY-MM-DDTHH:MMZ";
		else if (c == '?')
			return false;
	}
	return true;
}

static int
print_matrix(struct desk *d, const struct wish *w, const struct desk_policy *policy)
{
	struct matrix m = {
		.snapshot = policy->snapshot,
		.format = w->format,
		.colour = d->colour && w->format == MATRIX_TEXT,
		.title = slice_of(policy->path, strlen(policy->path)),
		.now = w->now,
		.arena = &d->work,
		.out = &d->out,
	};

	matrix_begin(&m);
	for (uint32_t i = 0; i < policy->snapshot->workload_count; i++) {
		if (matrix_workload(&m, i) != ERR_OK) {
			desk_complain(d, SAY(S("there is not enough memory")));
			return DESK_WRONG;
		}
		arena_reset(&d->work);
		desk_flush(d);
	}
	matrix_end(&m);
	return DESK_OK;
}

int
cmd_matrix(int argc, char **argv)
{
	struct wish wish = { .now = desk_now() };
	bool good = read_wish(argc, argv, &wish);
	struct desk_policy policy;
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "matrix"))
		return DESK_WRONG;
	if (!good || wish.complaint != NULL || optind + 1 != argc) {
		status = desk_usage(&desk, !good ? NULL : wish.complaint != NULL ? wish.complaint
		    : "name one file");
	} else if ((status = desk_load(&desk, argv[optind], &policy)) == DESK_OK) {
		status = print_matrix(&desk, &wish, &policy);
		desk_unload(&policy);
	}
	desk_close(&desk);
	return status;
}
