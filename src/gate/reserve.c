/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/reserve.h"

#include "ask/inquiry.h"
#include "core/limit.h"
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

/* ---- limits ---- */

/* Prompts are estimated as the policy's context is; answers by what is asked for at most. */
void
reserve_estimate(struct request *r)
{
	uint64_t cap = r->snapshot->policy.workload[r->facts.workload].output_max;
	uint64_t choices = r->ask.choices > 0 ? r->ask.choices : 1;
	uint64_t output = cap > 0 ? cap : RATE_OUTPUT_USUAL;

	r->units[DIMENSION_REQUESTS] = 1;
	r->units[DIMENSION_INPUT] = r->json.text.len / INQUIRY_TOKEN_BYTES + 1;
	if (__builtin_mul_overflow(output, choices, &output))
		output = UINT64_MAX;
	if (r->ask.output_max > 0 && (cap == 0 || r->ask.output_max < output))
		output = r->ask.output_max;
	r->units[DIMENSION_OUTPUT] = r->operation == OPERATION_EMBEDDING ? 0 : output;
}

void
reserve_note(struct request *r)
{
	r->retry_after = slice_of(NULL, 0);
	r->record.limit_of = allowance_subject(r->refusal.kind);
	r->record.limit_what = allowance_dimension(r->refusal.dimension);
	r->gate->metric.limited[r->refusal.kind][r->refusal.dimension]++;
}

enum err
reserve_refuse(struct request *r)
{
	const size_t room_bytes = 256;
	char *room = arena_bytes(&r->arena, room_bytes);
	struct text t;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	refusal_put(&t, &r->refusal);
	reserve_note(r);
	return request_fail(r, ERR_RATE_LIMITED, slice_of(NULL, 0), text_slice(&t));
}

void
reserve_correct(struct request *r, enum subject_kind kind, bool answered, bool sent)
{
	const struct usage *usage = &r->record.usage;
	uint64_t came = r->x->sent_bytes / INQUIRY_TOKEN_BYTES;
	uint64_t used[RATE_COUNT] = { [DIMENSION_REQUESTS] = r->units[DIMENSION_REQUESTS] };

	if (usage->known && (answered || r->x->begun)) {
		used[DIMENSION_INPUT] = usage->input;
		used[DIMENSION_OUTPUT] = usage->output;
	} else if (sent) {
		used[DIMENSION_INPUT] = r->units[DIMENSION_INPUT];
		if (r->x->begun)
			used[DIMENSION_OUTPUT] = came < r->units[DIMENSION_OUTPUT] ? came
			    : r->units[DIMENSION_OUTPUT];
	}
	admission_correct(&r->admission, kind, used, kernel_now());
}

/* Who pays: by its own row, or as one of those that share `default`. */
static struct applicant
payer(const struct request *r)
{
	const struct tenant *tenant = snapshot_tenant(r->snapshot, r->record.tenant);
	struct applicant who = { .kind = SUBJECT_TENANT };

	if (tenant == NULL || r->record.tenant.len == 0)
		return who;
	who.allowance = &tenant->limits;
	who.number = tenant != r->snapshot->tenant_default ? tenant->number
	    : allowance_number(&r->snapshot->hash_key, SUBJECT_TENANT, r->record.tenant);
	return who;
}

static enum err
reserve_limits(struct request *r)
{
	const struct workload_text *workload = &r->snapshot->workload[r->facts.workload];
	struct applicant all[] = {
		{ .kind = SUBJECT_KEY }, payer(r), { .kind = SUBJECT_WORKLOAD },
	};
	nanos now = kernel_now();

	if (r->key != NULL) {
		all[0].allowance = &r->key->limits;
		all[0].number = r->key->number;
	}
	if (!openai_is_local(r->operation)) {
		all[2].allowance = &workload->limits;
		all[2].number = workload->number;
	}
	for (size_t i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (all[i].allowance == NULL)
			continue;
		memcpy(all[i].units, r->units, sizeof r->units);
		if (!admission_enter(&r->admission, &all[i], now, &r->refusal)) {
			/* Nothing is used of those that would have let it pass. */
			memset(r->units, 0, sizeof r->units);
			return reserve_refuse(r);
		}
	}
	return ERR_OK;
}

enum err
gate_reserve(struct request *r)
{
	reserve_cost(r);
	r->units[DIMENSION_REQUESTS] = 1;
	if (r->routing)
		r->units[DIMENSION_INPUT] = r->units[DIMENSION_OUTPUT] = 0;
	return reserve_limits(r);
}
