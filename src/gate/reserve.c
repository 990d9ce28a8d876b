/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/request.h"

/*
 * reserve - the most that this can cost.
 *
 * A token is at least a byte, so the body's length bounds its tokens; what is
 * asked for bounds the answer's, or else the model's context.  Over all
 * candidates the dearest counts.  Without a price or a bound it is not known,
 * and nothing is said.
 */

static bool
worst_cost(const struct request *r, const struct model *m, nano_usd *out)
{
	uint64_t cap = r->snapshot->policy.workload[r->facts.workload].output_max;
	struct usage most = { .input = r->json.text.len, .known = true };

	if (r->operation != OPERATION_EMBEDDING) {
		most.output = r->ask.output_max > 0 ? r->ask.output_max : m->context_tokens;
		if (cap > 0 && (most.output == 0 || most.output > cap * r->ask.choices))
			most.output = cap * r->ask.choices;
		if (most.output == 0)
			return false;
	}
	return price_cost(&m->price, &most, out);
}

/* The dearest candidate; not known where one of them is not. */
static void
reserve_cost(struct request *r)
{
	nano_usd worst = 0;

	for (uint32_t i = 0; i < r->verdict.count; i++) {
		nano_usd cost;

		if (!worst_cost(r, &r->snapshot->model[r->verdict.model[i]], &cost))
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
