/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/reserve.h"

#include "gate/request.h"

/*
 * reserve - the most that this can cost.
 *
 * Over all candidates the dearest counts.  Without a price or a bound it is not
 * known, and nothing is said.
 */

/* A token is at least a byte of text; what cannot be read may be any number of them. */
static bool
most_input(const struct request *r, const struct model *m, uint64_t *out)
{
	*out = r->json.text.len;
	if (!r->use.opaque)
		return true;
	if (m->context_tokens > *out)
		*out = m->context_tokens;
	return m->context_tokens > 0;
}

/* What is asked for, or else the model's context, and no more than the workload allows. */
static bool
most_output(const struct request *r, const struct model *m, uint64_t *out)
{
	uint64_t cap = r->snapshot->policy.workload[r->facts.workload].output_max;
	uint64_t choices = r->ask.choices > 0 ? r->ask.choices : 1;
	uint64_t each = m->context_tokens, all;

	*out = 0;
	if (r->operation == OPERATION_EMBEDDING)
		return true;
	if (__builtin_mul_overflow(each, choices, &all))
		return false;
	*out = r->ask.output_max > 0 ? r->ask.output_max : all;
	if (cap > 0 && !__builtin_mul_overflow(cap, choices, &all) && (*out == 0 || *out > all))
		*out = all;
	return *out > 0;
}

bool
reserve_worst(const struct request *r, const struct model *m, nano_usd *out)
{
	struct usage most = { .known = true, .service = r->ask.service };

	if (!most_input(r, m, &most.input) || !most_output(r, m, &most.output))
		return false;
	if (r->use.hosted_count > 0 || r->use.hosted_overflow)
		most.tools = m->price.tool_calls;
	/* Time is charged up to this, so that a stream without end has a bound. */
	most.busy = r->snapshot->request_wait;
	return price_worst(&m->price, &most, out);
}

/* The dearest candidate; not known where one of them is not. */
static void
reserve_cost(struct request *r)
{
	nano_usd worst = 0;

	for (uint32_t i = 0; i < r->verdict.count; i++) {
		nano_usd cost;

		if (!reserve_worst(r, &r->snapshot->model[r->verdict.model[i]], &cost))
			return;
		if (cost > worst)
			worst = cost;
	}
	r->record.cost_max = worst;
	r->record.cost_max_known = r->verdict.count > 0;
}

enum err
gate_reserve(struct request *r)
{
	reserve_cost(r);
	return ERR_OK;
}
