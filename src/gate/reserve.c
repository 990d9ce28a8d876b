/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/reserve.h"

#include "ask/inquiry.h"
#include "caller/payer.h"
#include "core/limit.h"
#include "gate/request.h"

/*
 * reserve - the most that this can cost.
 *
 * Over all candidates the dearest counts.  Without a price or a bound it is not
 * known, and nothing is said; under a budget nothing is sent then.
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

/* Of each candidate; the dearest is the request's, not known where one of them is not. */
static void
reserve_cost(struct request *r)
{
	struct reserve *reserve = &r->reserve;
	nano_usd worst = 0;
	bool known = r->verdict.count > 0;

	for (uint32_t i = 0; i < r->verdict.count; i++) {
		const struct model *m = &r->snapshot->model[r->verdict.model[i]];

		reserve->worst_known[i] = reserve_worst(r, m, &reserve->worst[i]);
		known = known && reserve->worst_known[i];
		if (reserve->worst_known[i] && reserve->worst[i] > worst)
			worst = reserve->worst[i];
	}
	r->record.cost_max = known ? worst : 0;
	r->record.cost_max_known = known;
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
	admission_correct(&r->admission, kind, used, r->gate->loop->now);
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
	nanos now = r->gate->loop->now;

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

/* ---- budgets ---- */

static enum err
find_budgets(struct request *r)
{
	struct payer payer = { .key = S("anonymous"), .tenant = S("default") };
	struct payer_bill *bill = arena_alloc(&r->arena, sizeof *bill);
	enum err e;

	if (bill == NULL)
		return ERR_MEMORY;
	if (r->key != NULL)
		payer = (struct payer){
			.tenant = r->key->tenant,
			.team = r->key->team,
			.key = r->key->id,
			.own = r->key->budgets,
		};
	if ((e = payer_budgets(&payer, r->snapshot, &r->arena, bill)) != ERR_OK)
		return e;
	r->reserve.bill = bill->count > 0 ? bill : NULL;
	return ERR_OK;
}

/* Leaves out what may cost more than this, or nobody knows what; the dearest that is left. */
static bool
leave_out(struct request *r, nano_usd most, nano_usd *dearest)
{
	bool any = false;

	*dearest = 0;
	for (uint32_t i = 0; i < r->verdict.count; i++) {
		if (!r->reserve.worst_known[i] || r->reserve.worst[i] > most)
			r->reserve.over_budget[i] = true;
		if (r->reserve.over_budget[i])
			continue;
		any = true;
		if (r->reserve.worst[i] > *dearest)
			*dearest = r->reserve.worst[i];
	}
	return any;
}

static enum err
refuse_unpriced(struct request *r)
{
	const size_t room_bytes = 512 + NAME_BYTES_MAX;
	char *room = arena_bytes(&r->arena, room_bytes);
	struct text t;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	text_put(&t, S("what `"));
	text_put(&t, r->snapshot->model[r->verdict.model[0]].name);
	text_put(&t, S("` may cost for this request is not known, and the request is under a "
	    "budget: give the model a `price` and a `context`, or the request a limit of its "
	    "output"));
	return request_fail(r, ERR_BUDGET_UNPRICED, slice_of(NULL, 0), text_slice(&t));
}

static enum err
refuse_spent(struct request *r, enum err e, nano_usd needed, const struct hold_refusal *why)
{
	const size_t room_bytes = 1024;
	char *room = arena_bytes(&r->arena, room_bytes);
	struct text t;

	if (room == NULL)
		return ERR_MEMORY;
	text_init(&t, room, room_bytes);
	text_put(&t, S("this request may cost up to $"));
	text_put_usd(&t, needed);
	text_put(&t, S(", and of the budget `"));
	text_put(&t, why->budget->account);
	text_put(&t, S("` ($"));
	text_put_usd(&t, why->budget->limit);
	text_put(&t, S(") $"));
	text_put_usd(&t, why->left);
	text_put(&t, e == ERR_BUDGET_BUSY ? S(" are neither spent nor held by other requests") :
	    S(" are left"));
	if (why->ends != INT64_MAX) {
		text_put(&t, S("; it begins anew at "));
		text_put_time(&t, why->ends * NANOS_PER_S);
	}
	/* Others end soon; a budget does not begin anew because somebody asks again. */
	if (e == ERR_BUDGET_BUSY)
		r->retry_after = S("1");
	return request_fail(r, e, slice_of(NULL, 0),
	    text_overflowed(&t) ? slice_of(NULL, 0) : text_slice(&t));
}

/* The dearest candidate is held for; where there is no room, those that fit it. */
static enum err
place_hold(struct request *r)
{
	struct hold_ask ask = {
		.budget = r->reserve.bill->budget,
		.count = r->reserve.bill->count,
		.wall = gate_wall(r->gate) / NANOS_PER_S,
	};
	struct hold_refusal why = { 0 };
	nano_usd most;
	enum err e;

	if (!leave_out(r, INT64_MAX, &ask.amount))
		return refuse_unpriced(r);
	for (;;) {
		e = ceiling_place(r->gate->ceilings, r->fiber, &r->reserve.hold, &ask, &why);
		if (e != ERR_INSUFFICIENT_QUOTA && e != ERR_BUDGET_BUSY)
			return e;
		most = why.left < ask.amount ? why.left : ask.amount - 1;
		if (!leave_out(r, most, &most))
			return refuse_spent(r, e, ask.amount, &why);
		ask.amount = most;
	}
}

/* Names of models for which there was no room, as JSON; empty: there are none. */
static enum err
tell_left_out(struct request *r)
{
	const size_t room_bytes = 16 + CANDIDATE_MAX * (6 * NAME_BYTES_MAX + 4);
	bool any = false;
	struct text t;

	for (uint32_t i = 0; i < r->verdict.count; i++)
		any = any || r->reserve.over_budget[i];
	if (!any)
		return ERR_OK;
	text_init(&t, arena_bytes(&r->arena, room_bytes), room_bytes);
	if (t.ptr == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < r->verdict.count; i++) {
		if (!r->reserve.over_budget[i])
			continue;
		text_put_char(&t, t.len == 0 ? '[' : ',');
		text_put_json(&t, r->snapshot->model[r->verdict.model[i]].name);
	}
	text_put_char(&t, ']');
	r->record.over_budget = text_slice(&t);
	return ERR_OK;
}

static enum err
tell_hold(struct request *r)
{
	const struct hold *hold = &r->reserve.hold;
	struct record_budget *budget = arena_alloc(&r->arena, hold->count * sizeof *budget);

	if (budget == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < hold->count; i++)
		budget[i] = (struct record_budget){
			.account = hold_account(hold, i),
			.row = hold_row(hold, i),
		};
	r->record.budget = budget;
	r->record.budget_count = hold->count;
	r->record.held = hold->amount;
	return ERR_OK;
}

static enum err
reserve_budgets(struct request *r)
{
	enum err e;

	if (r->verdict.count == 0 || r->routing)
		return ERR_OK;
	if ((e = find_budgets(r)) != ERR_OK || r->reserve.bill == NULL)
		return e;
	if (r->gate->ceilings == NULL)
		return ERR_RECORD_FAILED;
	e = place_hold(r);
	if (e == ERR_OK)
		e = tell_hold(r);
	return e == ERR_OK ? tell_left_out(r) : e;
}

enum err
gate_reserve(struct request *r)
{
	enum err e;

	reserve_cost(r);
	r->units[DIMENSION_REQUESTS] = 1;
	if (r->routing)
		r->units[DIMENSION_INPUT] = r->units[DIMENSION_OUTPUT] = 0;
	e = reserve_limits(r);
	return e == ERR_OK ? reserve_budgets(r) : e;
}

bool
reserve_attempt(struct request *r, uint32_t place)
{
	struct hold_ask ask = { .wall = gate_wall(r->gate) / NANOS_PER_S };
	struct hold_refusal why;

	r->reserve.place = place;
	if (r->reserve.bill == NULL)
		return true;
	if (r->reserve.over_budget[place])
		return false;
	if (r->reserve.worst[place] <= r->reserve.hold.amount - r->reserve.billed)
		return true;
	ask.budget = r->reserve.bill->budget;
	ask.count = r->reserve.bill->count;
	ask.amount = r->reserve.worst[place] - (r->reserve.hold.amount - r->reserve.billed);
	if (ceiling_place(r->gate->ceilings, r->fiber, &r->reserve.hold, &ask, &why) != ERR_OK)
		return false;
	r->record.held = r->reserve.hold.amount;
	return true;
}

void
reserve_failed(struct request *r)
{
	if (r->reserve.bill != NULL && request_may_be_billed(r))
		r->reserve.billed += r->reserve.worst[r->reserve.place];
}

void
reserve_settle(struct request *r)
{
	nano_usd actual = r->reserve.billed, worst, cost;

	if (!r->reserve.hold.open)
		return;
	/* What the record estimates of attempts that were lost is here what they cost at most. */
	if (r->attempt != NULL) {
		worst = r->reserve.worst[r->reserve.place];
		cost = r->record.cost_known ? r->record.cost - r->record.cost_lost : worst;
		/* An estimate may be twice the truth, which is within what was asked for. */
		actual += r->record.usage.estimated && cost > worst ? worst : cost;
	}
	if (!ceiling_settle(r->gate->ceilings, &r->reserve.hold, actual))
		log_event(&r->gate->log, S("warning"), S("budget_overrun"),
		    slice_of(r->record.id, sizeof r->record.id));
	r->record.settled = actual;
}

/* An account's name is that of its owner with a tenant, a period and a time zone. */
size_t
reserve_line_bytes(const struct request *r)
{
	return r->record.budget_count * (32 + 4 * NAME_BYTES_MAX) + r->record.over_budget.len +
	    (r->record.budget_count > 0 ? 128 : 0);
}

struct slice
reserve_rows(struct request *r)
{
	char *rows;

	if (r->record.budget_count == 0)
		return slice_of(NULL, 0);
	rows = arena_bytes(&r->arena, r->record.budget_count * sizeof(int64_t));
	/* Without memory nothing is charged in the store, and the next start counts it as spent. */
	for (uint32_t i = 0; rows != NULL && i < r->record.budget_count; i++)
		memcpy(rows + i * sizeof(int64_t), &r->record.budget[i].row, sizeof(int64_t));
	return slice_of(rows, rows == NULL ? 0 : r->record.budget_count * sizeof(int64_t));
}
