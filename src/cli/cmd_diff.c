/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_diff.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "core/date.h"
#include "study/change.h"

#define USAGE									\
	"usage: trivium diff [--json] [--at MOMENT] OLD NEW\n"			\
	"\n"									\
	"Compares two policies by what they allow: for each workload, and for each level\n"	\
	"and kind of content, which models may serve that could not, or the other way,\n"	\
	"who is asked first, which duties come and go.  Workloads, levels, kinds and models\n"	\
	"are matched by name; keys and what they bound are not compared.  Nothing is sent,\n"	\
	"and no secret is read.\n"						\
	"\n"									\
	"  --json       one JSON object\n"					\
	"  --at MOMENT  which exceptions hold: YYYY-MM-DD or YYYY-MM-DDTHH:MMZ; usually now\n"	\
	"\n"									\
	"exit status: 0 nothing changes; 1 something does; 2 the call is wrong, or a policy\n"	\
	"has mistakes; 66 a file cannot be read\n"

struct wish {
	int64_t		 now;
	bool		 json, help;
	const char	*complaint;
};

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "at",		required_argument,	NULL, 'a' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'j')
			w->json = true;
		else if (c == 'h')
			w->help = true;
		else if (c == '?')
			return false;
		else if (!date_read(slice_of(optarg, strlen(optarg)), &w->now))
			w->complaint = "a moment is YYYY-MM-DD or YYYY-MM-DDTHH:MMZ";
	}
	return true;
}

static int
compare(struct desk *d, struct change *c)
{
	enum err e = ERR_OK;

	change_begin(c);
	for (uint32_t i = 0; i < c->old->workload_count && e == ERR_OK; i++) {
		e = change_workload(c, c->old->workload[i].name);
		arena_reset(&d->work);
		desk_flush(d);
	}
	/* Those of the new one that the old one does not have. */
	for (uint32_t i = 0; i < c->new->workload_count && e == ERR_OK; i++) {
		struct slice name = c->new->workload[i].name;

		if (name.len == 0 ? !c->old->workloads_said
		    : snapshot_workload(c->old, name) != MATCH_NONE)
			continue;
		e = change_workload(c, name);
		arena_reset(&d->work);
	}
	if (e != ERR_OK) {
		desk_complain(d, SAY(S("there is not enough memory")));
		return DESK_WRONG;
	}
	change_end(c);
	return change_is_none(c) ? DESK_OK : DESK_DIFFERS;
}

static int
load_both(struct desk *d, const struct wish *w, char **paths)
{
	struct desk_policy old, new;
	int status = desk_load(d, paths[0], &old);

	if (status != DESK_OK)
		return status;
	if ((status = desk_load(d, paths[1], &new)) == DESK_OK) {
		struct change change = {
			.old = old.snapshot,
			.new = new.snapshot,
			.now = w->now,
			.arena = &d->work,
			.out = &d->out,
			.json = d->json,
			.colour = d->colour,
		};

		status = compare(d, &change);
		desk_unload(&new);
	}
	desk_unload(&old);
	return status;
}

int
cmd_diff(int argc, char **argv)
{
	struct wish wish = { .now = desk_now() };
	bool good = read_wish(argc, argv, &wish);
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "diff"))
		return DESK_WRONG;
	desk.json = wish.json;
	if (!good || wish.complaint != NULL || optind + 2 != argc)
		status = desk_usage(&desk, !good ? NULL : wish.complaint != NULL ? wish.complaint
		    : "name two files: the old policy and the new one");
	else
		status = load_both(&desk, &wish, &argv[optind]);
	desk_close(&desk);
	return status;
}
