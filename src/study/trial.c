/* SPDX-License-Identifier: Apache-2.0 */
#include "study/trial.h"

static enum err
fault_at(const struct trial *t, uint32_t node, struct slice why, struct slice name)
{
	t->fault->offset = t->json->node[node].start;
	text_put(t->fault->why, why);
	text_put(t->fault->why, name);
	return ERR_CONF;
}

static struct slice
name_of(struct names names, uint32_t at)
{
	return at < names.count && names.name[at].len > 0 ? names.name[at] : S("none");
}

/* A text, or "none" for null. */
static enum err
read_text(const struct trial *t, uint32_t node, struct slice *out)
{
	if (json_type(t->json, node) == JSON_NULL) {
		*out = S("none");
		return ERR_OK;
	}
	if (json_type(t->json, node) != JSON_STRING)
		return fault_at(t, node, S("this must be a text, or null for none"), S(""));
	*out = json_string(t->arena, t->json, node);
	return ERR_OK;
}

static void
differ(struct trial *t, struct slice what, struct slice more, struct slice wanted,
    struct slice got)
{
	t->same = false;
	text_put(t->differences, S("    "));
	text_put(t->differences, what);
	text_put(t->differences, more);
	text_put(t->differences, S(": wanted "));
	text_put(t->differences, wanted);
	text_put(t->differences, S(", got "));
	text_put(t->differences, got);
	text_put_char(t->differences, '\n');
}

static enum err
check_text(struct trial *t, struct slice what, uint32_t node, struct slice got)
{
	struct slice wanted;
	enum err e = read_text(t, node, &wanted);

	if (e == ERR_OK && !slice_eq(wanted, got))
		differ(t, what, S(""), wanted, got);
	return e;
}

static struct slice
first_of(const struct ruling *r)
{
	return r->verdict.count == 0 ? S("none")
	    : name_of(r->snapshot->vocabulary.model, r->verdict.model[0]);
}

static struct slice
exception_of(const struct ruling *r)
{
	return r->verdict.count == 0 || r->verdict.exception[0] == 0 ? S("none")
	    : name_of(r->snapshot->vocabulary.exception, r->verdict.exception[0] - 1);
}

static struct slice
code_of(const struct trial *t)
{
	char *room = arena_bytes(t->arena, 64);
	struct text code;

	text_init(&code, room, room == NULL ? 0 : 64);
	if (t->ruling->err == ERR_OK)
		return S("none");
	ruling_put_code(&code, t->ruling);
	return text_slice(&code);
}

/* ---- lists and sets ---- */

static enum err
check_plan(struct trial *t, uint32_t node)
{
	const struct verdict *v = &t->ruling->verdict;
	const struct names models = t->ruling->snapshot->vocabulary.model;
	uint32_t at = 0;
	bool same;

	if (json_type(t->json, node) != JSON_ARRAY)
		return fault_at(t, node, S("`plan` must be a list of models"), S(""));
	same = t->json->node[node].count == v->count;
	for (uint32_t i = node + 1; i < t->json->node[node].next && same;
	    i = t->json->node[i].next)
		same = json_is(t->json, i, models.name[v->model[at++]]);
	if (same)
		return ERR_OK;
	t->same = false;
	text_put(t->differences, S("    plan: wanted ["));
	for (uint32_t i = node + 1; i < t->json->node[node].next; i = t->json->node[i].next) {
		text_put(t->differences, i > node + 1 ? S(", ") : S(""));
		text_put(t->differences, json_raw(t->json, i));
	}
	text_put(t->differences, S("], got ["));
	for (uint32_t i = 0; i < v->count; i++) {
		text_put(t->differences, i > 0 ? S(", ") : S(""));
		text_put_json(t->differences, models.name[v->model[i]]);
	}
	text_put(t->differences, S("]\n"));
	return ERR_OK;
}

/* Why a model is not in the plan; `plan` where it is. */
static struct slice
fate_of(const struct ruling *r, struct slice name)
{
	const struct model *m = snapshot_model(r->snapshot, name);

	if (m == NULL)
		return S("no such model");
	for (uint32_t i = 0; r->decided && i < r->facts.count; i++)
		if (r->facts.model[i] == m->index)
			return r->reason[i] == REASON_NONE ? S("in the plan")
			    : reason_info(r->reason[i])->name;
	return reason_info(REASON_NOT_ASKED)->name;
}

static bool
is_reason(struct slice name)
{
	for (unsigned i = REASON_NOT_ASKED; i < REASON_COUNT; i++)
		if (slice_eq(reason_info((enum reason)i)->name, name))
			return true;
	return false;
}

static enum err
check_refused(struct trial *t, uint32_t node)
{
	const struct json *j = t->json;

	if (json_type(j, node) != JSON_OBJECT)
		return fault_at(t, node, S("`refused` must be an object of models and reasons"),
		    S(""));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i + 1].next) {
		struct slice name = json_string(t->arena, j, i), wanted, got;
		enum err e = read_text(t, i + 1, &wanted);

		if (e != ERR_OK)
			return e;
		if (!is_reason(wanted))
			return fault_at(t, i + 1, S("there is no reason "), wanted);
		got = fate_of(t->ruling, name);
		if (!slice_eq(got, wanted))
			differ(t, S("refused "), name, wanted, got);
	}
	return ERR_OK;
}

static void
put_set(struct text *t, struct names names, uint64_t set)
{
	bool first = true;

	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		text_put(t, first ? S("") : S(", "));
		text_put(t, names.name[i]);
		first = false;
	}
	text_put(t, first ? S("none") : S(""));
}

static enum err
check_duties(struct trial *t, uint32_t node)
{
	static const struct names duties = { policy_duty_name, DUTY_COUNT };
	const struct json *j = t->json;
	uint64_t wanted = 0;

	if (json_type(j, node) != JSON_ARRAY)
		return fault_at(t, node, S("`duties` must be a list"), S(""));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		uint32_t at = 0;

		while (at < DUTY_COUNT && !json_is(j, i, duties.name[at]))
			at++;
		if (at == DUTY_COUNT)
			return fault_at(t, i, S("there is no duty "), json_raw(j, i));
		wanted |= UINT64_C(1) << at;
	}
	if (wanted == t->ruling->verdict.duties)
		return ERR_OK;
	t->same = false;
	text_put(t->differences, S("    duties: wanted "));
	put_set(t->differences, duties, wanted);
	text_put(t->differences, S(", got "));
	put_set(t->differences, duties, t->ruling->verdict.duties);
	text_put_char(t->differences, '\n');
	return ERR_OK;
}

static enum err
check_label(struct trial *t, uint32_t node)
{
	const struct snapshot *s = t->ruling->snapshot;
	const struct label *got = &t->ruling->verdict.label;
	struct label wanted = LABEL_PUBLIC;
	struct slice text, rest;
	enum err e = read_text(t, node, &text);

	if (e != ERR_OK)
		return e;
	for (rest = text; rest.len > 0;) {
		size_t end = slice_find(rest, S(","));
		struct slice word = slice_trim(slice_cut(rest, 0, end));

		if (!snapshot_label_word(s, word, &wanted))
			return fault_at(t, node, S("there is no level or kind "), word);
		rest = slice_cut(rest, end < rest.len ? end + 1 : end, rest.len);
	}
	if (wanted.level == got->level && wanted.kinds == got->kinds)
		return ERR_OK;
	t->same = false;
	text_put(t->differences, S("    label: wanted "));
	explain_put_label(t->differences, &s->vocabulary, wanted);
	text_put(t->differences, S(", got "));
	explain_put_label(t->differences, &s->vocabulary, *got);
	text_put_char(t->differences, '\n');
	return ERR_OK;
}

static enum err
check_number(struct trial *t, struct slice what, struct slice more, uint32_t node, uint64_t got)
{
	char wanted_room[24], got_room[24];
	struct text wanted, is;
	uint64_t number;

	if (!json_integer(t->json, node, &number))
		return fault_at(t, node, S("this must be a number"), S(""));
	if (number == got)
		return ERR_OK;
	text_init(&wanted, wanted_room, sizeof wanted_room);
	text_init(&is, got_room, sizeof got_room);
	text_put_number(&wanted, number);
	text_put_number(&is, got);
	differ(t, what, more, text_slice(&wanted), text_slice(&is));
	return ERR_OK;
}

static enum err
check_findings(struct trial *t, uint32_t node)
{
	const struct json *j = t->json;
	const struct sight *s = t->ruling->sight;

	if (json_type(j, node) != JSON_OBJECT)
		return fault_at(t, node, S("`findings` must be an object of types and numbers"),
		    S(""));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i + 1].next) {
		struct slice name = json_string(t->arena, j, i);
		enum detect_type type = weigh_type_of(t->ruling->snapshot->rules, name);
		enum err e;

		if (type == TYPE_COUNT)
			return fault_at(t, i, S("there is no type of finding "), name);
		e = check_number(t, S("findings "), name, i + 1,
		    s == NULL ? 0 : s->census.count[type]);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

static enum err
check_member(struct trial *t, struct slice name, uint32_t key)
{
	const struct ruling *r = t->ruling;
	uint32_t value = key + 1;

	if (slice_eq(name, S("error")))
		return check_text(t, name, value, code_of(t));
	if (slice_eq(name, S("first")))
		return check_text(t, name, value, first_of(r));
	if (slice_eq(name, S("exception")))
		return check_text(t, name, value, exception_of(r));
	if (slice_eq(name, S("workload")))
		return check_text(t, name, value, !r->decided ? S("none")
		    : name_of(r->snapshot->vocabulary.workload, r->facts.workload));
	if (slice_eq(name, S("masked")))
		return check_number(t, name, S(""), value, r->cover == NULL ? 0 : r->cover->tokens);
	if (slice_eq(name, S("findings")))
		return check_findings(t, value);
	if (slice_eq(name, S("plan")))
		return check_plan(t, value);
	if (slice_eq(name, S("refused")))
		return check_refused(t, value);
	if (slice_eq(name, S("duties")))
		return check_duties(t, value);
	if (slice_eq(name, S("label")))
		return check_label(t, value);
	return fault_at(t, key, S("nothing can be expected of "), name);
}

enum err
trial_judge(struct trial *t)
{
	const struct json *j = t->json;

	t->same = true;
	if (json_type(j, t->expect) != JSON_OBJECT || j->node[t->expect].count == 0)
		return fault_at(t, t->expect, S("`expect` must be an object with something in it"),
		    S(""));
	for (uint32_t i = t->expect + 1; i < j->node[t->expect].next; i = j->node[i + 1].next) {
		enum err e = check_member(t, json_string(t->arena, j, i), i);

		if (e != ERR_OK)
			return e;
	}
	/* Why, where that was not asked: who reads of a difference wants to know. */
	if (!t->same && t->ruling->err != ERR_OK) {
		text_put(t->differences, S("    it was refused: "));
		text_put(t->differences, ruling_text(t->ruling));
		text_put_char(t->differences, '\n');
	}
	return ERR_OK;
}
