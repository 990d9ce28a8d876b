/* SPDX-License-Identifier: Apache-2.0 */
#include "study/tally.h"

static const struct {
	struct slice	words, name;
} fates[FATE_COUNT] = {
	[FATE_SAME] = { { "the same", 8 }, { "same", 4 } },
	[FATE_NOW_REFUSED] = { { "now refused", 11 }, { "now_refused", 11 } },
	[FATE_NOW_ALLOWED] = { { "now allowed", 11 }, { "now_allowed", 11 } },
	[FATE_OTHER_FIRST] = { { "other model", 11 }, { "other_first", 11 } },
	[FATE_OTHER_PLAN] = { { "other plan", 10 }, { "other_plan", 10 } },
	[FATE_OTHER_DETAIL] = { { "other detail", 12 }, { "other_detail", 12 } },
	[FATE_UNDECIDED] = { { "undecided", 9 }, { "undecided", 9 } },
};

struct slice
tally_words(enum fate fate)
{
	return fates[fate].words;
}

struct slice
tally_name(enum fate fate)
{
	return fates[fate].name;
}

/* The recorded plan; 0 where it is no list. */
static uint32_t
plan_of(const struct past *p)
{
	uint32_t plan = json_member(&p->json, p->decision, S("plan"));

	return plan != 0 && json_type(&p->json, plan) == JSON_ARRAY ? plan : 0;
}

static uint32_t
recorded_count(const struct past *p)
{
	uint32_t plan = plan_of(p);

	return plan == 0 ? 0 : p->json.node[plan].count;
}

static struct slice
ruled(const struct ruling *r, uint32_t at)
{
	return r->snapshot->model[r->verdict.model[at]].name;
}

static bool
is_same_plan(const struct past *p, const struct ruling *r)
{
	uint32_t plan = plan_of(p), at = 0;

	if (recorded_count(p) != r->verdict.count)
		return false;
	for (uint32_t i = plan + 1; at < r->verdict.count; i = p->json.node[i].next)
		if (!json_is(&p->json, i, ruled(r, at++)))
			return false;
	return true;
}

enum err
tally_fate(const struct past *p, const struct ruling *r, struct arena *a, enum fate *out)
{
	bool was = recorded_count(p) > 0, is = r->decided && r->verdict.count > 0;
	struct text nowhere = { 0 };
	enum err e;

	if (r->err == ERR_MEMORY)
		return ERR_MEMORY;
	if (was != is) {
		*out = is ? FATE_NOW_ALLOWED : FATE_NOW_REFUSED;
		return ERR_OK;
	}
	if (is && !json_is(&p->json, plan_of(p) + 1, ruled(r, 0))) {
		*out = FATE_OTHER_FIRST;
		return ERR_OK;
	}
	if (is && !is_same_plan(p, r)) {
		*out = FATE_OTHER_PLAN;
		return ERR_OK;
	}
	if ((e = past_compare(p, r, a, &nowhere)) == ERR_MEMORY)
		return e;
	*out = e == ERR_OK ? FATE_SAME : FATE_OTHER_DETAIL;
	return ERR_OK;
}

/* ---- telling ---- */

static void
put_wide(struct text *t, struct slice s, size_t width)
{
	text_put(t, s);
	for (size_t i = s.len; i < width; i++)
		text_put_char(t, ' ');
}

/* Names of a log are shown on a terminal: nothing that it would obey. */
static void
put_plain(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		text_put_char(t, (unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f ? '?'
		    : s.ptr[i]);
}

static void
put_recorded(struct text *t, const struct past *p)
{
	if (recorded_count(p) > 0)
		put_plain(t, json_inside(&p->json, plan_of(p) + 1));
	else
		put_plain(t, p->err.len > 0 ? p->err : S("refused"));
}

static void
put_ruled(struct text *t, const struct ruling *r)
{
	if (r->err == ERR_OK)
		text_put(t, ruled(r, 0));
	else
		ruling_put_code(t, r);
}

void
tally_put_change(struct text *t, enum fate fate, const struct past *p, const struct ruling *r,
    struct slice why)
{
	put_wide(t, tally_words(fate), 13);
	put_plain(t, p->time);
	text_put(t, S(" "));
	put_plain(t, p->id);
	text_put(t, S(" "));
	put_plain(t, p->caller);
	text_put(t, p->workload.len > 0 ? S(" ") : S(""));
	put_plain(t, p->workload);
	text_put(t, S(" "));
	put_plain(t, p->model_asked);
	text_put(t, S(": "));
	put_recorded(t, p);
	text_put(t, S(" -> "));
	if (fate == FATE_UNDECIDED)
		put_plain(t, why);
	else
		put_ruled(t, r);
	text_put_char(t, '\n');
}

static void
put_text(struct text *t, struct slice key, struct slice value)
{
	text_put(t, key);
	if (value.len == 0)
		text_put(t, S("null"));
	else
		text_put_json(t, value);
}

void
tally_put_change_json(struct text *t, enum fate fate, const struct past *p,
    const struct ruling *r, struct slice why)
{
	struct explanation decision = ruling_explanation(r);

	put_text(t, S("{\"change\":"), tally_name(fate));
	put_text(t, S(",\"id\":"), p->id);
	put_text(t, S(",\"time\":"), p->time);
	put_text(t, S(",\"caller\":"), p->caller);
	put_text(t, S(",\"workload\":"), p->workload);
	put_text(t, S(",\"model_asked\":"), p->model_asked);
	text_put(t, S(",\"was\":"));
	text_put(t, json_raw(&p->json, p->decision));
	if (fate == FATE_UNDECIDED) {
		put_text(t, S(",\"why\":"), why);
	} else {
		text_put(t, S(",\"would_be\":"));
		if (r->decided)
			explain_put(t, &decision);
		else
			text_put(t, S("null"));
		text_put(t, S(",\"answer\":\""));
		put_ruled(t, r);
		text_put_char(t, '"');
	}
	text_put_char(t, '}');
}

uint64_t
tally_changes(const struct tally *t)
{
	uint64_t sum = 0;

	for (unsigned i = FATE_SAME + 1; i < FATE_COUNT; i++)
		sum += t->fate[i];
	return sum;
}

static void
put_count(struct text *t, struct slice words, uint64_t n)
{
	put_wide(t, words, 28);
	text_put_number(t, n);
	text_put_char(t, '\n');
}

void
tally_put(struct text *t, const struct tally *tally, bool archive)
{
	put_count(t, S("decisions"), tally->fate[FATE_SAME] + tally_changes(tally));
	for (unsigned i = 0; i < FATE_COUNT; i++) {
		text_put(t, S("  "));
		put_wide(t, tally_words((enum fate)i), 26);
		text_put_number(t, tally->fate[i]);
		text_put_char(t, '\n');
	}
	put_count(t, S("records without a decision"), tally->without);
	put_count(t, S("other lines"), tally->other);
	put_count(t, S("lines that cannot be read"), tally->wrong);
	if (!archive)
		return;
	put_count(t, S("reproduced by their policy"), tally->reproduced);
	put_count(t, S("not reproduced"), tally->not_reproduced);
	put_count(t, S("of policies not archived"), tally->not_archived);
}

static void
put_number(struct text *t, struct slice key, uint64_t n)
{
	text_put(t, key);
	text_put_number(t, n);
}

void
tally_put_json(struct text *t, const struct tally *tally, bool archive)
{
	put_number(t, S("{\"decisions\":"), tally->fate[FATE_SAME] + tally_changes(tally));
	for (unsigned i = 0; i < FATE_COUNT; i++) {
		text_put(t, S(",\""));
		text_put(t, tally_name((enum fate)i));
		put_number(t, S("\":"), tally->fate[i]);
	}
	put_number(t, S(",\"without_decision\":"), tally->without);
	put_number(t, S(",\"other_lines\":"), tally->other);
	put_number(t, S(",\"wrong_lines\":"), tally->wrong);
	if (archive) {
		put_number(t, S(",\"reproduced\":"), tally->reproduced);
		put_number(t, S(",\"not_reproduced\":"), tally->not_reproduced);
		put_number(t, S(",\"not_archived\":"), tally->not_archived);
	}
	text_put_char(t, '}');
}
