/* SPDX-License-Identifier: Apache-2.0 */
#include "run/ask.h"

#include "run/fiber.h"

struct question {
	struct letter	 there, back;	/* one is on its way at a time */
	struct loop	*home;
	struct fiber	*asker;
	void		(*work)(void *);
	void		*arg;
	bool		 answered;
};

static void
open_back(struct letter *l, struct loop *loop)
{
	struct question *q = (struct question *)((char *)l - offsetof(struct question, back));

	(void)loop;
	q->answered = true;
	fiber_wake(q->asker);
}

static void
open_there(struct letter *l, struct loop *loop)
{
	struct question *q = (struct question *)((char *)l - offsetof(struct question, there));

	(void)loop;
	q->work(q->arg);
	loop_post(q->home, &q->back);
}

void
ask_loop(struct fiber *f, struct loop *there, void (*work)(void *arg), void *arg)
{
	struct question q = {
		.there.open = open_there,
		.back.open = open_back,
		.home = fiber_loop(f),
		.asker = f,
		.work = work,
		.arg = arg,
	};

	if (there == q.home) {
		work(arg);
		return;
	}
	fiber_shield(f, true);
	loop_post(there, &q.there);
	while (!q.answered)
		/* A wake for another reason is not the answer. */
		(void)!fiber_park(f, NANOS_NEVER);
	fiber_shield(f, false);
}
