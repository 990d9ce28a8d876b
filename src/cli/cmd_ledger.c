/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_ledger.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/attest.h"
#include "desk/audit.h"
#include "desk/desk.h"
#include "desk/extract.h"
#include "desk/reading.h"
#include "run/job.h"

#define USAGE									\
	"usage: trivium ledger verify --data FOLDER [--key FILE] [--head FILE] [--json]\n"	\
	"       trivium ledger verify --proof FILE --key FILE [--head FILE] [--json]\n"	\
	"       trivium ledger verify --export MANIFEST --key FILE [--json]\n"	\
	"       trivium ledger prove --data FOLDER [--head FILE] ID\n"	\
	"       trivium ledger head --data FOLDER [--now] [--json]\n"	\
	"       trivium ledger tail --data FOLDER [-f] [--limit N] [FILTERS]\n"	\
	"       trivium ledger query --data FOLDER [--from T] [--to T] [--limit N] [FILTERS]\n"	\
	"       trivium ledger export --data FOLDER --out FILE [--from T] [--to T]\n"	\
	"                             [--format jsonl|csv]\n"	\
	"       trivium ledger prune --data FOLDER --before T (--export MANIFEST | --force)\n"	\
	"\n"	\
	"Reads the ledger of a gateway's data folder, or of a copy; a gateway may be writing\n"	\
	"meanwhile.  Only prune and head --now change anything: by the gateway, if one runs.\n"	\
	"\n"	\
	"  verify  every entry, node and signed head; names the first that is wrong.  Or a\n"	\
	"          proof or an export, with nothing but the public key\n"	\
	"  prove   the entry of a request (its x-trivium-id, or a number), with what proves\n"	\
	"          that it is in the ledger, under the first head that speaks of it; with\n" \
	"          --head under the first of these, so that who keeps them can check it\n"	\
	"  head    the newest signed head; with --now one that the gateway signs at once\n" \
	"  tail    the last entries; with -f those that come, too\n"	\
	"  query   the entries that fit all of --tenant, --caller, --model, --workload, --err,\n" \
	"          --status and --id that are given\n"	\
	"  export  entries into a file, and FILE.manifest, which proves them\n"	\
	"  prune   takes the bytes of entries before T away; the tree over them stays whole,\n" \
	"          proofs of the rest still hold, and an entry tells what was taken\n"	\
	"\n"	\
	"  --data FOLDER  where the gateway keeps its data\n"	\
	"  --key FILE     the ledger's public key, as you have kept it (usually the folder's\n"	\
	"                 ledger.pub)\n"	\
	"  --head FILE    heads that were published or kept: the ledger must begin with each\n" \
	"                 of them, and a proof must be under one of them\n"	\
	"  --from, --to, --before T\n"	\
	"                 2026-11-20 or 2026-11-20T12:00Z, when the ledger took the entries;\n"	\
	"                 for export and prune also the number of an entry\n"	\
	"  --url URL, --admin-key-file FILE\n"	\
	"                 where the gateway's admin port is, and the key of who asks, if\n" \
	"                 they are not those of the folder\n"	\
	"  --limit N      entries at most (usually 10 for tail, 100 for query)\n"	\
	"  --threads N    segments that are looked through side by side (usually 2)\n"	\
	"  --json         one JSON object\n"	\
	"\n"	\
	"exit status: 0 all is well; 1 something is wrong with the ledger, or an entry is\n"	\
	"not there; 2 the call is wrong; 65 a key, head, proof or manifest cannot be read; 66\n" \
	"a file or the store cannot be read\n"

struct verb {
	const char	*name;
	int		(*run)(const struct ledger_call *);
};

static const struct verb verbs[] = {
	{ "verify", audit_verify },
	{ "prove", attest_prove },
	{ "head", attest_head },
	{ "tail", reading_tail },
	{ "query", reading_query },
	{ "export", extract_export },
	{ "prune", extract_prune },
};

struct wish {
	struct ledger_call	 call;
	const char		*verb, *complaint;
	bool			 json, help;
};

/* Options that take a text, and where it goes. */
static const struct { const char *name; size_t place; } texts[] = {
	{ "data", offsetof(struct ledger_call, data) },
	{ "key", offsetof(struct ledger_call, key) },
	{ "head", offsetof(struct ledger_call, head) },
	{ "proof", offsetof(struct ledger_call, proof) },
	{ "export", offsetof(struct ledger_call, export) },
	{ "out", offsetof(struct ledger_call, out) },
	{ "from", offsetof(struct ledger_call, from) },
	{ "to", offsetof(struct ledger_call, to) },
	{ "before", offsetof(struct ledger_call, to) },
	{ "format", offsetof(struct ledger_call, format) },
	{ "url", offsetof(struct ledger_call, url) },
	{ "admin-key-file", offsetof(struct ledger_call, key_file) },
	{ "tenant", offsetof(struct ledger_call, tenant) },
	{ "caller", offsetof(struct ledger_call, caller) },
	{ "model", offsetof(struct ledger_call, model) },
	{ "workload", offsetof(struct ledger_call, workload) },
	{ "err", offsetof(struct ledger_call, err) },
	{ "id", offsetof(struct ledger_call, id) },
};

#define TEXTS		(sizeof texts / sizeof texts[0])
#define FIRST_TEXT	256	/* past all letters */

static const struct option rest[] = {
	{ "status",	required_argument,	NULL, 's' },
	{ "limit",	required_argument,	NULL, 'n' },
	{ "threads",	required_argument,	NULL, 't' },
	{ "follow",	no_argument,		NULL, 'f' },
	{ "force",	no_argument,		NULL, 'F' },
	{ "now",	no_argument,		NULL, 'N' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "help",	no_argument,		NULL, 'h' },
	{ NULL, 0, NULL, 0 },
};

#define REST	(sizeof rest / sizeof rest[0])

static void
take_number(struct wish *w, const char *word, uint64_t max, uint64_t *out)
{
	if (!slice_number(slice_of(word, strlen(word)), out) || *out == 0 || *out > max)
		w->complaint = "--status, --limit and --threads (at most 16) take a number";
}

static void
take_option(struct wish *w, int option, const char *word)
{
	if (option >= FIRST_TEXT)
		*(const char **)((char *)&w->call + texts[option - FIRST_TEXT].place) = word;
	else if (option == 's')
		take_number(w, word, 999, &w->call.status);
	else if (option == 't')
		take_number(w, word, JOBS_EACH_MAX, &w->call.threads);
	else if (option == 'n') {
		take_number(w, word, INT64_MAX, &w->call.limit);
		w->call.limited = true;
	}
	w->call.follow |= option == 'f';
	w->call.force |= option == 'F';
	w->call.now |= option == 'N';
	w->json |= option == 'j';
	w->help |= option == 'h';
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	struct option options[TEXTS + REST];
	int c;

	for (size_t i = 0; i < TEXTS; i++)
		options[i] = (struct option){ texts[i].name, required_argument, NULL,
		    FIRST_TEXT + (int)i };
	memcpy(options + TEXTS, rest, sizeof rest);
	while ((c = getopt_long(argc, argv, "hfn:", options, NULL)) != -1) {
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
