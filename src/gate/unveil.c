/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/unveil.h"

#include "gate/request.h"
#include "run/fiber.h"

/* What this caller must not see, and what nobody must. */
static void
forbid_types(const struct request *r, struct outlet_rules *rules)
{
	const struct policy *p = &r->snapshot->policy;

	rules->parts = DETECT_SECRETS;
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		struct label label = policy_close(p, r->snapshot->rules->type[i].label);
		bool secret = type_is_secret((enum detect_type)i);

		if (!secret && label_may_flow(label, facts_bound(p, &r->facts)->ceiling))
			continue;
		rules->types[i / 64] |= UINT64_C(1) << i % 64;
		if (!secret)
			rules->parts = DETECT_ALL;
	}
}

static enum err
watch_rules(struct request *r, const struct vault *vault, struct outlet_rules **out)
{
	const struct handling *h = &r->snapshot->handling[r->facts.workload];
	struct outlet_rules *rules;

	*out = NULL;
	if (h->watch == WATCH_OFF)
		return ERR_OK;
	if ((rules = *out = arena_zero(&r->arena, sizeof *rules)) == NULL)
		return ERR_MEMORY;
	*rules = (struct outlet_rules){
		.mode = h->watch,
		.guard = {
			.host = h->host, .hosts = h->host_count,
			.canary = &h->canary, .canaries = h->canary.len > 0,
			.vault = vault,
		},
		.rules = r->snapshot->rules,
		.dictionary = r->snapshot->dictionary,
		.scratch = &r->event,
		.wide = r->gate->loop->wide,
	};
	forbid_types(r, rules);
	return ERR_OK;
}

/* Values go back where anything was masked; somebody watches where he should. */
enum err
unveil_open(struct request *r)
{
	const struct hash_key none = { { 0, 0 } };
	bool masked = request_is_masked(r);
	struct outlet_rules *rules;
	struct vault *vault;
	enum err e;

	if (r->unmask != NULL || !request_is_read(r))
		return ERR_OK;
	if (masked) {
		vault = &r->cover->vault;
	} else {
		if ((vault = arena_alloc(&r->arena, sizeof *vault)) == NULL)
			return ERR_MEMORY;
		vault_init(vault, &r->arena, none, 0);
	}
	if ((e = watch_rules(r, vault, &rules)) != ERR_OK)
		return e;
	r->unmask = unmask_new(&r->arena, &r->gate->memory->memory, vault, rules);
	return r->unmask == NULL ? ERR_MEMORY : ERR_OK;
}

enum err
unveil_answer(struct request *r)
{
	enum err e = unveil_open(r);
	struct json_reading *reading;
	struct json_fault fault;
	struct json json;

	if (e != ERR_OK || r->unmask == NULL)
		return e;
	/* While others have their turns the answer must not lie where they read. */
	r->answer = arena_copy(&r->arena, r->answer);
	reading = json_begin(&r->work, r->answer, JSON_DUPLICATES_KEPT | request_wide(r));
	if (reading == NULL || arena_overflowed(&r->arena))
		return ERR_MEMORY;
	while (!json_step(reading, JSON_STEP_BYTES))
		(void)!fiber_yield(r->fiber);
	e = json_end(reading, &json, &fault);
	return e == ERR_OK ? unmask_whole(r->unmask, &json, &r->answer) : e;
}

enum err
unveil_error(struct request *r)
{
	struct json_fault fault;
	struct json json;
	enum err e;

	if (r->upstream_body.len == 0)
		return ERR_OK;
	e = unveil_open(r);
	if (e != ERR_OK || r->unmask == NULL)
		return e;
	arena_reset(&r->work);
	e = json_parse(&r->work, r->upstream_body, JSON_DUPLICATES_KEPT, &json, &fault);
	return e == ERR_OK ? unmask_whole(r->unmask, &json, &r->upstream_body) : e;
}
