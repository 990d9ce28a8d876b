/* SPDX-License-Identifier: Apache-2.0 */
#include "study/past.h"

#include "caller/standing.h"

static struct slice
text_at(const struct past *p, struct arena *a, uint32_t object, struct slice name)
{
	uint32_t node = json_member(&p->json, object, name);

	if (node == 0 || json_type(&p->json, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_string(a, &p->json, node);
}

enum past_line
past_read(struct past *p, struct arena *a, struct slice line, struct text *why)
{
	struct json_fault fault = { 0 };
	enum err e;

	*p = (struct past){ .decision = 0 };
	e = json_parse(a, line, JSON_DUPLICATES_REFUSED, &p->json, &fault);
	if (e != ERR_OK) {
		text_put(why, S("this is no whole line of a log (byte "));
		text_put_number(why, fault.offset + 1);
		text_put(why, S(": "));
		text_put(why, e == ERR_JSON_MALFORMED && fault.why != NULL
		    ? slice_of(fault.why, __builtin_strlen(fault.why)) : err_info(e)->text);
		text_put(why, S(")"));
		return PAST_WRONG;
	}
	p->id = text_at(p, a, 0, S("id"));
	if (json_type(&p->json, 0) != JSON_OBJECT || p->id.len == 0)
		return PAST_OTHER;
	p->time = text_at(p, a, 0, S("time"));
	p->caller = text_at(p, a, 0, S("caller"));
	p->tenant = text_at(p, a, 0, S("tenant"));
	p->model_asked = text_at(p, a, 0, S("model_asked"));
	p->err = text_at(p, a, 0, S("err"));
	p->policy = text_at(p, a, 0, S("policy"));
	p->opened = json_member(&p->json, 0, S("opened")) != 0;
	p->decision = json_member(&p->json, 0, S("decision"));
	if (p->decision != 0)
		p->workload = text_at(p, a, p->decision, S("workload"));
	return PAST_RECORD;
}

/* ---- names back to numbers ---- */

/* What is read, from what, and what is wrong with it. */
struct reader {
	const struct past	*past;
	const struct snapshot	*snapshot;
	struct arena		*arena;
	struct text		*why;
};

static enum err
complain(const struct reader *r, struct slice what, struct slice name)
{
	text_put(r->why, S("the record's "));
	text_put(r->why, what);
	text_put(r->why, S(" `"));
	text_put(r->why, name);
	text_put(r->why, S("` is not in this policy"));
	return ERR_CONF;
}

static enum err
read_name(const struct reader *r, uint32_t node, struct names names, struct slice what,
    uint32_t *out)
{
	const struct json *j = &r->past->json;

	for (uint32_t i = 0; i < names.count; i++)
		if (json_is(j, node, names.name[i])) {
			*out = i;
			return ERR_OK;
		}
	return complain(r, what, json_type(j, node) == JSON_STRING
	    ? json_string(r->arena, j, node) : S("?"));
}

/* A member that is a list of names, as a set; absent: the set stays. */
static enum err
read_set(const struct reader *r, uint32_t node, struct names names, struct slice what,
    uint64_t *set)
{
	const struct json *j = &r->past->json;
	uint32_t at = 0;
	enum err e;

	if (node == 0)
		return ERR_OK;
	if (json_type(j, node) != JSON_ARRAY)
		return complain(r, what, S("?"));
	*set = 0;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		if ((e = read_name(r, i, names, what, &at)) != ERR_OK)
			return e;
		*set |= UINT64_C(1) << at;
	}
	return ERR_OK;
}

static enum err
read_label(const struct reader *r, uint32_t node, struct label *out)
{
	const struct json *j = &r->past->json;
	const struct vocabulary *v = &r->snapshot->vocabulary;
	struct label label = LABEL_PUBLIC;
	enum err e;

	if (node == 0)
		return complain(r, S("facts"), S("label"));
	if ((e = read_name(r, json_member(j, node, S("level")), v->level, S("level"),
	    &label.level)) != ERR_OK ||
	    (e = read_set(r, json_member(j, node, S("kinds")), v->kind, S("kind"),
	    &label.kinds)) != ERR_OK ||
	    (e = read_set(r, json_member(j, node, S("regions")), v->region, S("region"),
	    &label.regions)) != ERR_OK ||
	    (e = read_set(r, json_member(j, node, S("requires")), v->property, S("requirement"),
	    &label.requires)) != ERR_OK)
		return e;
	*out = label;
	return ERR_OK;
}

static enum err
read_facts(const struct reader *r, struct ruling *out)
{
	static const struct names features = { policy_feature_name, FEATURE_COUNT };
	const struct json *j = &r->past->json;
	uint32_t facts = json_member(j, r->past->decision, S("facts"));
	uint64_t tokens = 0, now = 0;
	uint32_t unknown;
	enum err e;

	if (facts == 0)
		return complain(r, S("decision"), S("facts"));
	if ((e = read_label(r, json_member(j, facts, S("label")), &out->facts.label)) != ERR_OK ||
	    (e = read_set(r, json_member(j, facts, S("features")), features, S("feature"),
	    &out->facts.features)) != ERR_OK ||
	    (e = read_set(r, json_member(j, facts, S("tools")), r->snapshot->vocabulary.tool,
	    S("tool"), &out->facts.tools)) != ERR_OK)
		return e;
	unknown = json_member(j, facts, S("tool_unknown"));
	out->facts.tool_unknown = unknown != 0 && json_type(j, unknown) == JSON_TRUE;
	if (!json_integer(j, json_member(j, facts, S("tokens")), &tokens) ||
	    !json_integer(j, json_member(j, facts, S("now")), &now))
		return complain(r, S("facts"), S("tokens or now"));
	out->facts.tokens = tokens;
	out->facts.now = (int64_t)now;
	out->said = out->facts.label;
	return ERR_OK;
}

/* ---- health ---- */

/* Models that another policy does not have need no health. */
static struct live *
live_of(const struct reader *r, struct live *health, uint32_t node)
{
	const struct json *j = &r->past->json;
	const struct model *m = json_type(j, node) == JSON_STRING
	    ? snapshot_model(r->snapshot, json_string(r->arena, j, node)) : NULL;

	return m == NULL ? NULL : &health[m->index];
}

/* Models of a list, by the name of the list in an object. */
static void
read_down(const struct reader *r, struct live *health, uint32_t object, struct slice name,
    enum reason why)
{
	const struct json *j = &r->past->json;
	uint32_t list = object == 0 ? 0 : json_member(j, object, name);

	if (list == 0 || json_type(j, list) != JSON_ARRAY)
		return;
	for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i].next) {
		struct live *live = live_of(r, health, i);

		if (live == NULL)
			continue;
		live->broken |= why == REASON_BREAKER;
		live->full |= why == REASON_CONCURRENCY;
		live->limited |= why == REASON_RATE;
	}
}

static void
read_health(const struct reader *r, struct live *health)
{
	const struct json *j = &r->past->json;
	uint32_t refused = json_member(j, r->past->decision, S("refused"));
	uint32_t facts = json_member(j, r->past->decision, S("facts"));
	uint32_t list = json_member(j, facts, S("latency_ns"));

	for (enum reason why = REASON_BREAKER; why <= REASON_RATE; why++)
		read_down(r, health, refused, reason_info(why)->name, why);
	read_down(r, health, facts, S("down"), REASON_BREAKER);
	if (list == 0 || json_type(j, list) != JSON_OBJECT)
		return;
	for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i + 1].next) {
		struct live *live = live_of(r, health, i);
		uint64_t latency;

		if (live != NULL && json_integer(j, i + 1, &latency))
			live->latency = (nanos)latency;
	}
}

/* ---- again ---- */

static struct slice
gone_text(struct arena *a, struct slice what, struct slice gone)
{
	size_t bytes = what.len + gone.len + 8;
	struct text t;

	text_init(&t, arena_bytes(a, bytes), bytes);
	if (t.ptr == NULL)
		return slice_of(NULL, 0);
	text_put(&t, what);
	text_put(&t, S(" `"));
	text_put(&t, gone);
	text_put_char(&t, '`');
	return text_slice(&t);
}

/* Its caller: by what the record says that it may, or by its id among the policy's keys. */
static enum err
find_key(const struct past *p, const struct roster *roster, struct inquiry *q)
{
	const struct standing standing = {
		&p->json, p->caller, p->tenant, roster->snapshot, q->arena,
	};
	struct slice gone;
	struct key *key;
	enum err e;

	if (!standing_is_said(&standing))
		return roster_caller(roster, p->caller, &q->key);
	if ((key = arena_alloc(q->arena, sizeof *key)) == NULL)
		return ERR_MEMORY;
	e = standing_bind(&standing, key, &gone);
	if (e == ERR_KEY_STALE)
		q->detail = gone_text(q->arena, S("this policy does not have what the stored key "
		    "names:"), gone);
	else if (e == ERR_TOKEN_REFUSED)
		q->detail = gone_text(q->arena, S("this policy does not take the caller's token:"),
		    gone);
	if (e == ERR_OK)
		q->key = key;
	return e;
}

/* The workload that was found, if this policy has it and the caller may choose it. */
static enum err
find_workload(const struct past *p, struct inquiry *q)
{
	const struct snapshot *s = q->snapshot;
	uint32_t at = snapshot_workload(s, p->workload);

	if (at == MATCH_NONE && p->workload.len == 0)
		at = s->default_workload;
	if (at == MATCH_NONE || !policy_set_has(facts_bound(&s->policy, q->facts)->workloads, at)) {
		q->refused_by = REASON_WORKLOAD;
		q->param = S("workload");
		q->detail = S("there is no such workload that this key may choose");
		return ERR_POLICY_REFUSED;
	}
	q->facts->workload = at;
	return ERR_OK;
}

enum err
past_rule(const struct past *p, const struct roster *roster, struct arena *a, struct ruling *out,
    struct text *why)
{
	const struct snapshot *s = roster->snapshot;
	struct reader reader = { p, s, a, why };
	struct live *health = arena_zero(a, s->model_count * sizeof *health);
	struct inquiry q;
	enum err e;

	must(p->decision != 0);
	*out = (struct ruling){ .snapshot = s };
	if (health == NULL)
		return ERR_MEMORY;
	if ((e = read_facts(&reader, out)) != ERR_OK)
		return e;
	read_health(&reader, health);
	q = ruling_inquiry(out, a);
	out->ask.model = p->model_asked;
	e = find_key(p, roster, &q);
	if (e == ERR_JSON_MALFORMED) {
		text_put(why, S("what the record says that its caller may is no gateway's"));
		return ERR_CONF;
	}
	out->key = q.key;
	if (e == ERR_OK) {
		out->facts.bound = q.key == NULL ? 0 : q.key->bound;
		out->facts.own = q.key == NULL ? NULL : q.key->own;
		e = find_workload(p, &q);
	}
	ruling_decide(out, &q, health, e);
	return arena_overflowed(a) ? ERR_MEMORY : ERR_OK;
}

/* ---- comparison ---- */

/* A value of one document, as it stands or of the same meaning: members in any order. */
static bool
is_same(struct arena *a, const struct json *one, uint32_t i, const struct json *other, uint32_t k)
{
	if (slice_eq(json_raw(one, i), json_raw(other, k)))
		return true;
	if (json_type(one, i) != json_type(other, k) ||
	    one->node[i].count != other->node[k].count)
		return false;
	if (json_type(one, i) == JSON_STRING)
		return json_is(other, k, json_string(a, one, i));
	if (json_type(one, i) == JSON_ARRAY) {
		uint32_t m = k + 1;

		for (uint32_t n = i + 1; n < one->node[i].next; n = one->node[n].next) {
			if (!is_same(a, one, n, other, m))
				return false;
			m = other->node[m].next;
		}
		return true;
	}
	if (json_type(one, i) != JSON_OBJECT)
		return false;
	for (uint32_t n = i + 1; n < one->node[i].next; n = one->node[n + 1].next) {
		uint32_t m = json_member(other, k, json_string(a, one, n));

		if (m == 0 || !is_same(a, one, n + 1, other, m))
			return false;
	}
	return true;
}

static void
put_value(struct text *t, const struct json *j, uint32_t node)
{
	text_put(t, node == 0 ? S("nothing") : json_raw(j, node));
}

static bool
compare_member(const struct past *p, struct arena *a, const struct json *now, struct slice name,
    struct text *t)
{
	uint32_t was = json_member(&p->json, p->decision, name), is = json_member(now, 0, name);

	if ((was == 0) == (is == 0) && (was == 0 || is_same(a, &p->json, was, now, is)))
		return true;
	text_put(t, S("  "));
	text_put(t, name);
	text_put(t, S("\n    recorded "));
	put_value(t, &p->json, was);
	text_put(t, S("\n    now      "));
	put_value(t, now, is);
	text_put_char(t, '\n');
	return false;
}

enum err
past_compare(const struct past *p, const struct ruling *r, struct arena *a, struct text *t)
{
	static const struct slice members[] = {
		{ "workload", 8 }, { "facts", 5 }, { "label", 5 }, { "duties", 6 },
		{ "degraded", 8 }, { "plan", 4 }, { "exception", 9 }, { "refused", 7 },
	};
	struct explanation decision = ruling_explanation(r);
	size_t bytes = explain_bytes(&decision);
	char *room = arena_bytes(a, bytes);
	struct json_fault fault;
	struct json now;
	struct text again;
	bool same = true;

	if (!r->decided) {
		text_put(t, S("  no decision is made now: "));
		text_put(t, ruling_text(r));
		text_put_char(t, '\n');
		return ERR_CONF;
	}
	if (room == NULL)
		return ERR_MEMORY;
	text_init(&again, room, bytes);
	explain_put(&again, &decision);
	if (json_parse(a, text_slice(&again), JSON_DUPLICATES_REFUSED, &now, &fault) != ERR_OK)
		return ERR_MEMORY;
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		same &= compare_member(p, a, &now, members[i], t);
	return same ? ERR_OK : ERR_CONF;
}
