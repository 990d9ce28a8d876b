/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <stdlib.h>

#include "sim/court.h"
#include "sim/evidence.h"
#include "sim/judge.h"
#include "sim/story.h"

/*
 * Facts: what records and fields say of bodies, usage, cost and time.
 */

#define SLACK_US 200000 /* beyond a deadline, for what does not wait, and slow turns */

/* The body of a request passes as it was, but for the model and the question for usage. */
static void
check_body(struct evidence *e, const struct call *c, const struct account *a,
    const struct version *v)
{
	struct slice body = message_payload(&c->request), meant;
	struct masks masks;
	struct plea plea;

	if (!message_is_whole(&c->request) || !court_knows(v, c->wish))
		return;
	plea = court_plea(v, c->wish, court_workload(v, c->wish));
	for (int i = 0; i < a->attempts; i++) {
		int m = scene_index(a->attempt[i].model, 'm', SCENE_MODELS);

		if (m < 0)
			continue;
		meant = wish_expected(c->wish, &e->story->world, v->model[m].id,
		    court_inserts(&plea));
		if (a->masked == 0 ? slice_eq(body, meant)
		    : masks_fit(c->wish, meant, body, &masks) && masks.count == a->masked)
			return;
	}
	world_complain(&e->story->world, "%s: the provider was sent another body", c->wish->marker);
}

/* A token for three bytes, where nobody counted. */
static uint64_t
metered(uint64_t bytes)
{
	return (bytes + 2) / 3;
}

/* A number behind a name, the last one in s; false if there is none. */
static bool
find_number(struct slice s, struct slice name, uint64_t *out)
{
	bool found = false;
	size_t at;

	while ((at = slice_find(s, name)) < s.len) {
		*out = strtoull(s.ptr + at + name.len, NULL, 10);
		found = true;
		s = slice_cut(s, at + name.len, s.len);
	}
	return found;
}

static void
check_usage(struct evidence *e, const struct account *a, const struct call *c)
{
	struct slice said = message_payload(&c->reply);
	uint64_t input = 0, output = 0;
	bool known = find_number(said, S("\"prompt_tokens\":"), &input);

	(void)find_number(said, S("\"completion_tokens\":"), &output);
	/* What was not said is estimated from the request, and flagged. */
	if (!known) {
		input = metered(a->request_bytes);
		output = a->output;
	}
	if (!a->usage_known || known == a->estimated || input != a->input || output != a->output)
		world_complain(&e->story->world,
		    "%s: usage %d %llu %llu was recorded as %d %llu %llu", c->wish->marker, known,
		    (unsigned long long)input, (unsigned long long)output, a->usage_known,
		    (unsigned long long)a->input, (unsigned long long)a->output);
}

/* "0.0000015" as nanodollars. */
static uint64_t
nanodollars(struct slice s)
{
	uint64_t n = 0;
	int decimals = -1;

	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '.') {
			decimals = 0;
			continue;
		}
		n = n * 10 + (uint64_t)(s.ptr[i] - '0');
		decimals += decimals >= 0;
	}
	for (int i = decimals < 0 ? 0 : decimals; i < 9; i++)
		n *= 10;
	return n;
}

/* Tools that vendors host have no price in these stories. */
static bool
has_hosted_tool(const struct wish *w)
{
	for (int i = 0; i < LAW_TOOLS; i++)
		if (w->tool[i])
			return true;
	return false;
}

/* The answer's, if there is one, and that of attempts which may be billed. */
static void
check_cost(struct evidence *e, const struct account *a, const struct version *v)
{
	int m = scene_index(a->model, 'm', SCENE_MODELS);
	bool priced = m >= 0 && v->model[m].priced && !has_hosted_tool(a->wish);
	bool known = a->usage_known ? priced : a->lost.len > 0;
	uint64_t cost = a->lost.len > 0 ? nanodollars(a->lost) : 0;

	if (known != (a->cost.ptr != NULL)) {
		world_complain(&e->story->world, "%s: cost is %sknown", a->wish->marker,
		    known ? "not " : "");
		return;
	}
	if (!known)
		return;
	if (a->usage_known)
		cost += (a->input * v->model[m].price_in + a->output * v->model[m].price_out +
		    999) / 1000;
	if (cost != nanodollars(a->cost))
		world_complain(&e->story->world, "%s: cost %llu nanodollars was recorded as %.*s",
		    a->wish->marker, (unsigned long long)cost, (int)a->cost.len, a->cost.ptr);
}

static bool
is_late_step(struct slice step)
{
	return slice_eq(step, S("call")) || slice_eq(step, S("relay")) ||
	    slice_eq(step, S("record"));
}

/* Did the client keep the gateway waiting, in asking or in reading? */
static bool
was_slow(const struct answer *a, uint64_t limit_us)
{
	const struct mark *first = tape_mark(&a->tap->in, a->wish->from);
	const struct mark *last = tape_mark(&a->tap->in, a->wish->from + a->wish->send_bytes - 1);

	for (size_t i = 0; i < a->tap->out.count; i++)
		if (a->tap->out.mark[i].stuck)
			return true;
	return first == NULL || last == NULL ||
	    last->at - first->at > (nanos)limit_us * NANOS_PER_US;
}

/* A deadline holds for everything but a stream that was not given one. */
static void
check_time(struct evidence *e, const struct answer *a, const struct version *v)
{
	uint64_t limit = (uint64_t)(v->request_wait / NANOS_PER_US);
	const struct account *r = a->account;

	if (!is_late_step(r->step))
		return;
	if (a->wish->deadline_ms > 0 && a->wish->deadline_ms * 1000 < limit)
		limit = a->wish->deadline_ms * 1000;
	else if (r->stream)
		return;
	if (r->duration_us > limit + SLACK_US && !was_slow(a, limit))
		world_complain(&e->story->world, "%s: took %llu ms, and had %llu", a->wish->marker,
		    (unsigned long long)r->duration_us / 1000, (unsigned long long)limit / 1000);
}

static uint64_t
count_events(struct slice s)
{
	struct slice data;
	uint64_t n = 0;
	size_t length;

	while ((length = message_event(s, &data)) > 0) {
		n += data.ptr != NULL && !slice_eq(data, S("[DONE]"));
		s = slice_cut(s, length, s.len);
	}
	return n;
}

static void
check_level(struct evidence *e, const struct answer *a)
{
	struct world *w = &e->story->world;
	const struct account *r = a->account;
	struct slice label = message_field(&a->message, "x-trivium-label");
	const char *said = law_level[a->wish->level];

	/* What its conversation had come to is known of a decision alone. */
	if (a->wish->talk >= 0 && !r->decision.there)
		return;
	if (is_late_step(r->step) && (!slice_eq(label, r->label) || !slice_eq(label,
	    r->decision.there ? r->decision.level : slice_of(said, strlen(said)))))
		world_complain(w, "%s: its label is %s, answered %.*s, recorded %.*s",
		    a->wish->marker, said, (int)label.len, label.ptr, (int)r->label.len,
		    r->label.ptr);
}

/* What the record counts is what went over the wire. */
static void
check_counts(struct evidence *e, const struct answer *a)
{
	struct world *w = &e->story->world;
	const struct account *r = a->account;
	size_t bytes = a->message.raw - (size_t)a->message.continues * 25;

	if (message_is_whole(&a->message) && r->err != ERR_CLIENT_GONE &&
	    (a->durable ? r->answer_bytes > bytes : r->answer_bytes != bytes))
		world_complain(w, "%s: %zu bytes were answered, %llu recorded", a->wish->marker,
		    bytes, (unsigned long long)r->answer_bytes);
	if (is_late_step(r->step) && r->operation.len > 0 && !slice_eq(r->operation, S("models")) &&
	    r->request_bytes != a->wish->body.len)
		world_complain(w, "%s: %zu bytes were asked, %llu recorded", a->wish->marker,
		    a->wish->body.len, (unsigned long long)r->request_bytes);
	/* What was held back for a token may come in an event of its own. */
	if (r->err == ERR_OK && r->stream && !a->cut && !masks_read(e, r) &&
	    count_events(message_payload(&a->message)) != r->events)
		world_complain(w, "%s: %llu events were heard, %llu recorded", a->wish->marker,
		    (unsigned long long)count_events(message_payload(&a->message)),
		    (unsigned long long)r->events);
	if (a->message.status >= 400 && message_is_whole(&a->message) && !a->wish->to_head &&
	    slice_find(message_payload(&a->message), S("\"error\"")) == a->message.payload_len)
		world_complain(w, "%s: %d without an error in its shape", a->wish->marker,
		    a->message.status);
}

/* Nobody is served more than a minute's worth, and what has come back since the beginning. */
static void
check_limits(struct evidence *e)
{
	const struct scene *s = &e->story->scene;
	const struct version *v = &s->version[0];

	for (int c = 0; c < SCENE_CALLERS && s->versions == 1 && v->keyed; c++) {
		uint64_t served = 0, most = v->requests[c] + 1 + v->requests[c] *
		    (uint64_t)(e->story->world.now - WORLD_BEGIN) / (60 * NANOS_PER_S);
		char name[16];

		snprintf(name, sizeof name, "caller-%d", c);
		for (const struct account *a = e->accounts; a != NULL; a = a->next)
			served += a->attempts > 0 && slice_eq(a->caller,
			    slice_of(name, strlen(name)));
		if (v->requests[c] > 0 && served > most)
			world_complain(&e->story->world,
			    "%s was served %llu times, and may be %llu", name,
			    (unsigned long long)served, (unsigned long long)most);
	}
}

void
judge_facts(struct evidence *e)
{
	for (const struct account *a = e->accounts; a != NULL; a = a->next) {
		const struct version *v = scene_find(&e->story->scene, a->policy);

		if (a->wish == NULL || v == NULL)
			continue;
		for (const struct call *c = e->calls; c != NULL; c = c->next)
			if (c->wish == a->wish)
				check_body(e, c, a, v);
		if (a->err == ERR_OK && e->story->refuse == REFUSE_NOTHING &&
		    evidence_last_call(e, a->wish) != NULL)
			check_usage(e, a, evidence_last_call(e, a->wish));
		check_cost(e, a, v);
	}
	for (const struct answer *a = e->answers; a != NULL; a = a->next)
		if (a->account != NULL) {
			const struct version *v = scene_find(&e->story->scene, a->account->policy);

			check_counts(e, a);
			check_level(e, a);
			if (v != NULL)
				check_time(e, a, v);
		}
	check_limits(e);
}
