/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/steward.h"

#include "gate/gate.h"
#include "ledger/book.h"
#include "ledger/retain.h"
#include "ledger/span.h"
#include "run/fiber.h"

#define LOOK_EVERY	(60 * NANOS_PER_S)
#define MORE_EVERY	NANOS_PER_S	/* while there is more to do */
#define LOOK_ENTRIES	(16 * RETAIN_STEP)

struct span {
	nanos		before;
	uint64_t	from, to;
};

static enum err
find_old(struct store *s, void *arg)
{
	struct span *span = arg;
	uint64_t end = 0;
	enum err e = span_at(s, span->before, &span->to);

	if (e == ERR_OK)
		e = retain_end(s, &end);
	span->to = span->to < end ? span->to : end;
	return e == ERR_OK ? retain_first(s, &span->from) : e;
}

static enum err
thin_heads(struct store *s, void *arg)
{
	struct steward *w = arg;

	return retain_heads(s, kernel_wall(), &w->more);
}

static uint32_t
retain_days(struct steward *w)
{
	struct binding *binding = fleet_hold(&w->gate->fleet);
	uint32_t days = binding->snapshot->retain_days;

	binding_drop(binding);
	return days;
}

/* What cannot be done now is looked at again; the book tells by itself that it fails. */
static void
look(struct steward *w, struct fiber *f)
{
	uint32_t days = retain_days(w);
	struct span old = { .before = kernel_wall() - days * 86400 * NANOS_PER_S };
	uint64_t end;

	if (book_write(w->book, f, thin_heads, w, NULL) != ERR_OK)
		w->more = false;
	if (days == 0 || book_read(w->book, f, find_old, &old) != ERR_OK || old.from >= old.to)
		return;
	end = old.to - old.from < LOOK_ENTRIES ? old.to : old.from + LOOK_ENTRIES;
	if (book_prune(w->book, f, old.from, end, S("ledger.retain_days")) == ERR_OK)
		w->more = w->more || end < old.to;
}

static void
steward_main(struct fiber *f, void *arg)
{
	struct steward *w = arg;

	w->fiber = f;
	w->more = true;
	while (w->stopper == NULL) {
		(void)!fiber_park(f, fiber_loop(f)->now + (w->more ? MORE_EVERY : LOOK_EVERY));
		if (w->stopper == NULL)
			look(w, f);
	}
	w->fiber = NULL;
	fiber_wake(w->stopper);
}

enum err
steward_start(struct steward *w, struct loop *loop)
{
	return fiber_start(loop, "steward", steward_main, w);
}

void
steward_stop(struct steward *w, struct fiber *f)
{
	if (w->fiber == NULL)
		return;
	w->stopper = f;
	fiber_wake(w->fiber);
	while (w->fiber != NULL)
		(void)!fiber_park(f, NANOS_NEVER);
}
