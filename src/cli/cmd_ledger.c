/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_ledger.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "cli/audit.h"
#include "run/job.h"

#define USAGE									\
	"usage: trivium ledger verify --data FOLDER [--key FILE] [--head FILE] [--json]\n"	\
	"       trivium ledger verify --proof FILE --key FILE [--head FILE] [--json]\n"	\
	"       trivium ledger prove --data FOLDER ID\n"			\
	"       trivium ledger head --data FOLDER [--json]\n"			\
	"\n"									\
	"Reads the ledger of a gateway's data folder, or of a copy; a gateway may be writing\n"	\
	"meanwhile.  Nothing is changed.\n"					\
	"\n"									\
	"  verify  every entry, node and signed head; names the first that is wrong\n"	\
	"  prove   the entry of a request, with what proves that it is in the ledger\n"	\
	"  head    the newest signed head\n"					\
	"\n"									\
	"  --data FOLDER  where the gateway keeps its data\n"			\
	"  --key FILE     the ledger's public key, as you have kept it (usually the folder's\n"	\
	"                 ledger.pub)\n"					\
	"  --head FILE    heads that were published: the ledger must begin with each of them\n"	\
	"  --proof FILE   checks what `prove` printed, with nothing but the key\n"	\
	"  --threads N    segments that are looked through side by side (usually 2)\n"	\
	"  --json         one JSON object\n"					\
	"\n"									\
	"exit status: 0 all is well; 1 something is wrong with the ledger, or an entry is\n"	\
	"not there; 2 the call is wrong; 65 a key, head or proof cannot be read; 66 a file\n"	\
	"or the store cannot be read\n"

struct verb {
	const char	*name;
	int		(*run)(const struct ledger_call *);
};

static const struct verb verbs[] = {
	{ "verify", audit_verify },
	{ "prove", audit_prove },
	{ "head", audit_head },
};

struct wish {
	struct ledger_call	 call;
	const char		*verb, *complaint;
	bool			 json, help;
};

static const struct option options[] = {
	{ "data",	required_argument,	NULL, 'd' },
	{ "key",	required_argument,	NULL, 'k' },
	{ "head",	required_argument,	NULL, 'H' },
	{ "proof",	required_argument,	NULL, 'p' },
	{ "threads",	required_argument,	NULL, 't' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "help",	no_argument,		NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

static void
take_threads(struct wish *w, const char *word)
{
	if (!slice_number(slice_of(word, strlen(word)), &w->call.threads) ||
	    w->call.threads == 0 || w->call.threads > JOBS_EACH_MAX)
		w->complaint = "--threads takes a number from 1 to 16";
}

static void
take_option(struct wish *w, int option, const char *word)
{
	switch (option) {
	case 'd':
		w->call.data = word;
		break;
	case 'k':
		w->call.key = word;
		break;
	case 'H':
		w->call.head = word;
		break;
	case 'p':
		w->call.proof = word;
		break;
	case 't':
		take_threads(w, word);
		break;
	case 'j':
		w->json = true;
		break;
	case 'h':
		w->help = true;
		break;
	}
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == '?')
			return false;
		take_option(w, c, optarg);
	}
	if (optind < argc)
		w->verb = argv[optind++];
	if (optind < argc)
		w->call.id = argv[optind++];
	if (optind < argc)
		w->complaint = "there are more words than one for the entry";
	return true;
}

static int
run(struct desk *d, struct wish *w)
{
	w->call.desk = d;
	if (w->complaint != NULL)
		return desk_usage(d, w->complaint);
	for (size_t i = 0; w->verb != NULL && i < sizeof verbs / sizeof verbs[0]; i++)
		if (strcmp(w->verb, verbs[i].name) == 0)
			return verbs[i].run(&w->call);
	return desk_usage(d, w->verb == NULL ? "say what to do with the ledger" :
	    "this is nothing that can be done with a ledger");
}

int
cmd_ledger(int argc, char **argv)
{
	struct wish wish = { .call.threads = 2 };
	bool good = read_wish(argc, argv, &wish);
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "ledger"))
		return DESK_WRONG;
	desk.json = wish.json;
	status = good ? run(&desk, &wish) : desk_usage(&desk, NULL);
	desk_close(&desk);
	return status;
}
