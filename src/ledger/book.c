/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/book.h"

#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/limit.h"
#include "ledger/notary.h"
#include "ledger/recover.h"
#include "ledger/retain.h"
#include "ledger/spool.h"
#include "run/fiber.h"
#include "run/file.h"
#include "run/job.h"
#include "run/kernel.h"
#include "run/lock.h"
#include "run/loop.h"

/* Somebody who waits for a batch; on the stack of his fiber, which does not go on before `done`. */
struct ticket {
	struct letter	 letter;	/* must be first */
	struct ticket	*next;
	struct fiber	*fiber;
	struct loop	*loop;
	enum err	(*work)(struct store *, void *);	/* NULL: an entry alone */
	void		*arg;
	const struct entry *entry;	/* NULL: none */
	enum err	 outcome;
	bool		 done;		/* written and read on the loop's thread */
};

/* What goes into one transaction. */
struct load {
	struct items	 items;
	struct ticket	*ticket, **last;
};

struct book {
	int		 lock_fd;
	char		*folder;		/* of malloc() */
	struct store	*store, *reader;	/* the reader under its lock */
	struct lock	 reading;
	struct batch	 batch;			/* of the thread that writes */
	struct notary	 notary;		/* the same */
	bool		 sign_now;		/* the same: somebody waits for a head */
	struct spool	 spool;
	struct jobs	*jobs;			/* one thread; NULL: none, work is done in place */

	struct lock	 lock;			/* of the next four */
	struct load	 filling;
	bool		 rung;			/* the bell's letter is under way */
	bool		 urgent;		/* somebody waits */
	bool		 stopped;

	struct load	 writing;		/* of the fiber and its job, in turns */
	struct letter	 bell;
	struct loop	*loop;			/* of the fiber */
	struct fiber	*fiber;			/* NULL: none writes */
	struct fiber	*stopper;		/* waits for its end */

	_Atomic(size_t)	 waiting_bytes;
	_Atomic(bool)	 failing;
	_Atomic(uint64_t) entries, batches, failures, lost, spooled_bytes;
	_Atomic(int64_t) commit;
};

static struct book *
book_of(struct letter *bell)
{
	return (struct book *)((char *)bell - offsetof(struct book, bell));
}

/* ---- one transaction; on the book's thread ---- */

static enum err
run_ticket(struct book *b, struct ticket *t)
{
	enum err e = t->work != NULL ? t->work(b->store, t->arg) : ERR_OK;

	t->outcome = e;
	/* What cannot be written undoes the batch; what is refused has changed nothing. */
	if (e == ERR_IO || e == ERR_STORE_BROKEN)
		return e;
	return e == ERR_OK && t->entry != NULL ? batch_put(&b->batch, t->entry) : ERR_OK;
}

static bool
is_head_due(const struct book *b)
{
	nanos due = notary_due(&b->notary, b->batch.tree.size);

	return due <= kernel_now() || (b->sign_now && due != NANOS_NEVER);
}

static enum err
write_load(struct book *b)
{
	struct slice items = slice_of(b->writing.items.ptr, b->writing.items.len);
	enum err e = batch_begin(&b->batch);

	if (e != ERR_OK)
		return e;
	e = batch_put_all(&b->batch, items);
	for (struct ticket *t = b->writing.ticket; t != NULL && e == ERR_OK; t = t->next)
		e = run_ticket(b, t);
	if (e == ERR_OK && is_head_due(b))
		e = notary_sign(&b->notary, &b->batch);
	b->sign_now = false;
	if (e == ERR_OK)
		e = batch_commit(&b->batch);
	if (e != ERR_OK) {
		batch_rollback(&b->batch);
		b->notary.size = 0;
	}
	return e;
}

/* Nobody who waited has what he waited for; entries of others go where there is still room. */
static void
fail_load(struct book *b)
{
	struct slice items = slice_of(b->writing.items.ptr, b->writing.items.len);
	struct entry entry;
	size_t at = 0;

	for (struct ticket *t = b->writing.ticket; t != NULL; t = t->next)
		t->outcome = ERR_RECORD_FAILED;
	if (items.len == 0 || spool_put(&b->spool, &b->batch, items) == ERR_OK)
		return;
	while (items_next(items, &at, &entry))
		atomic_fetch_add(&b->lost, 1);
}

static void
write_job(void *arg)
{
	struct book *b = arg;
	nanos began = kernel_now();
	enum err e = spool_drain(&b->spool, &b->batch);

	if (e == ERR_OK)
		e = write_load(b);
	if (e != ERR_OK)
		fail_load(b);
	atomic_store(&b->failing, e != ERR_OK);
	atomic_fetch_add(e == ERR_OK ? &b->batches : &b->failures, 1);
	atomic_store(&b->commit, kernel_now() - began);
	atomic_store(&b->entries, b->batch.tree.size);
	atomic_store(&b->spooled_bytes, b->spool.waits ? b->spool.bytes : 0);
}

/* ---- the queue ---- */

static void
load_init(struct load *l)
{
	*l = (struct load){ .last = &l->ticket };
}

/* What waits becomes what is written; the buffers change places. */
static void
take_load(struct book *b)
{
	struct items spare = b->writing.items;

	lock_take(&b->lock);
	b->writing.items = b->filling.items;
	b->writing.ticket = b->filling.ticket;
	load_init(&b->filling);
	b->filling.items = (struct items){ spare.ptr, 0, spare.room };
	b->urgent = false;
	atomic_store(&b->waiting_bytes, 0);
	lock_give(&b->lock);
}

static void
tell_done(struct letter *letter, struct loop *loop)
{
	struct ticket *t = (struct ticket *)letter;

	(void)loop;
	t->done = true;
	fiber_wake(t->fiber);
}

/* With its letter a ticket is its fiber's again, and may be gone. */
static void
give_back(struct book *b)
{
	for (struct ticket *t = b->writing.ticket, *next; t != NULL; t = next) {
		next = t->next;
		loop_post(t->loop, &t->letter);
	}
	b->writing.ticket = NULL;
	b->writing.items.len = 0;
}

static void
ring(struct letter *letter, struct loop *loop)
{
	struct book *b = book_of(letter);

	(void)loop;
	lock_take(&b->lock);
	b->rung = false;
	lock_give(&b->lock);
	if (b->fiber != NULL)
		fiber_wake(b->fiber);
}

/* Under the lock: wakes the writer for the first entry, and once more for who waits. */
static void
call_writer(struct book *b, bool urgent, bool first)
{
	bool call = first || (urgent && !b->urgent);

	b->urgent = b->urgent || urgent;
	if (!call || b->rung || b->loop == NULL)
		return;
	b->rung = true;
	loop_post(b->loop, &b->bell);
}

static enum err
put(struct book *b, const struct entry *entry, struct ticket *ticket)
{
	bool first;
	enum err e = ERR_OK;

	lock_take(&b->lock);
	first = b->filling.items.len == 0 && b->filling.ticket == NULL;
	if (b->stopped || (ticket == NULL &&
	    b->filling.items.len + entry->line.len > BOOK_WAITING_BYTES_MAX))
		e = ERR_RECORD_FAILED;
	else if (ticket == NULL)
		e = items_add(&b->filling.items, entry);
	else {
		*b->filling.last = ticket;
		b->filling.last = &ticket->next;
	}
	if (e == ERR_OK) {
		atomic_store_explicit(&b->waiting_bytes, b->filling.items.len,
		    memory_order_relaxed);
		call_writer(b, ticket != NULL, first);
	}
	lock_give(&b->lock);
	return e;
}

enum err
book_append(struct book *b, const struct entry *entry)
{
	enum err e = put(b, entry, NULL);

	if (e == ERR_OK)
		return ERR_OK;
	atomic_fetch_add(&b->lost, 1);
	return ERR_RECORD_FAILED;
}

/* As job_run(): only a fiber without a shield hears of its cancellation, and waits all the same. */
static enum err
wait(struct book *b, struct ticket *t)
{
	bool shielded = false;
	enum err e;

	/* Tried again by entries that wait for nothing; whoever waits need not wait for that. */
	if (atomic_load(&b->failing) && t->work == NULL)
		return ERR_RECORD_FAILED;
	if ((e = put(b, NULL, t)) != ERR_OK)
		return e;
	while (!t->done)
		if (fiber_park(t->fiber, NANOS_NEVER) == ERR_CANCELLED && !shielded) {
			fiber_shield(t->fiber, true);
			shielded = true;
		}
	if (shielded)
		fiber_shield(t->fiber, false);
	return t->outcome;
}

/*
 * For a command, which has no fiber that could wait, and whose thread is the only one.  A worker's
 * waits for the start: another may be serving before the first one has come to that.
 */
static enum err
write_in_place(struct book *b, struct ticket *t)
{
	must(b->loop == NULL && b->writing.ticket == NULL && b->writing.items.len == 0);
	b->writing.ticket = t;
	write_job(b);
	b->writing.ticket = NULL;
	return t->outcome;
}

enum err
book_commit(struct book *b, struct fiber *f, const struct entry *entry)
{
	return book_write(b, f, NULL, NULL, entry);
}

enum err
book_write(struct book *b, struct fiber *f, enum err (*work)(struct store *, void *), void *arg,
    const struct entry *entry)
{
	struct ticket t = {
		.letter.open = tell_done, .fiber = f, .work = work, .arg = arg, .entry = entry,
	};

	must(work != NULL || entry != NULL);
	if (f == NULL)
		return write_in_place(b, &t);
	t.loop = fiber_loop(f);
	return wait(b, &t);
}

static enum err
want_head(struct store *s, void *arg)
{
	struct book *b = arg;

	(void)s;
	b->sign_now = true;
	return ERR_OK;
}

enum err
book_sign(struct book *b, struct fiber *f)
{
	return book_write(b, f, want_head, b, NULL);
}

enum err
book_prune(struct book *b, struct fiber *f, uint64_t from, uint64_t to, struct slice by)
{
	enum err e = ERR_OK;

	while (from < to && e == ERR_OK) {
		uint64_t end = to - from < RETAIN_STEP ? to : from + RETAIN_STEP;
		struct retain_step step = { from, end, by };
		char room[RETAIN_LINE_BYTES];
		struct entry entry;
		struct text line;

		text_init(&line, room, sizeof room);
		retain_put(&line, &step, kernel_wall());
		entry = (struct entry){ .line = text_slice(&line) };
		e = text_overflowed(&line) ? ERR_MEMORY :
		    book_write(b, f, retain_prune, &step, &entry);
		from = end;
	}
	return e;
}

bool
book_is_full(const struct book *b)
{
	return atomic_load_explicit(&b->waiting_bytes, memory_order_relaxed) >
	    BOOK_WAITING_BYTES_MAX / 2;
}

/* ---- the fiber that writes ---- */

static bool
is_empty(struct book *b)
{
	bool empty;

	lock_take(&b->lock);
	empty = b->filling.items.len == 0 && b->filling.ticket == NULL;
	lock_give(&b->lock);
	return empty;
}

/*
 * Until there is something to write, at once for who waits and gathered for a while for the rest,
 * or a head is due.
 */
static void
await(struct book *b, struct fiber *f)
{
	nanos now = fiber_loop(f)->now;
	nanos until = atomic_load(&b->failing) ? now + BOOK_RETRY_MS * NANOS_PER_MS : NANOS_NEVER;
	nanos head;
	bool gathers = false;

	while (b->stopper == NULL) {
		bool urgent, empty = is_empty(b);

		lock_take(&b->lock);
		urgent = b->urgent;
		lock_give(&b->lock);
		if (urgent)
			return;
		if (!empty && !gathers)
			until = fiber_loop(f)->now + BOOK_BATCH_MS * NANOS_PER_MS;
		gathers = gathers || !empty;
		head = atomic_load(&b->failing) ? NANOS_NEVER :
		    notary_due(&b->notary, b->batch.tree.size);
		if (fiber_park(f, head < until ? head : until) == ERR_DEADLINE)
			return;
	}
}

static void
write_main(struct fiber *f, void *arg)
{
	struct book *b = arg;

	fiber_shield(f, true);
	b->fiber = f;
	do {
		await(b, f);
		take_load(b);
		/* One fiber asks that thread, so its queue is never full. */
		must(job_run_on(f, b->jobs, write_job, b) == ERR_OK);
		give_back(b);
	} while (b->stopper == NULL || !is_empty(b));
	/* The last head says how it ended. */
	b->notary.every = 0;
	if (notary_due(&b->notary, b->batch.tree.size) != NANOS_NEVER)
		must(job_run_on(f, b->jobs, write_job, b) == ERR_OK);
	b->fiber = NULL;
	fiber_wake(b->stopper);
}

enum err
book_start(struct book *b, struct loop *loop)
{
	enum err e = ERR_OK;

	/* A loop without threads does its work in place. */
	if (loop->jobs != NULL && (e = jobs_open(&b->jobs, 1)) != ERR_OK)
		return e;
	/* Other threads may append already; what they left is seen by the fiber's first look. */
	lock_take(&b->lock);
	b->bell.open = ring;
	b->loop = loop;
	lock_give(&b->lock);
	return fiber_start(loop, "book", write_main, b);
}

void
book_stop(struct book *b, struct fiber *f)
{
	if (b->fiber == NULL)
		return;
	b->stopper = f;
	fiber_wake(b->fiber);
	while (b->fiber != NULL)
		(void)!fiber_park(f, NANOS_NEVER);
	lock_take(&b->lock);
	b->stopped = true;
	b->loop = NULL;
	lock_give(&b->lock);
}

/* ---- reading ---- */

struct question {
	struct book	*book;
	enum err	(*work)(struct store *, void *);
	void		*arg;
	enum err	 outcome;
};

static void
read_job(void *arg)
{
	struct question *q = arg;
	struct book *b = q->book;
	char room[512];
	struct text why;

	text_init(&why, room, sizeof room);
	lock_take(&b->reading);
	q->outcome = b->reader != NULL ? ERR_OK :
	    store_open(&b->reader, b->folder, STORE_READ, &why);
	if (q->outcome == ERR_OK)
		q->outcome = q->work(b->reader, q->arg);
	lock_give(&b->reading);
}

enum err
book_read(struct book *b, struct fiber *f, enum err (*work)(struct store *, void *), void *arg)
{
	struct question q = { .book = b, .work = work, .arg = arg };
	enum err e = job_run(f, read_job, &q);

	return e == ERR_OK ? q.outcome : e;
}

struct store *
book_store(struct book *b)
{
	must(b->loop == NULL);
	return b->store;
}

/* ---- its life ---- */

static int
lock_folder(struct book *b)
{
	char *path = file_path(b->folder, S("lock"));
	int error = path == NULL ? -ENOMEM : kernel_folder_make(b->folder);

	if (error >= 0)
		error = b->lock_fd = kernel_file_lock(path);
	free(path);
	return error;
}

static enum err
take_folder(struct book *b, struct text *why)
{
	int error = lock_folder(b);

	if (error >= 0)
		return ERR_OK;
	text_put(why, S("the data folder "));
	text_put(why, slice_of(b->folder, strlen(b->folder)));
	if (error == -EWOULDBLOCK) {
		text_put(why, S(" is in use by another gateway; give each its own `data`"));
		return ERR_CONF;
	}
	text_put(why, S(" cannot be used: "));
	text_put(why, slice_of(strerror(-error), strlen(strerror(-error))));
	return ERR_IO;
}

/* What the last process left, before anything new. */
static enum err
take_over(struct book *b, struct text *why)
{
	uint64_t closed = 0;
	enum err e = spool_drain(&b->spool, &b->batch);

	if (e == ERR_OK)
		e = recover_open(&b->batch, kernel_wall(), &closed);
	if (e != ERR_OK) {
		text_put(why, S("the ledger cannot be written: "));
		text_put(why, store_complaint(b->store));
	}
	atomic_store(&b->entries, b->batch.tree.size);
	return e;
}

static enum err
open_parts(struct book *b, const struct book_plan *plan, struct text *why)
{
	enum err e = store_open(&b->store, b->folder, STORE_WRITE, why);

	if (e == ERR_OK)
		e = batch_open(&b->batch, b->store, why);
	if (e == ERR_OK)
		e = notary_open(&b->notary, b->folder, plan->origin, why);
	if (e == ERR_OK && (e = notary_resume(&b->notary, b->store)) != ERR_OK)
		text_put(why, store_complaint(b->store));
	if (e == ERR_OK)
		e = spool_open(&b->spool, &b->batch.digester, b->folder, why);
	/* A key that is gone, a store of another program: nobody else has the folder. */
	if (e == ERR_CONF)
		e = ERR_STORE_BROKEN;
	return e == ERR_OK ? take_over(b, why) : e;
}

enum err
book_open(struct book **out, const struct book_plan *plan, struct text *why)
{
	struct book *b = calloc(1, sizeof *b);
	enum err e;

	if (b == NULL || (b->folder = strdup(plan->folder)) == NULL) {
		free(b);
		text_put(why, S("no memory for the ledger"));
		return ERR_MEMORY;
	}
	b->lock_fd = b->spool.fd = -1;
	b->notary.every = plan->head_every;
	lock_init(&b->lock);
	lock_init(&b->reading);
	load_init(&b->filling);
	load_init(&b->writing);
	if ((e = take_folder(b, why)) == ERR_OK)
		e = open_parts(b, plan, why);
	if (e == ERR_OK)
		*out = b;
	else
		book_close(b);
	return e;
}

void
book_close(struct book *b)
{
	if (b == NULL)
		return;
	jobs_close(b->jobs);
	if (b->batch.store != NULL && b->filling.items.len > 0) {
		take_load(b);
		write_job(b);
	}
	items_release(&b->filling.items);
	items_release(&b->writing.items);
	spool_close(&b->spool);
	notary_close(&b->notary);
	if (b->batch.store != NULL)
		batch_close(&b->batch);
	store_close(b->reader);
	store_close(b->store);
	if (b->lock_fd >= 0)
		kernel_close(b->lock_fd);
	lock_release(&b->lock);
	lock_release(&b->reading);
	free(b->folder);
	free(b);
}

void
book_look(struct book *b, struct book_sight *out)
{
	*out = (struct book_sight){
		.entries = atomic_load(&b->entries),
		.batches = atomic_load(&b->batches),
		.failures = atomic_load(&b->failures),
		.lost = atomic_load(&b->lost),
		.waiting_bytes = atomic_load(&b->waiting_bytes),
		.spooled_bytes = atomic_load(&b->spooled_bytes),
		.commit = atomic_load(&b->commit),
		.failing = atomic_load(&b->failing),
	};
}
