/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_train.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk.h"
#include "core/limit.h"
#include "run/file.h"
#include "study/lists.h"
#include "study/train.h"

#define USAGE									\
	"usage: trivium train names [--epochs N] [--margin N] [--forget N] CORPUS...\n" \
	"       trivium train lists [--keep FILE] CLASS=LIST...\n"		\
	"\n"									\
	"Makes the two files from which detection knows names, on standard output; they\n" \
	"become part of the program when it is built (doc/guide/names.md).\n"	\
	"\n"									\
	"  names        weights of the tagger: each line of a corpus is a token, a tab and a\n" \
	"               label such as O, B-PER, I-LOC; an empty line ends a text\n"	\
	"  --epochs N   how often the texts are gone through (8)\n"		\
	"  --margin N   by how much what is right must be better (20)\n"	\
	"  --forget N   of a hundred words, of how many the lists say nothing (30)\n" \
	"  lists        words and phrases, one a line; a class is first, last, place, firm,\n" \
	"               common, nation, proper or of; lexicon=FILE has roles of words\n" \
	"  --keep FILE  what words are in this gazetteer, unless a list of the class is given\n" \
	"\n"									\
	"exit status: 0 made; 2 the call is wrong; 65 a line cannot be read; 66 a file cannot\n" \
	"be read\n"

#define CLASSES	255U

struct wish {
	struct train_options	 options;
	const char		*keep, *complaint;
	bool			 help;
};

static bool
read_number(const char *word, unsigned most, unsigned *out)
{
	uint64_t n;

	if (!slice_number(slice_of(word, strlen(word)), &n) || n > most)
		return false;
	*out = (unsigned)n;
	return true;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "epochs",	required_argument,	NULL, 'e' },
		{ "margin",	required_argument,	NULL, 'm' },
		{ "forget",	required_argument,	NULL, 'f' },
		{ "keep",	required_argument,	NULL, 'k' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	unsigned *number = NULL;
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == '?')
			return false;
		if (c == 'h')
			w->help = true;
		if (c == 'k')
			w->keep = optarg;
		number = c == 'e' ? &w->options.epochs : c == 'm' ? &w->options.margin
		    : c == 'f' ? &w->options.forget : NULL;
		if (number != NULL && !read_number(optarg, 99, number))
			w->complaint = "--epochs, --margin and --forget take numbers up to 99";
	}
	if (optind + 1 >= argc && w->complaint == NULL)
		w->complaint = "say what, names or lists, and of which files";
	return true;
}

/* What came of reading a file, as a status, with its complaint. */
static int
told(struct desk *d, const char *path, uint32_t line, enum err e)
{
	if (e == ERR_OK)
		return DESK_OK;
	if (e == ERR_MEMORY) {
		desk_complain(d, SAY(S("there is not enough memory")));
	} else {
		struct text *why = desk_why(d);

		text_put_number(why, line);
		desk_complain(d, SAY(slice_of(path, strlen(path)), S(": line "), text_slice(why),
		    S(" cannot be read")));
	}
	return DESK_DATA;
}

static int
train_names(struct desk *d, const struct train_options *o, char **paths)
{
	struct train t;
	int status = told(d, "", 0, train_init(&t, &d->arena));

	for (; status == DESK_OK && *paths != NULL; paths++) {
		struct slice corpus;

		if ((status = desk_read(d, *paths, TRAIN_BYTES_MAX, &corpus)) != DESK_OK)
			break;
		status = told(d, *paths, t.line, train_read(&t, corpus));
		file_free(corpus);
	}
	for (unsigned i = 0; status == DESK_OK && i < o->epochs; i++) {
		train_epoch(&t, o);
		fprintf(stderr, "epoch %u: %u of %u words decided wrong\n", i + 1, t.mistakes,
		    (unsigned)(t.step / (i + 1)));
	}
	if (status == DESK_OK)
		train_put(&t, &d->out);
	return status;
}

static int
read_list(struct desk *d, struct lists *l, const char *path, unsigned class)
{
	struct slice list;
	int status = desk_read(d, path, TRAIN_BYTES_MAX, &list);
	enum err e;

	if (status != DESK_OK)
		return status;
	e = class == 0 ? lists_read_lexicon(l, list) : lists_read(l, list, class);
	status = told(d, path, l->line, e);
	file_free(list);
	return status;
}

/* The classes of the lists that are given, or 0 after a complaint; 256 is the lexicon. */
static unsigned
classes_of(struct desk *d, char **words)
{
	unsigned all = 0;

	for (; *words != NULL; words++) {
		const char *is = strchr(*words, '=');
		struct slice name = slice_of(*words, is == NULL ? 0 : (size_t)(is - *words));
		unsigned class = slice_eq(name, S("lexicon")) ? CLASSES + 1 : lists_class(name);

		if (class == 0) {
			desk_complain(d, SAY(S("this is no CLASS=FILE: "),
			    slice_of(*words, strlen(*words))));
			return 0;
		}
		all |= class;
	}
	return all;
}

static int
train_lists(struct desk *d, const struct wish *w, char **words)
{
	unsigned given = classes_of(d, words);
	struct lists l;
	int status = given == 0 ? DESK_WRONG : told(d, "", 0, lists_init(&l, &d->arena));

	if (status == DESK_OK && w->keep != NULL) {
		unsigned kept = (CLASSES & ~given) | IS_START |
		    (given > CLASSES ? 0 : 31U * IS_ROLE);
		struct slice file;

		if ((status = desk_read(d, w->keep, TRAIN_BYTES_MAX, &file)) != DESK_OK)
			return status;
		status = told(d, w->keep, 0, lists_keep(&l, file, kept));
		file_free(file);
	}
	for (; status == DESK_OK && *words != NULL; words++) {
		const char *path = strchr(*words, '=') + 1;

		status = read_list(d, &l, path,
		    lists_class(slice_of(*words, (size_t)(path - 1 - *words))));
	}
	return status != DESK_OK ? status : told(d, "", 0, lists_put(&l, &d->out));
}

int
cmd_train(int argc, char **argv)
{
	struct wish wish = { .options = { .epochs = 8, .margin = 20, .forget = 30 } };
	bool good = read_wish(argc, argv, &wish);
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "train"))
		return DESK_WRONG;
	if (!good || wish.complaint != NULL)
		status = desk_usage(&desk, good ? wish.complaint : NULL);
	else if (strcmp(argv[optind], "names") == 0)
		status = train_names(&desk, &wish.options, argv + optind + 1);
	else if (strcmp(argv[optind], "lists") == 0)
		status = train_lists(&desk, &wish, argv + optind + 1);
	else
		status = desk_usage(&desk, "names or lists is what can be trained");
	desk_close(&desk);
	return status;
}
