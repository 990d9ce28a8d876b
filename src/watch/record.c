/* SPDX-License-Identifier: Apache-2.0 */
#include "watch/record.h"

nanos
record_upstream(const struct record *r)
{
	nanos all = 0, covered = r->began;

	/* Attempts follow each other, so their union is a sum without overlaps. */
	for (uint32_t i = 0; i < r->attempt_count; i++) {
		const struct attempt *a = &r->attempt[i];
		nanos from = a->began > covered ? a->began : covered;

		if (a->ended > from) {
			all += a->ended - from;
			covered = a->ended;
		}
	}
	return all;
}

nanos
record_overhead(const struct record *r)
{
	nanos rest = r->ended - r->began - record_upstream(r);

	return rest > 0 ? rest : 0;
}

/* Made part of their callers, for whom the length of the key is a constant. */
static inline __attribute__((always_inline)) void
put_name(struct text *t, struct slice key, struct slice value)
{
	text_put(t, key);
	if (value.len == 0)
		text_put(t, S("null"));
	else
		text_put_json(t, value);
}

static inline __attribute__((always_inline)) void
put_count(struct text *t, struct slice key, uint64_t value)
{
	text_put(t, key);
	text_put_number(t, value);
}

static void
put_attempts(struct text *t, const struct record *r)
{
	text_put(t, S(",\"attempts\":["));
	for (uint32_t i = 0; i < r->attempt_count; i++) {
		const struct attempt *a = &r->attempt[i];

		put_name(t, i == 0 ? S("{\"model\":") : S(",{\"model\":"), a->model);
		put_name(t, S(",\"err\":"), err_info(a->err)->name);
		put_count(t, S(",\"status\":"), (uint64_t)a->status);
		put_count(t, S(",\"us\":"), (uint64_t)(a->ended - a->began) / 1000);
		text_put_char(t, '}');
	}
	text_put_char(t, ']');
}

/* What hardly any usage has; told where it is there. */
static void
put_kinds(struct text *t, const struct usage *u)
{
	const struct { struct slice key; uint64_t count; } kind[] = {
		{ S(",\"cache_write_tokens\":"), u->cache_write },
		{ S(",\"cache_write_1h_tokens\":"), u->cache_write_1h },
		{ S(",\"reasoning_tokens\":"), u->reasoning },
		{ S(",\"audio_input_tokens\":"), u->audio_in },
		{ S(",\"audio_output_tokens\":"), u->audio_out },
		{ S(",\"image_input_tokens\":"), u->image_in },
		{ S(",\"image_output_tokens\":"), u->image_out },
		{ S(",\"hosted_tool_calls\":"), u->tools },
	};

	for (size_t i = 0; i < sizeof kind / sizeof kind[0]; i++)
		if (kind[i].count > 0)
			put_count(t, kind[i].key, kind[i].count);
	if (u->service != SERVICE_USUAL)
		text_put(t, u->service == SERVICE_BATCH ? S(",\"service\":\"batch\"")
		    : S(",\"service\":\"priority\""));
}

static void
put_cost(struct text *t, struct slice key, bool known, nano_usd cost)
{
	text_put(t, key);
	if (!known) {
		text_put(t, S("null"));
		return;
	}
	text_put_char(t, '"');
	text_put_usd(t, cost);
	text_put_char(t, '"');
}

static void
put_usage(struct text *t, const struct record *r)
{
	if (r->usage.known) {
		put_count(t, S(",\"input_tokens\":"), r->usage.input);
		put_count(t, S(",\"output_tokens\":"), r->usage.output);
		put_count(t, S(",\"cached_tokens\":"), r->usage.cached);
		put_kinds(t, &r->usage);
	} else {
		text_put(t, S(",\"input_tokens\":null,\"output_tokens\":null"
		    ",\"cached_tokens\":null"));
	}
	if (r->usage.estimated)
		text_put(t, S(",\"usage_estimated\":true"));
	if (r->usage.refused)
		text_put(t, S(",\"usage_refused\":true"));
	put_name(t, S(",\"price\":"), r->price);
	put_cost(t, S(",\"cost_usd\":"), r->cost_known, r->cost);
	if (r->cost_lost > 0)
		put_cost(t, S(",\"cost_lost_usd\":"), true, r->cost_lost);
}

static void
put_head(struct text *t, const struct record *r)
{
	text_put(t, S("{\"time\":\""));
	text_put_time(t, r->began_wall);
	text_put(t, S("\",\"id\":\""));
	text_put(t, slice_of(r->id, sizeof r->id));
	put_name(t, S("\",\"caller\":"), r->caller);
	put_name(t, S(",\"tenant\":"), r->tenant);
	if (r->standing.len > 0) {
		text_put_char(t, ',');
		text_put(t, r->standing);
	}
	put_name(t, S(",\"dialect\":\"openai\",\"operation\":"), r->operation);
	put_name(t, S(",\"model_asked\":"), r->model_asked);
}

static void
put_held(struct text *t, const struct record *r)
{
	if (r->over_budget.len > 0) {
		text_put(t, S(",\"over_budget\":"));
		text_put(t, r->over_budget);
	}
	if (r->budget_count == 0)
		return;
	for (uint32_t i = 0; i < r->budget_count; i++)
		put_name(t, i == 0 ? S(",\"budgets\":[") : S(","), r->budget[i].account);
	for (uint32_t i = 0; i < r->budget_count; i++) {
		text_put(t, i == 0 ? S("],\"rows\":[") : S(","));
		text_put_signed(t, r->budget[i].row);
	}
	put_cost(t, S("],\"held_usd\":"), true, r->held);
}

void
record_put_opened(struct text *t, const struct record *r, const struct explanation *decision)
{
	put_head(t, r);
	text_put(t, S(",\"opened\":true,\"decision\":"));
	explain_put(t, decision);
	put_cost(t, S(",\"cost_max_usd\":"), r->cost_max_known, r->cost_max);
	put_held(t, r);
	put_name(t, S(",\"policy\":"), r->policy);
	text_put(t, S("}\n"));
}

void
record_put(struct text *t, const struct record *r)
{
	put_head(t, r);
	put_name(t, S(",\"model\":"), r->model);
	put_name(t, S(",\"zone\":"), r->zone);
	put_name(t, S(",\"label\":"), r->level);
	text_put(t, r->stream ? S(",\"stream\":true") : S(",\"stream\":false"));
	put_count(t, S(",\"status\":"), (uint64_t)r->status);
	put_name(t, S(",\"err\":"), err_info(r->err)->name);
	put_name(t, S(",\"step\":"), slice_of(r->step, __builtin_strlen(r->step)));
	put_attempts(t, r);
	if (r->limit_of.len > 0) {
		put_name(t, S(",\"limit\":{\"of\":"), r->limit_of);
		put_name(t, S(",\"what\":"), r->limit_what);
		text_put_char(t, '}');
	}
	if (r->findings.len > 0) {
		text_put(t, S(",\"findings\":"));
		text_put(t, r->findings);
	}
	if (r->origin.len > 0) {
		put_count(t, S(",\"masked\":"), r->masked);
		put_name(t, S(",\"label_before\":"), r->origin);
		put_count(t, S(",\"restored\":"), r->restored);
		put_count(t, S(",\"unresolved\":"), r->unresolved);
	}
	if (r->content.len > 0)
		put_name(t, S(",\"content\":"), r->content);
	if (r->watched > 0) {
		put_count(t, S(",\"watched\":"), r->watched);
		put_name(t, S(",\"watched_first\":"), r->watched_first);
	}
	if (r->decision != NULL) {
		text_put(t, S(",\"decision\":"));
		explain_put(t, r->decision);
	}
	put_usage(t, r);
	put_held(t, r);
	if (r->budget_count > 0)
		put_cost(t, S(",\"settled_usd\":"), true, r->settled);
	put_count(t, S(",\"request_bytes\":"), r->request_bytes);
	put_count(t, S(",\"answer_bytes\":"), r->answer_bytes);
	put_count(t, S(",\"events\":"), r->events);
	put_count(t, S(",\"duration_us\":"), (uint64_t)(r->ended - r->began) / 1000);
	put_count(t, S(",\"upstream_us\":"), (uint64_t)record_upstream(r) / 1000);
	put_count(t, S(",\"overhead_us\":"), (uint64_t)record_overhead(r) / 1000);
	put_count(t, S(",\"first_byte_us\":"),
	    r->first_byte == 0 ? 0 : (uint64_t)(r->first_byte - r->began) / 1000);
	put_name(t, S(",\"policy\":"), r->policy);
	put_name(t, S(",\"client\":"), r->client);
	if (r->token_refused.len > 0)
		put_name(t, S(",\"token_refused\":"), r->token_refused);
	text_put(t, S("}\n"));
}
