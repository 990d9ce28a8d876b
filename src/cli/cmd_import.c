/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_import.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "serve/show.h"
#include "core/limit.h"
#include "import/import.h"
#include "run/file.h"
#include "run/kernel.h"

#define USAGE									\
	"usage: trivium import litellm [--output FILE [--force]] [--json] [--detached] FILE\n" \
	"\n"									\
	"Makes a configuration of the config.yaml of a LiteLLM proxy.  The result goes to\n" \
	"standard output; on standard error each key that was changed, that is lost, or\n" \
	"for which something is to do is listed, as FILE:LINE:COLUMN: FATE: KEY: TEXT.\n" \
	"A secret that stands in the file becomes env:NAME and is in no output.\n" \
	"\n"									\
	"  --output FILE  write the result to a file; one that is there is not touched\n" \
	"  --force        unless this is said\n"					\
	"  --json         print one JSON object instead, with every key's fate and, without\n" \
	"                 --output, the result\n"					\
	"  --all          list what was carried over and what is harmless to lose, too\n" \
	"  --detached     do not look for addresses in the environment (os.environ/NAME)\n" \
	"\n"									\
	"exit status: 0 all is carried over (there may be something to do); 1 the file is\n" \
	"wrong or cannot be read, or the result cannot be written; 2 the call is wrong;\n" \
	"3 carried over, and something was lost or changed on the way (doc/guide/from-litellm.md)\n"

enum { EXIT_WRONG = 1, EXIT_USAGE = 2, EXIT_LOSSES = 3 };

/* A file's name, and what is wrong with it. */
#define WHY_BYTES	600

struct wish {
	const char	*path, *output;
	bool		 force, json, all, detached, help;
};

static bool
complain(const char *what, const char *which)
{
	fprintf(stderr, "trivium import: %s%s\n", what, which);
	return false;
}

static bool
read_operands(int argc, char **argv, struct wish *w)
{
	if (w->help)
		return true;
	if (optind == argc)
		return complain("say whose configuration it is: ", "litellm");
	if (strcmp(argv[optind], "litellm") != 0)
		return complain("litellm is what can be imported, not ", argv[optind]);
	if (optind + 1 == argc)
		return complain("name a file", "");
	if (optind + 2 < argc)
		return complain("one file at a time, not also ", argv[optind + 2]);
	w->path = argv[optind + 1];
	if (w->force && w->output == NULL)
		return complain("--force is for --output", "");
	return true;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "output",	required_argument,	NULL, 'o' },
		{ "force",	no_argument,		NULL, 'f' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "all",	no_argument,		NULL, 'a' },
		{ "detached",	no_argument,		NULL, 'd' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "o:h", options, NULL)) != -1) {
		if (c == 'o')
			w->output = optarg;
		else if (c == 'f')
			w->force = true;
		else if (c == 'j')
			w->json = true;
		else if (c == 'a')
			w->all = true;
		else if (c == 'd')
			w->detached = true;
		else if (c == 'h')
			w->help = true;
		else
			return false;
	}
	return read_operands(argc, argv, w);
}

static void
show_notes(struct import *in, bool all)
{
	size_t bytes = 4 * CONF_MESSAGE_BYTES;
	char *room = arena_bytes(&in->arena, bytes);
	struct text text;

	for (uint32_t i = 0; room != NULL && i < in->note_count; i++) {
		enum import_fate fate = in->note[i].fate;

		if (!all && (fate == IMPORT_CARRIED || fate == IMPORT_HARMLESS))
			continue;
		text_init(&text, room, bytes - 1);
		import_put_note(in, i, &text);
		/* A path of many long words does not fit; its line ends all the same. */
		if (text_overflowed(&text))
			room[text.len++] = '\n';
		fwrite(text.ptr, 1, text.len, stderr);
	}
}

static void
show_summary(const struct import *in, const char *path)
{
	fprintf(stderr, "%s: models %u, groups %u, keys %u;", path, in->models, in->groups,
	    in->keys);
	for (enum import_fate fate = 0; fate < IMPORT_FATES; fate++) {
		struct slice word = import_fate_word(fate);

		fprintf(stderr, "%s %.*s %u", fate > 0 ? "," : "", (int)word.len, word.ptr,
		    in->fates[fate]);
	}
	fputc('\n', stderr);
}

/* What does not load is not handed on: the mistake would be ours. */
static bool
is_loadable(const struct import *in, const struct hash_key *key)
{
	struct conf_options options = { .hash_key = key, .detached = true };
	struct snapshot *snapshot = NULL;
	struct report report;
	enum err e;

	report_init(&report, S("the result"));
	e = conf_load(in->yaml, &options, &report, &snapshot);
	if (e == ERR_CONF) {
		complain("the result has mistakes, and they are this program's:", "");
		show_report(&report, in->yaml);
	}
	report_release(&report);
	snapshot_unref(snapshot);
	return e == ERR_OK;
}

static bool
deliver(struct import *in, const struct wish *wish)
{
	struct slice json = wish->json ? import_json(in, wish->output == NULL) : in->yaml;
	char why[WHY_BYTES] = "";
	struct text text;

	text_init(&text, why, sizeof why - 1);
	if (json.len == 0)
		return complain("there is not enough memory", "");
	if (wish->output != NULL && in->yaml.len > 0 && file_write(wish->output, in->yaml,
	    wish->force, &text) != ERR_OK) {
		complain(why, wish->force ? "" : " (--force replaces it)");
		return false;
	}
	if (wish->json || wish->output == NULL)
		fwrite(json.ptr, 1, json.len, stdout);
	return true;
}

static int
import_bytes(struct slice yaml, const struct wish *wish)
{
	struct import_options options = {
		.file = slice_of(wish->path, strlen(wish->path)), .detached = wish->detached,
	};
	int status = EXIT_WRONG;
	struct hash_key key;
	struct import in;
	enum err e;

	kernel_random(&key, sizeof key);
	options.hash_key = &key;
	e = import_litellm(yaml, &options, &in);
	if (e == ERR_MEMORY)
		complain(wish->path, ": there is not enough memory");
	else if (!wish->json)
		show_notes(&in, wish->all);
	if (e == ERR_CONF && !wish->json)
		show_report(&in.report, yaml);
	if (e == ERR_CONF && wish->json)
		(void)deliver(&in, wish);
	if (e == ERR_OK && is_loadable(&in, &key) && deliver(&in, wish)) {
		show_summary(&in, wish->path);
		status = in.fates[IMPORT_LOST] + in.fates[IMPORT_CHANGED] > 0 ? EXIT_LOSSES : 0;
	}
	import_release(&in);
	return status;
}

int
cmd_import(int argc, char **argv)
{
	char why[WHY_BYTES] = "";
	struct wish wish = { .help = false };
	struct slice yaml;
	struct text text;
	int status;

	if (!read_wish(argc, argv, &wish)) {
		fputs("try: trivium import --help\n", stderr);
		return EXIT_USAGE;
	}
	if (wish.help) {
		fputs(USAGE, stdout);
		return 0;
	}
	text_init(&text, why, sizeof why - 1);
	if (file_read(wish.path, CONF_BYTES_MAX, &yaml, &text) != ERR_OK) {
		complain(why, "");
		return EXIT_WRONG;
	}
	status = import_bytes(yaml, &wish);
	file_free(yaml);
	return status;
}
