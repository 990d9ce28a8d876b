/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/alarm.h"

#include "ledger/book.h"
#include "run/fiber.h"

static void
look(struct alarm *a)
{
	struct book_sight sight;

	book_look(a->book, &sight);
	if (sight.failing && !a->failing)
		log_event(a->log, S("error"), S("ledger_failing"), S("the ledger cannot be "
		    "written: durable work is refused, other entries wait in the spool"));
	if (!sight.failing && a->failing)
		log_event(a->log, S("info"), S("ledger_well"), S("the ledger is written again"));
	if (sight.lost > a->lost)
		log_event(a->log, S("error"), S("ledger_lost"), S("entries found no room in the "
		    "ledger, the spool or memory, and are lost; metrics say how many"));
	a->failing = sight.failing;
	a->lost = sight.lost;
}

static void
alarm_main(struct fiber *f, void *arg)
{
	struct alarm *a = arg;

	a->fiber = f;
	while (a->stopper == NULL) {
		(void)!fiber_park(f, fiber_loop(f)->now + NANOS_PER_S);
		look(a);
	}
	a->fiber = NULL;
	fiber_wake(a->stopper);
}

enum err
alarm_start(struct alarm *a, struct loop *loop)
{
	return fiber_start(loop, "alarm", alarm_main, a);
}

void
alarm_stop(struct alarm *a, struct fiber *f)
{
	if (a->fiber == NULL)
		return;
	a->stopper = f;
	fiber_wake(a->fiber);
	while (a->fiber != NULL)
		(void)!fiber_park(f, NANOS_NEVER);
}
