/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_replay.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "desk/lines.h"
#include "study/tally.h"

#define USAGE									\
	"usage: trivium replay --policy FILE --log FILE [--archive DIR] [--list N] [--json]\n"	\
	"\n"									\
	"Decides the requests of a log again, under another policy, and tells what would\n"	\
	"have been different: refused, allowed, by another model.  A record has the facts\n"	\
	"of its decision but no content, so workloads stay what was found then, and the\n"	\
	"health of models what it was.  Nothing is sent, and no secret is read.\n"	\
	"\n"									\
	"  --policy FILE  the policy to try\n"					\
	"  --log FILE     records, one line of JSON each (- is standard input)\n"	\
	"  --archive DIR  where the gateway keeps its policies: each record is first decided\n"	\
	"                 by the one that it names, and it is counted which are reproduced\n"	\
	"  --list N       decisions that are listed (usually 100; all are counted)\n"	\
	"  --json         one JSON object: changes, then counts\n"		\
	"\n"									\
	"exit status: 0 every decision is the same; 1 some are not; 2 the call is wrong, or\n"	\
	"the policy has mistakes; 65 some lines cannot be read; 66 a file cannot be read\n"

#define SHELF_POLICIES	32
#define FLUSH_BYTES	((size_t)1 << 20)

struct wish {
	const char	*policy, *archive, *log, *complaint;
	uint64_t	 list;
	bool		 json, help;
};

/* A policy of the archive that was looked for, and may be there. */
struct shelved {
	char			hash[SNAPSHOT_HASH_BYTES];
	struct desk_policy	policy;		/* its snapshot is NULL if it is not there */
};

struct replay {
	struct desk		*desk;
	const struct wish	*wish;
	const struct desk_policy *policy;
	struct lines		 lines;
	struct tally		 tally;
	uint64_t		 listed;
	struct shelved		*shelf;		/* [SHELF_POLICIES] */
	uint32_t		 shelved;
};

/* ---- by its own policy ---- */

static const struct desk_policy *
archived(struct replay *r, struct slice hash)
{
	struct shelved *s;

	for (uint32_t i = 0; i < r->shelved; i++)
		if (slice_eq(slice_of(r->shelf[i].hash, sizeof r->shelf[i].hash), hash))
			return &r->shelf[i].policy;
	/* A log has few policies; where it has many, the last place is shared. */
	s = &r->shelf[r->shelved < SHELF_POLICIES ? r->shelved++ : SHELF_POLICIES - 1];
	desk_unload(&s->policy);
	*s = (struct shelved){ .hash = "" };
	memcpy(s->hash, hash.ptr, hash.len < sizeof s->hash ? hash.len : sizeof s->hash);
	if (desk_load_archived(r->desk, r->wish->archive, hash, &s->policy) != DESK_OK)
		s->policy.snapshot = NULL;
	return &s->policy;
}

static enum err
reproduce(struct replay *r, const struct past *past, struct ruling *ruling)
{
	const struct desk_policy *policy = archived(r, past->policy);
	struct text nowhere = { 0 };
	struct arena *a = &r->desk->work;
	enum err e;

	if (policy->snapshot == NULL) {
		r->tally.not_archived++;
		return ERR_OK;
	}
	e = past_rule(past, &policy->roster, a, ruling, &nowhere);
	if (e == ERR_OK)
		e = past_compare(past, ruling, a, &nowhere);
	r->tally.reproduced += e == ERR_OK;
	r->tally.not_reproduced += e == ERR_CONF;
	return e == ERR_MEMORY ? e : ERR_OK;
}

/* ---- by another ---- */

static void
list(struct replay *r, enum fate fate, const struct past *past, const struct ruling *ruling)
{
	struct text *t = &r->desk->out;

	if (fate == FATE_SAME || r->listed == r->wish->list)
		return;
	if (r->desk->json) {
		text_put(t, r->listed > 0 ? S(",\n") : S("\n"));
		tally_put_change_json(t, fate, past, ruling, text_slice(&r->desk->why));
	} else {
		tally_put_change(t, fate, past, ruling, text_slice(&r->desk->why));
	}
	r->listed++;
	if (t->len > FLUSH_BYTES)
		desk_flush(r->desk);
}

static enum err
decide(struct replay *r, const struct past *past)
{
	struct arena *a = &r->desk->work;
	struct ruling *ruling = arena_alloc(a, sizeof *ruling);
	enum fate fate = FATE_UNDECIDED;
	enum err e;

	if (ruling == NULL)
		return ERR_MEMORY;
	if (r->wish->archive != NULL && (e = reproduce(r, past, ruling)) != ERR_OK)
		return e;
	e = past_rule(past, &r->policy->roster, a, ruling, desk_why(r->desk));
	if (e == ERR_OK)
		e = tally_fate(past, ruling, a, &fate);
	if (e == ERR_MEMORY)
		return e;
	r->tally.fate[fate]++;
	list(r, fate, past, ruling);
	return ERR_OK;
}

static enum err
replay_line(struct replay *r, struct slice line)
{
	struct text *why = desk_why(r->desk);
	struct past past;

	arena_reset(&r->desk->work);
	switch (past_read(&past, &r->desk->work, line, why)) {
	case PAST_RECORD:
		if (past.decision != 0 && !past.opened)
			return decide(r, &past);
		*(past.opened ? &r->tally.other : &r->tally.without) += 1;
		break;
	case PAST_OTHER:
		r->tally.other++;
		break;
	case PAST_WRONG:
		/* The first few tell what is the matter. */
		if (r->tally.wrong++ < 5)
			lines_complain(&r->lines, r->desk, SAY(text_slice(why)));
		break;
	}
	return ERR_OK;
}

static int
replay(struct replay *r)
{
	struct desk *d = r->desk;
	struct slice line;
	enum err e = ERR_OK;
	int status = lines_open(&r->lines, d, r->wish->log);

	if (status != DESK_OK)
		return status;
	text_put(&d->out, d->json ? S("{\"changes\":[") : S(""));
	while (e == ERR_OK && lines_next(&r->lines, &line))
		e = replay_line(r, line);
	if (e != ERR_OK)
		lines_complain(&r->lines, d, SAY(err_info(e)->text));
	lines_close(&r->lines);
	if (d->json) {
		text_put(&d->out, S("],\n\"counts\":"));
		tally_put_json(&d->out, &r->tally, r->wish->archive != NULL);
		text_put(&d->out, S("}\n"));
	} else {
		if (tally_changes(&r->tally) > r->listed)
			text_put(&d->out, S("... and more; --list N lists them\n"));
		text_put(&d->out, r->listed > 0 ? S("\n") : S(""));
		tally_put(&d->out, &r->tally, r->wish->archive != NULL);
	}
	if (e != ERR_OK || r->tally.wrong > 0)
		return DESK_DATA;
	return tally_changes(&r->tally) > 0 ? DESK_DIFFERS : DESK_OK;
}

static int
replay_all(struct desk *d, const struct wish *w)
{
	struct replay *r = arena_zero(&d->arena, sizeof *r);
	struct desk_policy policy;
	int status;

	if (r == NULL)
		return DESK_WRONG;
	if ((status = desk_load(d, w->policy, &policy)) != DESK_OK)
		return status;
	*r = (struct replay){
		.desk = d,
		.wish = w,
		.policy = &policy,
		.shelf = arena_zero(&d->arena, SHELF_POLICIES * sizeof *r->shelf),
	};
	status = r->shelf == NULL ? DESK_WRONG : replay(r);
	for (uint32_t i = 0; i < r->shelved; i++)
		desk_unload(&r->shelf[i].policy);
	desk_unload(&policy);
	return status;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "policy",	required_argument,	NULL, 'P' },
		{ "log",	required_argument,	NULL, 'L' },
		{ "archive",	required_argument,	NULL, 'A' },
		{ "list",	required_argument,	NULL, 'n' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'P')
			w->policy = optarg;
		else if (c == 'L')
			w->log = optarg;
		else if (c == 'A')
			w->archive = optarg;
		else if (c == 'n' && !slice_number(slice_of(optarg, strlen(optarg)), &w->list))
			w->complaint = "--list takes a number";
		else if (c == 'j')
			w->json = true;
		else if (c == 'h')
			w->help = true;
		else if (c == '?')
			return false;
	}
	if (w->policy == NULL || w->log == NULL)
		w->complaint = "name the policy and the log: --policy FILE --log FILE";
	else if (optind < argc)
		w->complaint = "files are named by --policy and --log";
	return true;
}

int
cmd_replay(int argc, char **argv)
{
	struct wish wish = { .list = 100 };
	bool good = read_wish(argc, argv, &wish);
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "replay"))
		return DESK_WRONG;
	desk.json = wish.json;
	if (!good || wish.complaint != NULL)
		status = desk_usage(&desk, good ? wish.complaint : NULL);
	else
		status = replay_all(&desk, &wish);
	desk_close(&desk);
	return status;
}
