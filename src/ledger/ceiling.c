/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/ceiling.h"

#include <stdlib.h>

#include "core/text.h"
#include "ledger/book.h"
#include "ledger/lot.h"
#include "run/fiber.h"
#include "run/loop.h"
#include "store/account.h"
#include "store/alert.h"

#define IDLE_TICK	NANOS_PER_S
#define WORK_MAX	64		/* lots of one transaction */
#define LINE_BYTES	1536
#define KEEP_S		(INT64_C(400) * 86400)	/* periods that are over: a year and a month */

/* Somebody who waits for a round; on the stack of his fiber. */
struct waiter {
	struct letter	 letter;	/* must be first */
	struct waiter	*next;
	struct fiber	*fiber;
	struct loop	*loop;
	enum err	 outcome;
	bool		 done;		/* written and read on the loop's thread */
};

struct told {
	struct told		*next;
	struct ceiling_alert	 alert;
};

struct ceilings {
	struct holds	 holds;
	struct book	*book;		/* NULL: none */
	struct lot_work	 work[WORK_MAX];
	uint32_t	 work_count;

	struct lock	 lock;		/* of the next two */
	struct waiter	*waiters;
	bool		 rung;		/* the bell's letter is under way */

	struct letter	 bell;
	bool		 called;	/* by the letter; on the loop's thread */
	_Atomic(struct loop *) loop;	/* of the fiber; NULL: none works */
	struct fiber	*fiber, *stopper;
	struct fiber	*listener;	/* of alerts, from its first wait to its last */
	struct told	*told, **told_last;
	_Atomic(uint64_t) raised, failed, waited;
};

/* ---- on disk; on the book's thread ---- */

static nano_usd
least(nano_usd a, nano_usd b)
{
	return a < b ? a : b;
}

/*
 * Where the store has the period, or one that began later (the clock went backwards),
 * it is taken up, with all as spent that may have been.
 */
static enum err
open_row(struct store *s, struct lot_work *w)
{
	struct account_row row = { 0 };
	nano_usd ahead = w->ceiling;
	bool found = false;
	enum err e = account_last(s, lot_name(w->lot), &row, &found);

	if (e != ERR_OK)
		return e;
	if (!found || row.ends <= w->wall) {
		row = (struct account_row){
			.name = lot_name(w->lot),
			.began = w->period.began,
			.ends = w->period.ends,
		};
		e = account_add(s, &row);
	}
	w->row = row.id;
	w->period = (struct period){ row.began, row.ends };
	w->spent = row.spent > row.ceiling ? row.spent : row.ceiling;
	w->ceiling = w->spent < w->limit ? w->spent + least(ahead, w->limit - w->spent) : w->spent;
	w->told = row.told;
	return e;
}

/* Until somebody has taken it, whoever raised it. */
static enum err
add_alert(struct store *s, struct lot_work *w)
{
	struct alert_row row = {
		.name = lot_name(w->lot),
		.began = w->period.began,
		.ends = w->period.ends,
		.percent = w->told,
		.spent = w->spent,
		.amount = w->limit,
		.wall = kernel_wall(),
	};
	enum err e = alert_add(s, &row);

	w->alert = row.id;
	w->alert_wall = row.wall;
	return e;
}

static enum err
write_work(struct store *s, void *arg)
{
	struct ceilings *c = arg;
	enum err e = ERR_OK;

	for (uint32_t i = 0; i < c->work_count && e == ERR_OK; i++) {
		struct lot_work *w = &c->work[i];
		struct account_row row;

		if (w->open)
			e = open_row(s, w);
		row = (struct account_row){ .id = w->row, .ceiling = w->ceiling, .told = w->told };
		if (e == ERR_OK)
			e = account_raise(s, &row);
		if (e == ERR_OK && w->tell)
			e = add_alert(s, w);
	}
	return e;
}

/* ---- alerts ---- */

/* One that finds no memory is not told, as the log would not be able to either. */
static void
queue_alert(struct ceilings *c, const struct lot_work *w)
{
	struct slice name = lot_name(w->lot);
	struct told *t = calloc(1, sizeof *t);

	if (t == NULL)
		return;
	t->alert.account_bytes = name.len < sizeof t->alert.account ? name.len :
	    sizeof t->alert.account;
	memcpy(t->alert.account, name.ptr, t->alert.account_bytes);
	t->alert.id = w->alert;
	t->alert.wall = w->alert > 0 ? w->alert_wall : kernel_wall();
	t->alert.period = w->period;
	t->alert.spent = w->spent;
	t->alert.limit = w->limit;
	t->alert.percent = w->told;
	*c->told_last = t;
	c->told_last = &t->next;
	if (c->listener != NULL)
		fiber_wake(c->listener);
}

enum err
ceiling_alert(struct ceilings *c, struct fiber *f, struct ceiling_alert *out)
{
	struct told *t;

	c->listener = f;
	/* The last round may mark some. */
	while (c->told == NULL && (c->stopper == NULL || c->fiber != NULL))
		if (fiber_park(f, NANOS_NEVER) == ERR_CANCELLED)
			break;
	if ((t = c->told) == NULL) {
		c->listener = NULL;
		if (c->stopper != NULL)
			fiber_wake(c->stopper);
		return ERR_CANCELLED;
	}
	c->told = t->next;
	if (c->told == NULL)
		c->told_last = &c->told;
	*out = t->alert;
	free(t);
	return ERR_OK;
}

/* ---- rounds ---- */

static enum err
write_round(struct ceilings *c, struct fiber *f)
{
	enum err e = c->book == NULL ? ERR_OK : book_write(c->book, f, write_work, c, NULL);

	atomic_fetch_add(e == ERR_OK ? &c->raised : &c->failed, 1);
	for (uint32_t i = 0; i < c->work_count && e == ERR_OK; i++)
		if (c->work[i].tell)
			queue_alert(c, &c->work[i]);
	lot_done(&c->holds, c->work, c->work_count, e == ERR_OK);
	return e;
}

static void
wake(struct letter *letter, struct loop *loop)
{
	struct waiter *w = (struct waiter *)letter;

	(void)loop;
	w->done = true;
	fiber_wake(w->fiber);
}

/* Who waits when it begins knows its outcome at its end; what comes due meanwhile is the next's. */
static void
run_round(struct ceilings *c, struct fiber *f)
{
	struct waiter *waiter, *next;
	uint64_t due;
	enum err e = ERR_OK;

	lock_take(&c->lock);
	waiter = c->waiters;
	c->waiters = NULL;
	lock_give(&c->lock);
	for (due = lot_due_count(&c->holds); due > 0 && e == ERR_OK; due -= c->work_count) {
		c->work_count = lot_take(&c->holds, c->work,
		    due < WORK_MAX ? (uint32_t)due : WORK_MAX, fiber_loop(f)->now);
		if (c->work_count == 0)
			break;
		e = write_round(c, f);
	}
	for (; waiter != NULL; waiter = next) {
		next = waiter->next;
		waiter->outcome = e == ERR_OK ? ERR_OK : ERR_RECORD_FAILED;
		/* With its letter a waiter is its fiber's again, and may be gone. */
		loop_post(waiter->loop, &waiter->letter);
	}
	/* A store that cannot be written is tried again by the clock, or by who waits. */
	if (e == ERR_OK && atomic_load(&c->holds.any_due))
		c->called = true;
}

static void
work_main(struct fiber *f, void *arg)
{
	struct ceilings *c = arg;
	nanos tick = NANOS_NEVER;

	fiber_shield(f, true);
	c->fiber = f;
	while (c->stopper == NULL) {
		bool ticked = fiber_loop(f)->now >= tick;

		if (ticked)
			tick = lot_idle(&c->holds, false) ? fiber_loop(f)->now + IDLE_TICK :
			    NANOS_NEVER;
		if (!ticked && !c->called) {
			(void)!fiber_park(f, tick);
			continue;
		}
		c->called = false;
		run_round(c, f);
		if (tick == NANOS_NEVER)
			tick = fiber_loop(f)->now + IDLE_TICK;
	}
	(void)lot_idle(&c->holds, true);
	run_round(c, f);
	c->fiber = NULL;
	if (c->listener != NULL)
		fiber_wake(c->listener);
	fiber_wake(c->stopper);
}

static void
open_bell(struct letter *letter, struct loop *loop)
{
	struct ceilings *c = (struct ceilings *)((char *)letter - offsetof(struct ceilings, bell));

	(void)loop;
	lock_take(&c->lock);
	c->rung = false;
	lock_give(&c->lock);
	c->called = true;
	if (c->fiber != NULL)
		fiber_wake(c->fiber);
}

static void
ring(struct ceilings *c, struct waiter *w)
{
	struct loop *loop = atomic_load_explicit(&c->loop, memory_order_acquire);
	bool call;

	if (loop == NULL)
		return;
	lock_take(&c->lock);
	call = !c->rung;
	c->rung = true;
	if (w != NULL) {
		w->next = c->waiters;
		c->waiters = w;
	}
	if (call)
		loop_post(loop, &c->bell);
	lock_give(&c->lock);
}

/* ---- holds ---- */

static void
ring_if_due(struct ceilings *c)
{
	if (atomic_load_explicit(&c->holds.any_due, memory_order_relaxed))
		ring(c, NULL);
}

static enum err
wait_round(struct ceilings *c, struct fiber *f)
{
	struct waiter w = { .letter.open = wake, .fiber = f, .loop = fiber_loop(f) };
	bool shielded = false;

	if (atomic_load(&c->loop) == NULL)
		return ERR_RECORD_FAILED;
	atomic_fetch_add(&c->waited, 1);
	ring(c, &w);
	while (!w.done)
		if (fiber_park(f, NANOS_NEVER) == ERR_CANCELLED && !shielded) {
			fiber_shield(f, true);
			shielded = true;
		}
	if (shielded)
		fiber_shield(f, false);
	return w.outcome;
}

enum err
ceiling_place(struct ceilings *c, struct fiber *f, struct hold *hold, const struct hold_ask *ask,
    struct hold_refusal *why)
{
	enum hold_answer answer;
	enum err e;

	while ((answer = hold_try(&c->holds, hold, ask, why)) == HOLD_WAIT)
		if ((e = wait_round(c, f)) != ERR_OK)
			return e;
	ring_if_due(c);
	switch (answer) {
	case HOLD_SPENT:
		return ERR_INSUFFICIENT_QUOTA;
	case HOLD_BUSY:
		return ERR_BUDGET_BUSY;
	case HOLD_MEMORY:
		return ERR_MEMORY;
	default:
		return ERR_OK;
	}
}

/* The entry, which charges the account's row; without a book there is none. */
static enum err
enter_adjustment(struct ceilings *c, struct fiber *f, const struct hold *hold, nano_usd amount,
    struct text *line)
{
	int64_t row = hold_row(hold, 0);
	struct entry entry = {
		.charged = amount,
		.rows = slice_of((const char *)&row, sizeof row),
	};

	text_put(line, S(",\"settled_usd\":\""));
	text_put_usd(line, amount);
	text_put(line, S("\",\"rows\":["));
	text_put_signed(line, row);
	text_put(line, S("]}"));
	entry.line = text_slice(line);
	return text_overflowed(line) ? ERR_MEMORY : book_commit(c->book, f, &entry);
}

/*
 * More is held first, so that ceilings on disk have it, and settled when its entry is there.  What
 * is given back is first on disk: who dies between counts too much as spent, never too little.
 */
enum err
ceiling_adjust(struct ceilings *c, struct fiber *f, const struct hold_ask *ask, struct text *line)
{
	nano_usd more = ask->amount > 0 ? ask->amount : 0, back = more - ask->amount;
	struct hold_ask room = *ask;
	struct hold_refusal why;
	struct hold hold = { 0 };
	enum err e;

	must(c->book != NULL && ask->count == 1);
	room.amount = more;
	if ((e = ceiling_place(c, f, &hold, &room, &why)) != ERR_OK)
		return e;
	if (back > hold_look(&c->holds, ask->budget[0], ask->wall).spent)
		e = ERR_INSUFFICIENT_QUOTA;
	else
		e = enter_adjustment(c, f, &hold, ask->amount, line);
	(void)ceiling_settle(c, &hold, e == ERR_OK ? more : 0);
	if (e == ERR_OK && back > 0)
		hold_return(&c->holds, &hold, back);
	ceiling_release(c, &hold);
	return e;
}

bool
ceiling_settle(struct ceilings *c, struct hold *hold, nano_usd actual)
{
	bool within = hold_settle(&c->holds, hold, actual);

	ring_if_due(c);
	return within;
}

void
ceiling_release(struct ceilings *c, struct hold *hold)
{
	hold_release(&c->holds, hold);
	ring_if_due(c);
}

struct hold_sight
ceiling_look(struct ceilings *c, const struct budget *b, int64_t wall)
{
	return hold_look(&c->holds, b, wall);
}

void
ceiling_count(struct ceilings *c, struct ceiling_sight *out)
{
	*out = (struct ceiling_sight){
		.raised = atomic_load(&c->raised),
		.failed = atomic_load(&c->failed),
		.waited = atomic_load(&c->waited),
	};
	lock_take(&c->holds.lock);
	out->overran = c->holds.overran;
	lock_give(&c->holds.lock);
}

/* ---- what another process left ---- */

static void
put_usd(struct text *t, struct slice name, nano_usd amount)
{
	text_put(t, name);
	text_put_usd(t, amount);
	text_put_char(t, '"');
}

static enum err
enter_rest(struct book *b, const struct account_row *row, nanos wall)
{
	char line[LINE_BYTES];
	struct text t;
	struct entry entry = {
		.charged = row->ceiling - row->spent,
		.rows = slice_of((const char *)&row->id, sizeof row->id),
	};

	text_init(&t, line, sizeof line);
	text_put(&t, S("{\"entry\":\"recovered\",\"time\":\""));
	text_put_time(&t, wall);
	text_put(&t, S("\",\"account\":"));
	text_put_json(&t, row->name);
	text_put(&t, S(",\"period_began\":\""));
	text_put_time(&t, row->began * NANOS_PER_S);
	put_usd(&t, S("\",\"entered_usd\":\""), row->spent);
	put_usd(&t, S(",\"ceiling_usd\":\""), row->ceiling);
	put_usd(&t, S(",\"settled_usd\":\""), entry.charged);
	text_put(&t, S(",\"rows\":["));
	text_put_signed(&t, row->id);
	text_put(&t, S("]}"));
	must(!text_overflowed(&t));
	entry.line = text_slice(&t);
	return book_append(b, &entry);
}

static enum err
enter_rests(struct ceilings *c, nanos wall)
{
	struct store *s = book_store(c->book);
	struct account_row row = { 0 };
	bool found = true;
	enum err e = account_prune(s, wall / NANOS_PER_S - KEEP_S);

	while (e == ERR_OK && found) {
		e = account_open(s, row.id, &row, &found);
		if (e == ERR_OK && found)
			e = enter_rest(c->book, &row, wall);
	}
	return e;
}

/* ---- its life ---- */

enum err
ceiling_open(struct ceilings **out, struct book *book, nanos wall)
{
	struct ceilings *c = calloc(1, sizeof *c);
	enum err e;

	if (c == NULL)
		return ERR_MEMORY;
	if ((e = holds_init(&c->holds, book != NULL)) != ERR_OK) {
		free(c);
		return e;
	}
	lock_init(&c->lock);
	c->book = book;
	c->told_last = &c->told;
	c->bell.open = open_bell;
	if (book != NULL && (e = enter_rests(c, wall)) != ERR_OK) {
		ceiling_close(c);
		return e;
	}
	*out = c;
	return ERR_OK;
}

enum err
ceiling_start(struct ceilings *c, struct loop *loop)
{
	enum err e = fiber_start(loop, "budgets", work_main, c);

	if (e == ERR_OK)
		atomic_store_explicit(&c->loop, loop, memory_order_release);
	return e;
}

static bool
is_rung(struct ceilings *c)
{
	bool rung;

	lock_take(&c->lock);
	rung = c->rung;
	lock_give(&c->lock);
	return rung;
}

void
ceiling_stop(struct ceilings *c, struct fiber *f)
{
	if (atomic_load(&c->loop) == NULL)
		return;
	c->stopper = f;
	if (c->fiber != NULL)
		fiber_wake(c->fiber);
	while (c->fiber != NULL || c->listener != NULL)
		(void)!fiber_park(f, NANOS_NEVER);
	atomic_store(&c->loop, NULL);
	/* A last letter of another thread may be under way. */
	while (is_rung(c))
		(void)!fiber_sleep(f, fiber_loop(f)->now + NANOS_PER_MS);
}

void
ceiling_close(struct ceilings *c)
{
	if (c == NULL)
		return;
	while (c->told != NULL) {
		struct told *t = c->told;

		c->told = t->next;
		free(t);
	}
	holds_release(&c->holds);
	lock_release(&c->lock);
	free(c);
}
