/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_restore.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/safe.h"
#include "core/limit.h"
#include "mask/restore.h"
#include "run/file.h"

#define USAGE									\
	"usage: trivium restore [--exact] --vault FILE --key env:NAME|file:PATH FILE|-\n"	\
	"\n"									\
	"Prints a text with the values in the place of the tokens that `trivium mask` put\n"	\
	"there.  Tokens that a model has mangled a little (case, Markdown, a wrong letter)\n"	\
	"are restored too, if only one can be meant.\n"			\
	"\n"									\
	"  --vault FILE  where the values are kept\n"				\
	"  --key FROM    its key: 64 hexadecimal digits of an environment variable or a file\n"	\
	"  --exact       only tokens as they were made\n"			\
	"\n"									\
	"exit status: 0 every token was restored; 1 some words only look like tokens;\n"	\
	"2 the call is wrong; 65 the vault cannot be used; 66 a file cannot be read\n"

struct wish {
	const char	*path, *vault, *key, *complaint;
	bool		 exact, help;
};

static int
restore(struct desk *d, const struct wish *w, const struct safe *safe)
{
	struct restore r;
	struct slice text, out;
	char room[24];
	enum err e;
	int status = desk_read(d, w->path, REQUEST_BYTES_MAX, &text);

	if (status != DESK_OK)
		return status;
	restore_init(&r, &safe->vault, w->exact ? RESTORE_PLAIN : RESTORE_WHOLE, false);
	e = restore_text(&d->arena, &r, text, &out);
	if (e != ERR_OK) {
		desk_complain(d, SAY(err_info(e)->text));
		status = DESK_DATA;
	} else {
		text_put(&d->out, out);
		desk_flush(d);
	}
	if (e == ERR_OK && r.unresolved > 0) {
		desk_complain(d, SAY(S("words that look like tokens and are none of this vault: "),
		    report_number(room, r.unresolved)));
		status = DESK_DIFFERS;
	}
	file_free(text);
	return status;
}

static int
restore_file(struct desk *d, const struct wish *w)
{
	struct safe safe;
	int status = safe_open(&safe, d, w->vault, w->key, true);

	if (status == DESK_OK)
		status = restore(d, w, &safe);
	safe_close(&safe);
	return status;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "vault",	required_argument,	NULL, 'v' },
		{ "key",	required_argument,	NULL, 'k' },
		{ "exact",	no_argument,		NULL, 'e' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'v')
			w->vault = optarg;
		else if (c == 'k')
			w->key = optarg;
		else if (c == 'e')
			w->exact = true;
		else if (c == 'h')
			w->help = true;
		else
			return false;
	}
	if (optind + 1 != argc)
		w->complaint = "name one file, or - for standard input";
	else if (w->vault == NULL || w->key == NULL)
		w->complaint = "name the vault and its key: --vault FILE --key env:NAME";
	w->path = argv[optind];
	return true;
}

int
cmd_restore(int argc, char **argv)
{
	struct wish wish = { .path = NULL };
	bool good = read_wish(argc, argv, &wish);
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "restore"))
		return DESK_WRONG;
	if (!good || wish.complaint != NULL)
		status = desk_usage(&desk, good ? wish.complaint : NULL);
	else
		status = restore_file(&desk, &wish);
	desk_close(&desk);
	return status;
}
