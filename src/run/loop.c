/* SPDX-License-Identifier: Apache-2.0 */
#include "run/loop.h"

#include <stdatomic.h>

#include "core/limit.h"
#include "run/fiber.h"
#include "run/fiber_pool.h"
#include "run/net.h"
#include "run/net_event.h"

static void open_letters(struct loop *);

enum err
loop_open(struct loop *loop, struct jobs *jobs)
{
	*loop = (struct loop){ .poll = -1, .bell = -1, .jobs = jobs, .wide = kernel_is_wide() };
	loop->ready_tail = &loop->ready_head;
	loop->now = kernel_now();
	loop->fibers = fiber_pool_new();
	if (loop->fibers == NULL)
		return ERR_MEMORY;
	loop->poll = kernel_poll_open();
	loop->bell = kernel_bell_open();
	if (loop->poll < 0 || loop->bell < 0 ||
	    kernel_poll_add(loop->poll, loop->bell, NULL) < 0) {
		if (loop->poll >= 0)
			kernel_close(loop->poll);
		if (loop->bell >= 0)
			kernel_close(loop->bell);
		fiber_pool_free(loop->fibers);
		return ERR_IO;
	}
	must(pthread_mutex_init(&loop->letters_lock, NULL) == 0);
	return ERR_OK;
}

void
loop_close(struct loop *loop)
{
	open_letters(loop);
	/* Free fibers leave their timers set, and lie in their own stacks. */
	timers_release(&loop->timers);
	fiber_pool_free(loop->fibers);
	kernel_close(loop->bell);
	kernel_close(loop->poll);
	must(pthread_mutex_destroy(&loop->letters_lock) == 0);
}

void
loop_run(struct loop *loop)
{
	loop->stopping = false;
	while (!loop->stopping)
		loop_turn(loop, NANOS_NEVER);
}

void
loop_turn(struct loop *loop, nanos until)
{
	struct kernel_event *event = loop->event;
	nanos first = timers_next(&loop->timers), wait = NANOS_NEVER;
	bool rung = false;
	int count;

	if (first > until)
		first = until;
	if (fiber_take_later(loop) || loop->ready_head != NULL)
		wait = 0;
	else if (first != NANOS_NEVER)
		wait = first > loop->now ? first - loop->now : 0;
	count = kernel_poll_wait(loop->poll, event, LOOP_EVENTS_MAX, wait);
	loop->now = kernel_now();
	loop->turn++;
	if (loop->beat != NULL)
		atomic_store_explicit(loop->beat, loop->turn, memory_order_relaxed);
	for (int i = 0; i < count; i++)
		if (event[i].data == NULL)
			rung = true;
		else
			net_event(event[i].data, event[i].ready);
	/* A letter may close sockets, so it waits until the last event was told. */
	if (rung) {
		kernel_bell_hush(loop->bell);
		open_letters(loop);
	}
	fiber_run_ready(loop);
	timers_fire(&loop->timers, loop->now);
	if (count > 0 && kernel_now() - loop->now > FIBER_SLICE_MS_MAX * NANOS_PER_MS)
		loop->slow_turns++;
}

void
loop_stop(struct loop *loop)
{
	loop->stopping = true;
}

void
loop_post(struct loop *loop, struct letter *letter)
{
	must(pthread_mutex_lock(&loop->letters_lock) == 0);
	letter->next = loop->letters;
	loop->letters = letter;
	/* Rung under the lock, so that a loop that is being closed was heard first. */
	kernel_bell_ring(loop->bell);
	must(pthread_mutex_unlock(&loop->letters_lock) == 0);
}

static void
open_letters(struct loop *loop)
{
	struct letter *newest, *oldest = NULL;

	must(pthread_mutex_lock(&loop->letters_lock) == 0);
	newest = loop->letters;
	loop->letters = NULL;
	must(pthread_mutex_unlock(&loop->letters_lock) == 0);
	while (newest != NULL) {
		struct letter *next = newest->next;

		newest->next = oldest;
		oldest = newest;
		newest = next;
	}
	while (oldest != NULL) {
		struct letter *next = oldest->next;

		oldest->open(oldest, loop);
		oldest = next;
	}
}
