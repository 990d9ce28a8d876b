/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/admission.h"

/* What is tried again when something in flight has ended, which nobody can foretell. */
#define CONCURRENT_WAIT	NANOS_PER_S

static bool
is_entered(const struct admission *a, enum subject_kind kind)
{
	return (a->entered >> kind & 1) != 0;
}

static void
give_back(struct admitted *at, unsigned count, uint64_t now)
{
	for (unsigned d = 0; d < count; d++)
		if (at->taken[d] > 0)
			rate_correct(&at->cell, &at->allowance->rate[d], d, now,
			    (uint64_t[2]){ at->taken[d], 0 });
}

static struct refusal
refuse(const struct applicant *who, enum dimension d, struct gcra_answer answer)
{
	return (struct refusal){
		.kind = who->kind, .dimension = d, .limit = who->allowance->rate[d].per_minute,
		.asked = who->units[d], .never = answer.never,
		.wait = answer.wait / GCRA_TICKS_PER_NS + 1,
	};
}

/* All of it, or nothing. */
static bool
take(struct admitted *at, const struct applicant *who, uint64_t now, struct refusal *refusal)
{
	for (unsigned d = 0; d < RATE_COUNT; d++) {
		const struct gcra *g = &at->allowance->rate[d];
		struct gcra_answer answer;

		at->taken[d] = g->per_minute > 0 ? who->units[d] : 0;
		if (at->taken[d] == 0)
			continue;
		answer = rate_take(&at->cell, g, d, at->taken[d], now);
		if (answer.conforms)
			continue;
		give_back(at, d, now);
		memset(at->taken, 0, sizeof at->taken);
		*refusal = refuse(who, d, answer);
		return false;
	}
	return true;
}

bool
admission_enter(struct admission *a, const struct applicant *who, nanos now,
    struct refusal *refusal)
{
	struct admitted *at = &a->at[who->kind];
	uint32_t most = who->kind == SUBJECT_MODEL ? 0 : who->allowance->concurrency;
	uint64_t ticks = rates_ticks(a->rates, now);

	if (!who->allowance->any)
		return true;
	must(!is_entered(a, who->kind));
	if (rate_enter(a->rates, who->number, most, ticks, &at->cell) != RATE_ENTERED) {
		/* A set that is crowded passes as soon as one of its requests has ended. */
		*refusal = (struct refusal){
			.kind = who->kind, .dimension = DIMENSION_CONCURRENT,
			.limit = most, .asked = 1, .wait = CONCURRENT_WAIT,
		};
		return false;
	}
	at->allowance = who->allowance;
	a->entered |= UINT32_C(1) << who->kind;
	return take(at, who, ticks, refusal);
}

bool
admission_peek(const struct rates *rates, const struct applicant *who, nanos now,
    struct refusal *refusal)
{
	uint64_t ticks = rates_ticks(rates, now), arrival[RATE_COUNT];

	if (!who->allowance->any)
		return true;
	rate_peek(rates, who->number, arrival);
	for (unsigned d = 0; d < RATE_COUNT; d++) {
		const struct gcra *g = &who->allowance->rate[d];
		struct gcra_answer answer;

		if (g->per_minute == 0 || who->units[d] == 0)
			continue;
		answer = gcra_take(g, arrival[d], ticks, gcra_cost(g, who->units[d]));
		if (answer.conforms)
			continue;
		*refusal = refuse(who, d, answer);
		return false;
	}
	return true;
}

void
admission_correct(struct admission *a, enum subject_kind kind, const uint64_t used[RATE_COUNT],
    nanos now)
{
	struct admitted *at = &a->at[kind];
	uint64_t ticks = rates_ticks(a->rates, now);

	if (!is_entered(a, kind))
		return;
	for (unsigned d = 0; d < RATE_COUNT; d++) {
		const struct gcra *g = &at->allowance->rate[d];

		if (g->per_minute == 0)
			continue;
		rate_correct(&at->cell, g, d, ticks, (uint64_t[2]){ at->taken[d], used[d] });
		at->taken[d] = used[d];
	}
}

void
admission_leave(struct admission *a, enum subject_kind kind)
{
	if (!is_entered(a, kind))
		return;
	rate_leave(&a->at[kind].cell);
	a->entered &= ~(UINT32_C(1) << kind);
}

/* ---- what is told ---- */

struct told {
	const struct gcra	*gcra;
	uint64_t		 left;
	int64_t			 ahead;
};

/* Of two, the one of which the smaller part is left: a/b < c/d as a*d < c*b. */
static void
tell_tighter(struct told *told, const struct admitted *at, enum dimension d, uint64_t now)
{
	const struct gcra *g = &at->allowance->rate[d];
	uint64_t arrival = rate_arrival(&at->cell, d);
	uint64_t left;

	if (g->per_minute == 0)
		return;
	left = gcra_left(g, arrival, now);
	if (told->gcra == NULL || left * (unsigned __int128)told->gcra->per_minute <
	    told->left * (unsigned __int128)g->per_minute)
		*told = (struct told){ g, left, gcra_ahead(g, arrival, now) };
}

/* Seconds with three digits, as OpenAI's "1.234s"; rounded up, so that waiting them is enough. */
static void
put_seconds(struct text *t, int64_t ticks)
{
	uint64_t ms = ((uint64_t)ticks / GCRA_TICKS_PER_NS + NANOS_PER_MS - 1) / NANOS_PER_MS;

	text_put_number(t, ms / 1000);
	text_put_char(t, '.');
	text_put_char(t, (char)('0' + ms / 100 % 10));
	text_put_char(t, (char)('0' + ms / 10 % 10));
	text_put_char(t, (char)('0' + ms % 10));
	text_put(t, S("s\r\n"));
}

static void
put_told(struct text *t, const struct told *told, struct slice what)
{
	if (told->gcra == NULL)
		return;
	text_put(t, S("x-ratelimit-limit-"));
	text_put(t, what);
	text_put(t, S(": "));
	text_put_number(t, told->gcra->per_minute);
	text_put(t, S("\r\nx-ratelimit-remaining-"));
	text_put(t, what);
	text_put(t, S(": "));
	text_put_number(t, told->left);
	text_put(t, S("\r\nx-ratelimit-reset-"));
	text_put(t, what);
	text_put(t, S(": "));
	put_seconds(t, told->ahead);
}

void
admission_put_fields(struct text *t, const struct admission *a, nanos now)
{
	struct told requests = { .gcra = NULL }, tokens = { .gcra = NULL };
	uint64_t ticks;

	if (a->entered == 0)
		return;
	ticks = rates_ticks(a->rates, now);
	/* What a model has left for all callers is nobody's business. */
	for (enum subject_kind kind = 0; kind < SUBJECT_MODEL; kind++) {
		if (!is_entered(a, kind))
			continue;
		tell_tighter(&requests, &a->at[kind], DIMENSION_REQUESTS, ticks);
		tell_tighter(&tokens, &a->at[kind], DIMENSION_INPUT, ticks);
		tell_tighter(&tokens, &a->at[kind], DIMENSION_OUTPUT, ticks);
	}
	put_told(t, &requests, S("requests"));
	put_told(t, &tokens, S("tokens"));
}

void
refusal_put(struct text *t, const struct refusal *r)
{
	static const struct slice what[DIMENSION_COUNT] = {
		[DIMENSION_REQUESTS] = { " requests a minute", 18 },
		[DIMENSION_INPUT] = { " input tokens a minute", 22 },
		[DIMENSION_OUTPUT] = { " output tokens a minute", 23 },
		[DIMENSION_CONCURRENT] = { " requests at a time", 19 },
	};

	text_put(t, S("the limit of this "));
	text_put(t, allowance_subject(r->kind));
	text_put(t, S(" is "));
	text_put_number(t, r->limit);
	text_put(t, what[r->dimension]);
	if (r->never) {
		text_put(t, S(", and this request alone asks for "));
		text_put_number(t, r->asked);
		text_put(t, S("; it can never pass"));
	}
}
