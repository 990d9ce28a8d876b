/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_check.h"

#include <stdio.h>
#include <stdlib.h>

#include "serve/show.h"
#include "core/limit.h"
#include "run/file.h"
#include "run/kernel.h"

#define USAGE									\
	"usage: trivium check [--detached] [--print-effective | --json] FILE\n"	\
	"       trivium check --print-reference | --print-packs\n"		\
	"\n"									\
	"Tells every mistake in a configuration, as FILE:LINE:COLUMN: error: TEXT on\n"	\
	"standard error.  No connection is made and no port is opened.\n"	\
	"\n"									\
	"  --detached         read no other file and no environment: secrets and\n"	\
	"                     certificates are taken to be there (for a CI machine)\n"	\
	"  --print-effective  print the configuration with defaults filled in and secrets\n"	\
	"                     by their source; it loads to the same configuration\n"	\
	"  --json             print the messages as one JSON object\n"		\
	"  --print-reference  print all keys and vendors, in Markdown\n"	\
	"  --print-packs      print what each pack says, in Markdown\n"	\
	"\n"									\
	"exit status: 0 it can be used (there may be warnings); 2 it has mistakes, or the\n"	\
	"call is wrong; 66 the file cannot be read\n"

enum { EXIT_MISTAKES = 2, EXIT_UNREADABLE = 66 };

struct wish {
	bool		 detached, effective, json, reference, packs, help;
	const char	*path;
};

/* False, with a complaint, if an argument is wrong. */
static bool
read_argument(struct wish *wish, const char *arg)
{
	if (strcmp(arg, "--detached") == 0)
		return wish->detached = true;
	if (strcmp(arg, "--print-effective") == 0)
		return wish->effective = true;
	if (strcmp(arg, "--json") == 0)
		return wish->json = true;
	if (strcmp(arg, "--print-reference") == 0)
		return wish->reference = true;
	if (strcmp(arg, "--print-packs") == 0)
		return wish->packs = true;
	if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0)
		return wish->help = true;
	if (arg[0] == '-') {
		fprintf(stderr, "trivium check: there is no option %s\n", arg);
		return false;
	}
	if (wish->path != NULL) {
		fprintf(stderr, "trivium check: one file at a time, not also %s\n", arg);
		return false;
	}
	wish->path = arg;
	return true;
}

static int
print_reference(const struct wish *wish)
{
	size_t room_bytes = 1 << 18;
	char *room = malloc(room_bytes);
	struct text text;

	if (room == NULL)
		return 1;
	text_init(&text, room, room_bytes);
	if (wish->packs)
		conf_packs(&text);
	else
		conf_reference(&text);
	must(!text_overflowed(&text));
	fwrite(text.ptr, 1, text.len, stdout);
	free(room);
	return 0;
}

/* The cost of these will not be known, and under a budget they are not asked. */
static void
print_priceless(const struct snapshot *s)
{
	bool any = false;

	for (uint32_t i = 0; i < s->model_count; i++) {
		const struct model *m = &s->model[i];

		if (m->price.known)
			continue;
		printf(any ? ", %.*s" : "without a price: %.*s", (int)m->name.len, m->name.ptr);
		any = true;
	}
	if (any)
		printf("\n");
}

static void
print_summary(const char *path, const struct snapshot *s, const struct report *report)
{
	printf("%s: ok; models %u, zones %u, groups %u, keys %u, warnings %u; hash %s\n", path,
	    s->model_count, s->zone_count, s->group_count, s->key_count, report->count, s->hash);
	print_priceless(s);
}

static int
check_file(const char *path, const struct wish *wish)
{
	struct conf_options options = { .detached = wish->detached };
	struct snapshot *snapshot = NULL;
	struct report report;
	struct hash_key key;
	struct slice yaml;
	char why[CONF_MESSAGE_BYTES];
	struct text text;
	enum err e;

	text_init(&text, why, sizeof why);
	if (file_read(path, CONF_BYTES_MAX, &yaml, &text) != ERR_OK) {
		fprintf(stderr, "trivium check: %.*s\n", (int)text.len, text.ptr);
		return EXIT_UNREADABLE;
	}
	kernel_random(&key, sizeof key);
	options.hash_key = &key;
	report_init(&report, slice_of(path, strlen(path)));
	e = conf_load(yaml, &options, &report, &snapshot);
	if (wish->json)
		show_json(&report, snapshot);
	else
		show_report(&report, yaml);
	if (e == ERR_OK && wish->effective)
		fwrite(snapshot->effective.ptr, 1, snapshot->effective.len, stdout);
	else if (e == ERR_OK && !wish->json)
		print_summary(path, snapshot, &report);
	else if (e == ERR_MEMORY)
		fprintf(stderr, "trivium check: %s: there is not enough memory\n", path);
	report_release(&report);
	snapshot_unref(snapshot);
	file_free(yaml);
	return e == ERR_OK ? 0 : EXIT_MISTAKES;
}

int
cmd_check(int argc, char **argv)
{
	struct wish wish = { .help = false };
	bool good = true;

	for (int i = 1; i < argc && good; i++)
		good = read_argument(&wish, argv[i]);
	if (good && wish.help) {
		fputs(USAGE, stdout);
		return 0;
	}
	if (good && (wish.reference || wish.packs))
		return print_reference(&wish);
	if (good && wish.path == NULL)
		fputs("trivium check: name a file\n", stderr);
	if (good && wish.json && wish.effective)
		fputs("trivium check: --json or --print-effective, not both\n", stderr);
	if (!good || wish.path == NULL || (wish.json && wish.effective)) {
		fputs("try: trivium check --help\n", stderr);
		return EXIT_MISTAKES;
	}
	return check_file(wish.path, &wish);
}
