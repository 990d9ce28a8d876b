/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/explain.h"

static struct slice
name_of(struct names names, uint32_t index)
{
	return index < names.count ? names.name[index] : slice_of(NULL, 0);
}

/* ,"KEY":["a","b"]; nothing for the empty set. */
static void
put_set(struct text *t, struct slice key, struct names names, uint64_t set)
{
	bool first = true;

	if (set == 0)
		return;
	text_put(t, key);
	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		text_put_char(t, first ? '[' : ',');
		text_put_json(t, names.name[i]);
		first = false;
	}
	text_put(t, first ? S("[]") : S("]"));
}

void
explain_put_label_json(struct text *t, const struct vocabulary *v, struct label label)
{
	text_put(t, S("{\"level\":"));
	text_put_json(t, name_of(v->level, label.level));
	put_set(t, S(",\"kinds\":"), v->kind, label.kinds);
	if (label.regions != UINT64_MAX)
		put_set(t, S(",\"regions\":"), v->region, label.regions);
	put_set(t, S(",\"requires\":"), v->property, label.requires);
	text_put_char(t, '}');
}

static void
put_number(struct text *t, struct slice key, uint64_t n)
{
	text_put(t, key);
	text_put_number(t, n);
}

/* Figures that ranked or refused, and only where they could. */
static void
put_latency(struct text *t, const struct explanation *e)
{
	const struct facts *f = e->facts;
	const struct workload *w = &e->policy->workload[f->workload];
	bool first = true;

	if (w->latency_ms == 0 && (w->prefers ? w->prefer.latency : f->prefer.latency) == 0)
		return;
	for (uint32_t i = 0; i < f->count; i++) {
		if (f->live[i].latency == 0)
			continue;
		text_put(t, first ? S(",\"latency_ns\":{") : S(","));
		text_put_json(t, name_of(e->vocabulary->model, f->model[i]));
		put_number(t, S(":"), (uint64_t)f->live[i].latency);
		first = false;
	}
	text_put(t, first ? S("") : S("}"));
}

/*
 * A model that nobody asked whether it is well, for it is not able enough, and that would have
 * served with less: that it was down is no reason, but without it there is no deciding again.
 */
static void
put_down(struct text *t, const struct explanation *e)
{
	const struct facts *f = e->facts;
	bool first = true;

	for (uint32_t i = 0; i < f->count; i++) {
		if (e->verdict->count > 0 || e->reason[i] != REASON_CAPABILITY ||
		    !(f->live[i].broken || f->live[i].full || f->live[i].limited))
			continue;
		text_put(t, first ? S(",\"down\":[") : S(","));
		text_put_json(t, name_of(e->vocabulary->model, f->model[i]));
		first = false;
	}
	text_put(t, first ? S("") : S("]"));
}

static void
put_facts(struct text *t, const struct explanation *e)
{
	static const struct names features = { policy_feature_name, FEATURE_COUNT };
	const struct facts *f = e->facts;

	text_put(t, S("\"facts\":{\"label\":"));
	explain_put_label_json(t, e->vocabulary, f->label);
	put_set(t, S(",\"features\":"), features, f->features);
	put_set(t, S(",\"tools\":"), e->vocabulary->tool, f->tools);
	text_put(t, f->tool_unknown ? S(",\"tool_unknown\":true") : S(""));
	put_number(t, S(",\"tokens\":"), f->tokens);
	put_number(t, S(",\"now\":"), (uint64_t)f->now);
	put_latency(t, e);
	put_down(t, e);
	text_put_char(t, '}');
}

static void
put_plan(struct text *t, const struct explanation *e)
{
	const struct verdict *v = e->verdict;

	text_put(t, S(",\"plan\":["));
	for (uint32_t i = 0; i < v->count; i++) {
		if (i > 0)
			text_put_char(t, ',');
		text_put_json(t, name_of(e->vocabulary->model, v->model[i]));
	}
	text_put_char(t, ']');
	for (uint32_t i = 0; i < v->count; i++)
		if (v->exception[i] > 0) {
			text_put(t, S(",\"exception\":"));
			text_put_json(t, name_of(e->vocabulary->exception, v->exception[i] - 1));
			break;
		}
}

/* "refused":{"level":["a","b"],"breaker":["c"]} */
static void
put_refused(struct text *t, const struct explanation *e)
{
	const struct facts *f = e->facts;
	uint64_t seen = 0;

	for (uint32_t i = 0; i < f->count; i++) {
		enum reason reason = (enum reason)e->reason[i];
		bool first = true;

		if (reason == REASON_NONE || (seen >> reason & 1) != 0)
			continue;
		text_put(t, seen == 0 ? S(",\"refused\":{") : S(","));
		seen |= UINT64_C(1) << reason;
		text_put_json(t, reason_info(reason)->name);
		for (uint32_t j = i; j < f->count; j++) {
			if (e->reason[j] != reason)
				continue;
			text_put(t, first ? S(":[") : S(","));
			text_put_json(t, name_of(e->vocabulary->model, f->model[j]));
			first = false;
		}
		text_put_char(t, ']');
	}
	text_put(t, seen == 0 ? S("") : S("}"));
}

void
explain_put(struct text *t, const struct explanation *e)
{
	static const struct names duties = { policy_duty_name, DUTY_COUNT };
	struct slice workload = name_of(e->vocabulary->workload, e->facts->workload);

	text_put_char(t, '{');
	if (workload.len > 0) {
		text_put(t, S("\"workload\":"));
		text_put_json(t, workload);
		text_put_char(t, ',');
	}
	put_facts(t, e);
	text_put(t, S(",\"label\":"));
	explain_put_label_json(t, e->vocabulary, e->verdict->label);
	put_set(t, S(",\"duties\":"), duties, e->verdict->duties);
	text_put(t, e->verdict->degraded ? S(",\"degraded\":true") : S(""));
	put_plan(t, e);
	put_refused(t, e);
	text_put_char(t, '}');
}

/* Two labels, a set of tools, and each model at most four times; names are not escaped. */
size_t
explain_bytes(const struct explanation *e)
{
	size_t each = e->vocabulary->longest + 32;

	return 2048 + each * (7 * 64 + 3 * (size_t)e->facts->count + CANDIDATE_MAX);
}

void
explain_put_label(struct text *t, const struct vocabulary *v, struct label label)
{
	text_put(t, name_of(v->level, label.level));
	for (uint32_t i = 0; i < v->kind.count; i++)
		if ((label.kinds >> i & 1) != 0) {
			text_put(t, S(", "));
			text_put(t, v->kind.name[i]);
		}
}
