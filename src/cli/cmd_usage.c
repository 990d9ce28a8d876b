/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_usage.h"

#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "core/limit.h"
#include "ledger/usage.h"
#include "run/kernel.h"

#define USAGE									\
	"usage: trivium usage --data FOLDER [from=TIME] [to=TIME] [by=WORD,…]\n"	\
	"       [NAME=VALUE …]\n"						\
	"\n"									\
	"Tells what was used and spent, from the data folder of a gateway, which may be\n"	\
	"running: requests, tokens, cost, errors, times.\n"			\
	"\n"									\
	"  from=, to=   YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, in UTC; all that is known, and now\n"	\
	"  by=          a row for each of: tenant, key, workload, model, zone, label,\n"	\
	"               and hour, day or month\n"						\
	"  NAME=VALUE   only where tenant, key, workload, model, zone or label is this\n"	\
	"\n"									\
	"exit status: 0 an answer, which may have no rows; 2 the call is wrong; 66 the store\n"	\
	"cannot be read\n"

#define QUESTION_BYTES_MAX	1024

/* The words as one question. */
static bool
join(struct text *t, int argc, char **argv, const char **data)
{
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "--data") == 0 && i + 1 < argc) {
			*data = argv[++i];
			continue;
		}
		if (argv[i][0] == '-')
			return false;
		text_put(t, t->len > 0 ? S("&") : S(""));
		text_put(t, slice_of(argv[i], strlen(argv[i])));
	}
	return *data != NULL && !text_overflowed(t);
}

static int
print_answer(struct desk *d, const struct usage_question *q, const char *data)
{
	char *room = arena_bytes(&d->arena, USAGE_ANSWER_BYTES_MAX);
	struct store *store = NULL;
	struct text answer, *why = desk_why(d);
	enum err e = ERR_MEMORY;

	text_init(&answer, room, room == NULL ? 0 : USAGE_ANSWER_BYTES_MAX);
	if (room != NULL)
		e = store_open(&store, data, STORE_READ, why);
	if (e == ERR_OK && (e = usage_answer(store, q, &answer)) != ERR_OK)
		text_put(why, store_complaint(store));
	if (store != NULL)
		store_close(store);
	if (e != ERR_OK) {
		desk_complain(d, SAY(text_slice(why)));
		return DESK_UNREADABLE;
	}
	if (text_overflowed(&answer)) {
		desk_complain(d, SAY(S("the answer is too large; ask for less time, or by fewer "
		    "things")));
		return DESK_WRONG;
	}
	fwrite(answer.ptr, 1, answer.len, stdout);
	return DESK_OK;
}

static int
run(struct desk *d, int argc, char **argv)
{
	char room[QUESTION_BYTES_MAX];
	const char *data = NULL;
	struct usage_question *q = arena_alloc(&d->arena, sizeof *q);
	struct text question;

	text_init(&question, room, sizeof room);
	if (q == NULL || !join(&question, argc, argv, &data))
		return desk_usage(d, "say --data FOLDER, then what is asked for");
	if (!usage_read(q, text_slice(&question), kernel_wall() / NANOS_PER_S, desk_why(d))) {
		desk_complain(d, SAY(text_slice(&d->why)));
		return DESK_WRONG;
	}
	return print_answer(d, q, data);
}

int
cmd_usage(int argc, char **argv)
{
	struct desk desk;
	int status;

	if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "usage"))
		return DESK_WRONG;
	status = run(&desk, argc, argv);
	desk_close(&desk);
	return status;
}
