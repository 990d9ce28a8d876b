/* SPDX-License-Identifier: Apache-2.0 */
#include "run/timer.h"

#include "check.h"

#define TIMERS	2000

struct owner {
	struct timer	 timer;
	struct timers	*timers;
	nanos		 again;		/* sets itself to this when it fires; 0: does not */
	unsigned	 fired;
	nanos		 fired_at;
	struct owner	*clears;	/* clears that one when it fires */
};

static void
fire(struct timer *t, nanos now)
{
	struct owner *o = (struct owner *)t;

	o->fired++;
	o->fired_at = now;
	if (o->clears != NULL)
		timer_clear(o->timers, &o->clears->timer);
	if (o->again != 0)
		must(timer_set(o->timers, t, o->again) == ERR_OK);
}

static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static void
owner_init(struct owner *o, struct timers *timers)
{
	*o = (struct owner){ .timer.fire = fire, .timers = timers };
}

/* The earliest of those that are set, found the slow way. */
static nanos
slow_next(const struct owner *o, size_t count)
{
	nanos first = NANOS_NEVER;

	for (size_t i = 0; i < count; i++)
		if (o[i].timer.place != 0 && o[i].timer.at < first)
			first = o[i].timer.at;
	return first;
}

static void
check_order(void)
{
	static struct owner o[TIMERS];
	struct timers timers = { 0 };
	uint64_t seed = 88172645463325252;
	unsigned wrong = 0, late = 0, early = 0;

	for (size_t i = 0; i < TIMERS; i++)
		owner_init(&o[i], &timers);
	for (size_t step = 0; step < 20000; step++) {
		struct owner *one = &o[next_random(&seed) % TIMERS];
		uint64_t dice = next_random(&seed);

		if (dice % 4 == 0)
			timer_clear(&timers, &one->timer);
		else
			must(timer_set(&timers, &one->timer, (nanos)(dice % 1000)) == ERR_OK);
		if (step % 97 == 0)
			wrong += timers_next(&timers) != slow_next(o, TIMERS);
	}
	check_int(wrong, 0, "after any setting, moving and clearing the next one is the earliest");
	for (nanos now = 0; now < 1000; now += 10) {
		timers_fire(&timers, now);
		late += slow_next(o, TIMERS) <= now;
	}
	for (size_t i = 0; i < TIMERS; i++)
		early += o[i].fired > 0 && o[i].timer.at > o[i].fired_at;
	check_int(late, 0, "everything that is due fires");
	check_int(early, 0, "nothing fires early");
	timers_fire(&timers, 1000);
	check_int((int64_t)timers.count, 0, "nothing is left when all were due");
	check(timers_next(&timers) == NANOS_NEVER, "and the next one is never");
	timers_release(&timers);
}

static void
check_small(void)
{
	struct owner a, b, c;
	struct timers timers = { 0 };

	owner_init(&a, &timers);
	owner_init(&b, &timers);
	owner_init(&c, &timers);
	timer_clear(&timers, &a.timer);
	check(timers.count == 0, "clearing what is not set does nothing");

	must(timer_set(&timers, &a.timer, 10) == ERR_OK);
	must(timer_set(&timers, &a.timer, 30) == ERR_OK);
	timers_fire(&timers, 20);
	check(a.fired == 0 && timers_next(&timers) == 30,
	    "a moved timer does not fire at its old time");
	a.again = 50;
	timers_fire(&timers, 30);
	check(a.fired == 1 && timers_next(&timers) == 50, "a fired timer may set itself again");
	a.again = 40;
	timers_fire(&timers, 60);
	check_int(a.fired, 2, "one that sets itself to the past fires once in a turn");
	a.again = 0;
	timers_fire(&timers, 60);
	check(a.fired == 3 && timers.count == 0, "and again in the next");

	must(timer_set(&timers, &a.timer, 1) == ERR_OK);
	must(timer_set(&timers, &b.timer, 2) == ERR_OK);
	must(timer_set(&timers, &c.timer, 3) == ERR_OK);
	a.clears = &b;
	timers_fire(&timers, 5);
	check(a.fired == 4 && b.fired == 0 && c.fired == 1,
	    "one that is cleared by another in the same turn does not fire");

	must(timer_set(&timers, &b.timer, 2) == ERR_OK);
	timers_release(&timers);
	check(b.timer.place == 0, "releasing leaves no timer set");
}

int
main(void)
{
	check_small();
	check_order();
	return check_done();
}
