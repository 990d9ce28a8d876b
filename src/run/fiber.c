/* SPDX-License-Identifier: Apache-2.0 */
#include "run/fiber.h"

#include <stdlib.h>

#include "core/limit.h"
#include "run/fiber_pool.h"
#include "run/loop.h"
#include "run/stack.h"

/*
 * A fiber's struct sits at the top of its own stack, on the page that its
 * first frames touch anyway:
 *
 *   low                                                            high
 *   [guard][ …  untouched … ◀── frames ──][ struct fiber ]
 *
 * Switching is Boost.Context's, through its C ABI.  A fiber's main function
 * returns into fiber_begin(), which parks the stack in the pool and waits for
 * the next main; no context ever ends, for under AddressSanitizer an ending
 * one would take the thread's own fake stack with it.
 */

struct transfer {
	void	*context;
	void	*data;
};

extern struct transfer jump_fcontext(void *to, void *data);
extern void *make_fcontext(void *top, size_t bytes, void (*begin)(struct transfer));

#if defined(__SANITIZE_ADDRESS__)
#define WITH_ASAN 1
#endif
#if defined(__SANITIZE_THREAD__)
#define WITH_TSAN 1
#endif
#if defined(__has_feature)
#if __has_feature(address_sanitizer)
#define WITH_ASAN 1
#endif
#if __has_feature(thread_sanitizer)
#define WITH_TSAN 1
#endif
#endif

#ifdef WITH_ASAN
void __sanitizer_start_switch_fiber(void **save, const void *bottom, size_t bytes);
void __sanitizer_finish_switch_fiber(void *saved, const void **bottom, size_t *bytes);
#endif
#ifdef WITH_TSAN
void *__tsan_get_current_fiber(void);
void *__tsan_create_fiber(unsigned flags);
void __tsan_destroy_fiber(void *);
void __tsan_switch_to_fiber(void *, unsigned flags);
#endif
#if defined(__has_include)
#if __has_include(<valgrind/valgrind.h>)
#include <valgrind/valgrind.h>
#define announce_stack(low, high)	((void)VALGRIND_STACK_REGISTER(low, high))
#endif
#endif
#ifndef announce_stack
#define announce_stack(low, high)	((void)(low), (void)(high))
#endif

#define SLAB_STACKS	64

/* AddressSanitizer remembers what lay on a stack, and would find it in whatever comes there. */
#ifdef WITH_ASAN
#define MAY_GIVE_BACK	false
#else
#define MAY_GIVE_BACK	true
#endif

enum state {
	FREE,
	READY,
	RUNNING,
	PARKED,
};

struct fiber {
	struct loop	*loop;
	struct fiber	*next;		/* ready list, or free list */
	struct fiber	*newer, *older;	/* among the living */
	void		*context;	/* while it does not run */
	char		*low;		/* of its stack */
	struct stack_slab *slab;	/* that its stack lies in */
	fiber_main	*main;
	void		*arg;
	const char	*name;
	uint64_t	 number;
	uint64_t	 suspensions;
	nanos		 born;
	nanos		 deadline;	/* of its park */
	struct timer	 timer;		/* fires at or before the deadline */
	enum state	 state;
	bool		 woken;		/* a wake that no park has seen yet */
	bool		 expired;
	bool		 cancelled;
	bool		 shielded;
	void		*sanitizer;	/* ASan's fake stack while parked, or TSan's fiber */
};

struct fiber_pool {
	struct stack_slab	*slabs;
	struct fiber		*free;
	struct fiber		*newest;	/* of the living */
	struct fiber		*running;
	void			*loop_context;	/* while a fiber runs */
	size_t			 count;		/* that exist, free ones included */
	size_t			 empty;		/* slabs without a living fiber */
	size_t			 living;
	uint64_t		 born;
	struct fiber		*later_head, **later_tail;	/* yielded: next turn */
	void			*loop_sanitizer;
	const void		*loop_bottom;	/* the thread's stack, as ASan tells it */
	size_t			 loop_bytes;
};

static void fiber_begin(struct transfer);
static bool more_stacks(struct loop *);
static void retire(struct fiber *);
static void fire(struct timer *, nanos);

struct fiber_pool *
fiber_pool_new(void)
{
	struct fiber_pool *pool = calloc(1, sizeof *pool);

	if (pool != NULL)
		pool->later_tail = &pool->later_head;
	return pool;
}

void
fiber_pool_free(struct fiber_pool *pool)
{
	must(pool->living == 0);
	while (pool->slabs != NULL) {
		struct stack_slab *slab = pool->slabs;

		pool->slabs = slab->next;
#ifdef WITH_TSAN
		for (struct fiber *f = pool->free; f != NULL; f = f->next)
			if (f->low >= slab->base &&
			    f->low < slab->base + slab->count * FIBER_STACK_BYTES)
				__tsan_destroy_fiber(f->sanitizer);
		pool->free = NULL;
#endif
		stack_slab_free(slab);
	}
	free(pool);
}

size_t
fiber_pool_living(const struct fiber_pool *pool)
{
	return pool->living;
}

/* To the fiber, until it parks or ends. */
static void
switch_to_fiber(struct fiber_pool *pool, struct fiber *f)
{
	(void)pool;
#ifdef WITH_ASAN
	__sanitizer_start_switch_fiber(&pool->loop_sanitizer, f->low, stack_bytes());
#endif
#ifdef WITH_TSAN
	pool->loop_sanitizer = __tsan_get_current_fiber();
	__tsan_switch_to_fiber(f->sanitizer, 0);
#endif
	struct transfer t = jump_fcontext(f->context, f);

#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(pool->loop_sanitizer, NULL, NULL);
#endif
	f->context = t.context;
}

/* To the loop, until the fiber is made to run again. */
static void
switch_to_loop(struct fiber *f)
{
	struct fiber_pool *pool = f->loop->fibers;
	void *to = pool->loop_context;

	f->suspensions++;
#ifdef WITH_ASAN
	__sanitizer_start_switch_fiber(&f->sanitizer, pool->loop_bottom, pool->loop_bytes);
#endif
#ifdef WITH_TSAN
	__tsan_switch_to_fiber(pool->loop_sanitizer, 0);
#endif
	struct transfer t = jump_fcontext(to, f);

	pool->loop_context = t.context;
#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(f->sanitizer, &pool->loop_bottom, &pool->loop_bytes);
#endif
}

static void
fiber_begin(struct transfer t)
{
	struct fiber *f = t.data;
	struct fiber_pool *pool = f->loop->fibers;

	pool->loop_context = t.context;
#ifdef WITH_ASAN
	__sanitizer_finish_switch_fiber(NULL, &pool->loop_bottom, &pool->loop_bytes);
#endif
	for (;;) {
		f->main(f, f->arg);
		retire(f);
		switch_to_loop(f);
	}
}

enum err
fiber_start(struct loop *loop, const char *name, fiber_main *main, void *arg)
{
	struct fiber_pool *pool = loop->fibers;
	struct fiber *f;

	if (pool->free == NULL && !more_stacks(loop))
		return ERR_OVERLOADED;
	f = pool->free;
	pool->free = f->next;
	must(f->state == FREE);
	if (f->slab->used++ == 0)
		pool->empty--;
	f->main = main;
	f->arg = arg;
	f->name = name;
	f->number = ++pool->born;
	f->born = loop->now;
	f->woken = f->expired = f->cancelled = f->shielded = false;
	f->older = pool->newest;
	f->newer = NULL;
	if (f->older != NULL)
		f->older->newer = f;
	pool->newest = f;
	pool->living++;
	f->state = PARKED;
	fiber_wake(f);
	f->woken = false;
	return ERR_OK;
}

static void
retire(struct fiber *f)
{
	struct fiber_pool *pool = f->loop->fibers;

	if (f->newer != NULL)
		f->newer->older = f->older;
	else
		pool->newest = f->older;
	if (f->older != NULL)
		f->older->newer = f->newer;
	pool->living--;
	if (--f->slab->used == 0)
		pool->empty++;
	f->state = FREE;
	f->next = pool->free;
	pool->free = f;
}

/* Takes the fibers of doomed slabs off the free list. */
static void
forget_doomed(struct loop *loop)
{
	struct fiber **at = &loop->fibers->free;

	while (*at != NULL) {
		struct fiber *f = *at;

		if (!f->slab->doomed) {
			at = &f->next;
			continue;
		}
		*at = f->next;
		timer_clear(&loop->timers, &f->timer);
#ifdef WITH_TSAN
		__tsan_destroy_fiber(f->sanitizer);
#endif
	}
}

/*
 * After a rush, stacks that nobody uses go back to the system: what many
 * strangers once made a worker hold it does not hold for ever.
 */
static void
give_stacks_back(struct loop *loop)
{
	struct fiber_pool *pool = loop->fibers;
	struct stack_slab **at = &pool->slabs, *doomed = NULL;
	size_t kept = 0;

	while (*at != NULL) {
		struct stack_slab *slab = *at;

		if (slab->used > 0 || kept++ < FIBERS_KEPT / SLAB_STACKS) {
			at = &slab->next;
			continue;
		}
		*at = slab->next;
		slab->next = doomed;
		slab->doomed = true;
		doomed = slab;
	}
	forget_doomed(loop);
	while (doomed != NULL) {
		struct stack_slab *next = doomed->next;

		pool->count -= SLAB_STACKS;
		pool->empty--;
		stack_slab_free(doomed);
		doomed = next;
	}
}

/* Runs every ready fiber, those that become ready meanwhile included. */
void
fiber_run_ready(struct loop *loop)
{
	struct fiber_pool *pool = loop->fibers;

	while (loop->ready_head != NULL) {
		struct fiber *f = loop->ready_head;

		loop->ready_head = f->next;
		if (loop->ready_head == NULL)
			loop->ready_tail = &loop->ready_head;
		must(f->state == READY);
		f->state = RUNNING;
		pool->running = f;
		switch_to_fiber(pool, f);
		pool->running = NULL;
	}
	if (MAY_GIVE_BACK && pool->empty > 2 * FIBERS_KEPT / SLAB_STACKS)
		give_stacks_back(loop);
}

/* Fibers that yielded in the last turn are ready in this one; true if there are any. */
bool
fiber_take_later(struct loop *loop)
{
	struct fiber_pool *pool = loop->fibers;

	if (pool->later_head == NULL)
		return false;
	*loop->ready_tail = pool->later_head;
	loop->ready_tail = pool->later_tail;
	pool->later_head = NULL;
	pool->later_tail = &pool->later_head;
	return true;
}

static void
make_ready(struct fiber *f)
{
	struct loop *loop = f->loop;

	f->state = READY;
	f->next = NULL;
	*loop->ready_tail = f;
	loop->ready_tail = &f->next;
}

enum err
fiber_park(struct fiber *f, nanos deadline)
{
	must(f->loop->fibers->running == f);
	if (f->cancelled && !f->shielded)
		return ERR_CANCELLED;
	if (f->woken) {
		f->woken = false;
		return ERR_OK;
	}
	f->deadline = deadline;
	f->expired = false;
	if (deadline != NANOS_NEVER && (f->timer.place == 0 || f->timer.at > deadline) &&
	    timer_set(&f->loop->timers, &f->timer, deadline) != ERR_OK)
		return ERR_MEMORY;
	f->state = PARKED;
	switch_to_loop(f);
	must(f->state == RUNNING);
	f->woken = false;
	if (f->cancelled && !f->shielded)
		return ERR_CANCELLED;
	return f->expired ? ERR_DEADLINE : ERR_OK;
}

enum err
fiber_yield(struct fiber *f)
{
	struct fiber_pool *pool = f->loop->fibers;

	must(pool->running == f);
	f->state = READY;
	f->next = NULL;
	*pool->later_tail = f;
	pool->later_tail = &f->next;
	switch_to_loop(f);
	return f->cancelled && !f->shielded ? ERR_CANCELLED : ERR_OK;
}

uint64_t
fiber_suspensions(const struct fiber *f)
{
	return f->suspensions;
}

enum err
fiber_sleep(struct fiber *f, nanos until)
{
	enum err e;

	do
		e = fiber_park(f, until);
	while (e == ERR_OK);
	return e == ERR_DEADLINE ? ERR_OK : e;
}

void
fiber_wake(struct fiber *f)
{
	if (f->state == PARKED)
		make_ready(f);
	f->woken = true;
}

void
fiber_cancel(struct fiber *f)
{
	if (f->cancelled)
		return;
	f->cancelled = true;
	if (f->state == PARKED && !f->shielded)
		make_ready(f);
}

bool
fiber_is_cancelled(const struct fiber *f)
{
	return f->cancelled;
}

void
fiber_shield(struct fiber *f, bool on)
{
	f->shielded = on;
}

void
fiber_name(struct fiber *f, const char *name)
{
	f->name = name;
}

struct loop *
fiber_loop(const struct fiber *f)
{
	return f->loop;
}

void
fiber_each(struct loop *loop, void (*see)(void *, const struct fiber_sight *), void *ctx)
{
	for (struct fiber *f = loop->fibers->newest; f != NULL; f = f->older) {
		struct fiber_sight sight = {
			.name = f->name,
			.number = f->number,
			.born = f->born,
			.deadline = f->state == PARKED ? f->deadline : NANOS_NEVER,
			.stack_bytes = stack_touched(f->low),
			.cancelled = f->cancelled,
		};

		see(ctx, &sight);
	}
}

/*
 * The timer of a fiber is left where it is when a park ends, so most parks set
 * none: it fires early, finds out when it is really wanted, and sets itself.
 */
static void
fire(struct timer *t, nanos now)
{
	struct fiber *f = (struct fiber *)((char *)t - offsetof(struct fiber, timer));

	if (f->state != PARKED || f->deadline == NANOS_NEVER)
		return;
	if (now >= f->deadline) {
		f->expired = true;
		make_ready(f);
	} else {
		/* The heap had room for it a moment ago. */
		must(timer_set(&f->loop->timers, t, f->deadline) == ERR_OK);
	}
}

static bool
more_stacks(struct loop *loop)
{
	struct fiber_pool *pool = loop->fibers;

	if (pool->count + SLAB_STACKS > FIBER_MAX)
		return false;
	struct stack_slab *slab = stack_slab_new(SLAB_STACKS);

	if (slab == NULL)
		return false;
	slab->next = pool->slabs;
	pool->slabs = slab;
	pool->count += SLAB_STACKS;
	pool->empty++;
	for (size_t i = SLAB_STACKS; i-- > 0;) {
		char *low = stack_low(slab, i);
		size_t bytes = (stack_bytes() - sizeof(struct fiber)) & ~(size_t)63;
		struct fiber *f = (struct fiber *)(void *)(low + bytes);

		*f = (struct fiber){ .loop = loop, .low = low, .slab = slab,
		    .timer.fire = fire };
		f->context = make_fcontext(low + bytes, bytes, fiber_begin);
		announce_stack(low, low + stack_bytes());
#ifdef WITH_TSAN
		f->sanitizer = __tsan_create_fiber(0);
#endif
		f->next = pool->free;
		pool->free = f;
	}
	return true;
}
