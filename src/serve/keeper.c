/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/keeper.h"

#include <stdlib.h>

#include "core/limit.h"
#include "gate/gate.h"
#include "run/fiber.h"

#define LOOK_EVERY	NANOS_PER_S
#define END_EVERY	NANOS_PER_MS

struct fetching {
	struct fetching		*next;
	struct keeper		*keeper;
	struct binding		*binding;	/* of the snapshot that has the issuer */
	const struct issuer	*issuer;
	struct fiber		*fiber;		/* NULL until it runs */
};

/* "corp: 3 keys", or "corp: why there are none". */
static void
tell(struct log *log, const struct issuer *issuer, const struct fetched *fetched, uint32_t keys)
{
	char room[NAME_BYTES_MAX + 200];
	struct text t;

	text_init(&t, room, sizeof room);
	text_put(&t, issuer->name);
	text_put(&t, S(": "));
	if (keys == 0) {
		text_put(&t, text_slice(&fetched->why));
		log_event(log, S("error"), S("issuer_keys_failed"), text_slice(&t));
		return;
	}
	text_put_number(&t, keys);
	text_put(&t, keys == 1 ? S(" key") : S(" keys"));
	log_event(log, S("info"), S("issuer_keys"), text_slice(&t));
}

static void
fetch_main(struct fiber *f, void *arg)
{
	struct fetching *job = arg, **at;
	struct keeper *k = job->keeper;
	struct loop *loop = fiber_loop(f);
	struct fetched fetched;
	uint32_t keys;

	job->fiber = f;
	if (k->stopping)
		fiber_cancel(f);
	fetch_keys(f, &k->gate->pool, job->issuer, loop->now + JWKS_WAIT_MS * NANOS_PER_MS,
	    &fetched);
	keys = fetched.set == NULL ? 0 : jwks_count(fetched.set);
	if (trust_end(k->trust, job->issuer, &fetched, loop->now) && !k->stopping)
		tell(&k->gate->log, job->issuer, &fetched, keys);
	for (at = &k->fetches; *at != job; at = &(*at)->next)
		continue;
	*at = job->next;
	binding_drop(job->binding);
	free(job);
}

/* Without memory or a fiber it is tried again as if the fetch had failed. */
static void
start_fetch(struct keeper *k, const struct issuer *issuer)
{
	struct fetched none = { .set = NULL };
	struct fetching *job = malloc(sizeof *job);

	if (job != NULL) {
		*job = (struct fetching){
			k->fetches, k, fleet_hold(&k->gate->fleet), issuer, NULL,
		};
		k->fetches = job;
		if (fiber_start(k->gate->loop, "issuer keys", fetch_main, job) == ERR_OK)
			return;
		k->fetches = job->next;
		binding_drop(job->binding);
		free(job);
	}
	(void)trust_end(k->trust, issuer, &none, k->gate->loop->now);
}

static void
keeper_main(struct fiber *f, void *arg)
{
	struct keeper *k = arg;
	struct loop *loop = fiber_loop(f);

	k->fiber = f;
	trust_attend(k->trust, loop, f);
	while (!k->stopping && !fiber_is_cancelled(f)) {
		const struct snapshot *s = k->gate->fleet.current->snapshot;

		for (uint32_t i = 0; i < s->issuer_count; i++)
			if (trust_begin(k->trust, &s->issuer[i], loop->now))
				start_fetch(k, &s->issuer[i]);
		/* A token, or who stops it, wakes it sooner. */
		(void)!fiber_park(f, loop->now + LOOK_EVERY);
	}
	trust_attend(k->trust, NULL, NULL);
	k->fiber = NULL;
}

enum err
keeper_start(struct keeper *k, struct trust *trust, struct gate *gate)
{
	*k = (struct keeper){ .trust = trust, .gate = gate };
	return fiber_start(gate->loop, "keeper", keeper_main, k);
}

void
keeper_stop(struct keeper *k, struct fiber *f)
{
	k->stopping = true;
	if (k->fiber != NULL)
		fiber_wake(k->fiber);
	for (struct fetching *job = k->fetches; job != NULL; job = job->next)
		if (job->fiber != NULL)
			fiber_cancel(job->fiber);
	while (k->fiber != NULL || k->fetches != NULL)
		if (fiber_sleep(f, fiber_loop(f)->now + END_EVERY) != ERR_OK)
			break;
}
