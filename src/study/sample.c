/* SPDX-License-Identifier: Apache-2.0 */
#include "study/sample.h"

#include "core/date.h"
#include "core/limit.h"
#include "gate/path.h"
#include "ask/workload.h"
#include "run/heap.h"

/* Head fields that say how bytes are framed, or whose: a sample has neither. */
static bool
is_framing(struct slice name)
{
	static const struct slice framing[] = {
		{ "host", 4 }, { "content-length", 14 }, { "transfer-encoding", 17 },
		{ "connection", 10 }, { "expect", 6 }, { "authorization", 13 },
		{ "x-api-key", 9 }, { "api-key", 7 }, { "x-goog-api-key", 14 },
	};

	for (size_t i = 0; i < sizeof framing / sizeof framing[0]; i++)
		if (slice_same_word(name, framing[i]))
			return true;
	return false;
}

static enum err
fault_at(struct sample_fault *f, uint32_t offset, const struct slice *words, size_t count)
{
	f->offset = offset;
	for (size_t i = 0; i < count; i++)
		text_put(f->why, words[i]);
	return ERR_CONF;
}

#define WORDS(...)								\
	(const struct slice[]){ __VA_ARGS__ },					\
	    sizeof((const struct slice[]){ __VA_ARGS__ }) / sizeof(struct slice)

/* ---- as JSON ---- */

enum form { FORM_TEXT, FORM_LIST, FORM_NUMBER, FORM_FIELDS, FORM_OBJECT, FORM_ANY };

#define MEMBER(name, form)							\
	{ { #name, sizeof(#name) - 1 }, form, offsetof(struct sketch, name) }

static const struct member {
	struct slice	name;
	enum form	form;
	size_t		at;
} members[] = {
	MEMBER(name, FORM_TEXT),
	MEMBER(why, FORM_TEXT),
	MEMBER(method, FORM_TEXT),
	MEMBER(path, FORM_TEXT),
	MEMBER(key, FORM_TEXT),
	MEMBER(workload, FORM_TEXT),
	MEMBER(label, FORM_TEXT),
	MEMBER(model, FORM_TEXT),
	MEMBER(at, FORM_TEXT),
	MEMBER(features, FORM_LIST),
	MEMBER(tools, FORM_LIST),
	MEMBER(down, FORM_LIST),
	MEMBER(full, FORM_LIST),
	MEMBER(tokens, FORM_NUMBER),
	MEMBER(body, FORM_OBJECT),
	{ { "headers", 7 }, FORM_FIELDS, offsetof(struct sketch, fields) },
	{ { "expect", 6 }, FORM_ANY, 0 },
};

static const struct member *
member_of(struct slice name)
{
	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (slice_eq(members[i].name, name))
			return &members[i];
	return NULL;
}

/* A name that is nearly right is the likeliest mistake. */
static enum err
unknown(const struct json *j, uint32_t key, struct slice name, struct sample_fault *f)
{
	const struct slice *near = NULL;

	for (size_t i = 0; i < sizeof members / sizeof members[0]; i++)
		if (slice_distance(members[i].name, name) <= 2)
			near = &members[i].name;
	if (near != NULL)
		return fault_at(f, j->node[key].start, WORDS(S("a request has no `"), name,
		    S("`; did you mean `"), *near, S("`?")));
	return fault_at(f, j->node[key].start, WORDS(S("a request has no `"), name, S("`")));
}

/* A list of texts as one text with commas. */
static bool
read_list(struct arena *a, const struct json *j, uint32_t node, struct slice *out)
{
	size_t bytes = j->node[node].end - j->node[node].start;
	char *room = arena_bytes(a, bytes);
	struct text t;

	if (json_type(j, node) != JSON_ARRAY)
		return false;
	text_init(&t, room, room == NULL ? 0 : bytes);
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		if (json_type(j, i) != JSON_STRING)
			return false;
		text_put(&t, t.len == 0 ? S("") : S(","));
		text_put(&t, json_string(a, j, i));
	}
	*out = text_slice(&t);
	return true;
}

/* False for what would be no field, or several. */
static bool
put_field(struct text *t, struct slice name, struct slice value)
{
	if (!http1_is_token(name) || !http1_is_value(value))
		return false;
	if (is_framing(name))
		return true;
	text_put(t, name);
	text_put(t, S(": "));
	text_put(t, value);
	text_put(t, S("\r\n"));
	return true;
}

/* One field, or one line for each value of a list. */
static bool
put_values(struct text *t, struct arena *a, const struct json *j, uint32_t key)
{
	struct slice name = json_string(a, j, key);
	uint32_t value = key + 1;

	if (json_type(j, value) == JSON_STRING)
		return put_field(t, name, json_string(a, j, value));
	if (json_type(j, value) != JSON_ARRAY)
		return false;
	for (uint32_t i = value + 1; i < j->node[value].next; i = j->node[i].next) {
		if (json_type(j, i) != JSON_STRING || !put_field(t, name, json_string(a, j, i)))
			return false;
	}
	return true;
}

static bool
read_fields(struct arena *a, const struct json *j, uint32_t node, struct slice *out)
{
	/* A name may stand before each value of a list. */
	size_t bytes = 2 * HEAD_BYTES_MAX;
	char *room = arena_bytes(a, bytes);
	struct text t;

	text_init(&t, room, room == NULL ? 0 : bytes);
	if (json_type(j, node) != JSON_OBJECT)
		return false;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i + 1].next)
		if (!put_values(&t, a, j, i))
			return false;
	*out = text_slice(&t);
	return !text_overflowed(&t);
}

static bool
read_member(struct arena *a, const struct json *j, uint32_t value, const struct member *m,
    struct slice *out)
{
	switch (m->form) {
	case FORM_TEXT:
		*out = json_type(j, value) == JSON_STRING ? json_string(a, j, value) : *out;
		return json_type(j, value) == JSON_STRING;
	case FORM_LIST:
		return read_list(a, j, value, out);
	case FORM_NUMBER:
		*out = json_raw(j, value);
		return json_type(j, value) == JSON_NUMBER;
	case FORM_FIELDS:
		return read_fields(a, j, value, out);
	case FORM_OBJECT:
		*out = json_raw(j, value);
		return json_type(j, value) == JSON_OBJECT;
	case FORM_ANY:
		break;
	}
	return true;
}

enum err
sample_sketch(struct sketch *s, struct arena *a, const struct json *j, uint32_t node,
    struct sample_fault *f)
{
	static const struct slice forms[] = {
		{ "a text", 6 }, { "a list of texts", 15 }, { "a number", 8 },
		{ "an object of fields, each a text or a list of texts", 51 },
		{ "an object", 9 }, { "anything", 8 },
	};

	*s = (struct sketch){ 0 };
	if (json_type(j, node) != JSON_OBJECT)
		return fault_at(f, j->node[node].start, WORDS(S("a request is an object")));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i + 1].next) {
		struct slice name = json_string(a, j, i), ignored;
		const struct member *m = member_of(name);

		if (m == NULL)
			return unknown(j, i, name, f);
		if (!read_member(a, j, i + 1, m, m->form == FORM_ANY ? &ignored
		    : (struct slice *)(void *)((char *)s + m->at)))
			return fault_at(f, j->node[i + 1].start, WORDS(S("`"), m->name,
			    S("` must be "), forms[m->form]));
	}
	return arena_overflowed(a) ? ERR_MEMORY : ERR_OK;
}

/* ---- as text ---- */

/* The next line without its end, CRLF or LF. */
static struct slice
take_line(struct slice *rest)
{
	size_t end = slice_find(*rest, S("\n"));
	struct slice line = slice_cut(*rest, 0, end);

	*rest = slice_cut(*rest, end < rest->len ? end + 1 : end, rest->len);
	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	return line;
}

enum err
sample_sketch_http(struct sketch *s, struct arena *a, struct slice text, struct sample_fault *f)
{
	struct slice rest = text, line = take_line(&rest);
	size_t space = slice_find(line, S(" "));
	char *room = arena_bytes(a, 2 * HEAD_BYTES_MAX);
	struct text t;

	text_init(&t, room, room == NULL ? 0 : 2 * HEAD_BYTES_MAX);
	*s = (struct sketch){ .method = slice_cut(line, 0, space) };
	line = slice_trim(slice_cut(line, space, line.len));
	s->path = slice_cut(line, 0, slice_find(line, S(" ")));
	if (s->path.len == 0)
		return fault_at(f, 0, WORDS(S("the first line must be a method and a path, as "
		    "POST /v1/chat/completions; or the file must be JSON")));
	while (rest.len > 0) {
		uint32_t offset = (uint32_t)(text.len - rest.len);
		size_t colon;

		line = take_line(&rest);
		if (line.len == 0)
			break;
		colon = slice_find(line, S(":"));
		if (colon == line.len || !put_field(&t, slice_cut(line, 0, colon),
		    slice_trim(slice_cut(line, colon + 1, line.len))))
			return fault_at(f, offset, WORDS(S("a header field must be NAME: VALUE; "
			    "an empty line comes before the body")));
	}
	s->fields = text_slice(&t);
	s->body = rest;
	if (text_overflowed(&t))
		return fault_at(f, 0, WORDS(S("the header fields are too large")));
	return arena_overflowed(a) ? ERR_MEMORY : ERR_OK;
}

/* ---- as a request ---- */

static struct slice
or_else(struct slice s, struct slice usual)
{
	return s.len > 0 ? s : usual;
}

/* The least that each operation takes. */
static struct slice
short_body(struct arena *a, const struct sketch *s)
{
	size_t bytes = 6 * s->model.len + 128;
	char *room = arena_bytes(a, bytes);
	struct text t;

	text_init(&t, room, room == NULL ? 0 : bytes);
	text_put(&t, S("{\"model\":"));
	text_put_json(&t, or_else(s->model, S("auto")));
	if (slice_starts(s->path, S("/v1/embeddings")))
		text_put(&t, S(",\"input\":\"\"}"));
	else if (slice_starts(s->path, S("/v1/completions")))
		text_put(&t, S(",\"prompt\":\"\"}"));
	else
		text_put(&t, S(",\"messages\":[{\"role\":\"user\",\"content\":\"\"}]}"));
	return text_slice(&t);
}

static enum err
make_head(struct sample *out, struct arena *a, struct sample_fault *f)
{
	const struct sketch *s = &out->sketch;
	char *room = arena_bytes(a, 2 * HEAD_BYTES_MAX + 1024);
	struct text t;
	enum err e;

	text_init(&t, room, room == NULL ? 0 : 2 * HEAD_BYTES_MAX + 1024);
	text_put(&t, s->method);
	text_put_char(&t, ' ');
	text_put(&t, s->path);
	text_put(&t, S(" HTTP/1.1\r\nhost: sample\r\n"));
	text_put(&t, s->fields);
	if ((s->workload.len > 0 && !put_field(&t, S("x-trivium-workload"), s->workload)) ||
	    (s->label.len > 0 && !put_field(&t, S("x-trivium-label"), s->label)))
		return fault_at(f, 0, WORDS(S("`workload` and `label` must be texts of one line")));
	text_put(&t, S("\r\n"));
	if (arena_overflowed(a))
		return ERR_MEMORY;
	e = text_overflowed(&t) ? ERR_HEAD_TOO_LARGE : http1_request(text_slice(&t), &out->head);
	if (e == ERR_OK)
		return e;
	return fault_at(f, 0, WORDS(S("its method, path or header fields: "), err_info(e)->text));
}

enum err
sample_make(struct sample *out, struct arena *a, const struct sketch *sketch, int64_t now,
    struct sample_fault *f)
{
	struct sketch *s = &out->sketch;

	*out = (struct sample){ .sketch = *sketch, .now = now };
	s->method = or_else(s->method, S("POST"));
	s->path = or_else(s->path, S("/v1/chat/completions"));
	if (s->model.len > 0 && s->body.len > 0)
		return fault_at(f, 0, WORDS(S("`model` is short for a body; there is a `body` "
		    "as well")));
	out->body = s->body.len > 0 ? s->body : short_body(a, s);
	if (s->tokens.len > 0 && !slice_number(s->tokens, &out->tokens))
		return fault_at(f, 0, WORDS(S("`tokens` must be a whole number, not "), s->tokens));
	if (s->at.len > 0 && !date_read(s->at, &out->now))
		return fault_at(f, 0, WORDS(S("`at` must be YYYY-MM-DD or YYYY-MM-DDTHH:MMZ, not "),
		    s->at));
	return make_head(out, a, f);
}

/* ---- the ruling ---- */

/* The next name of a list with commas; false at its end. */
static bool
next_name(struct slice *list, struct slice *name)
{
	size_t end;

	if (list->len == 0)
		return false;
	end = slice_find(*list, S(","));
	*name = slice_trim(slice_cut(*list, 0, end));
	*list = slice_cut(*list, end < list->len ? end + 1 : end, list->len);
	return true;
}

static enum err
read_set(struct slice list, struct names names, struct slice what, uint64_t *set,
    struct sample_fault *f)
{
	struct slice name;

	while (next_name(&list, &name)) {
		uint32_t at = 0;

		while (at < names.count && !slice_eq(names.name[at], name))
			at++;
		if (at == names.count)
			return fault_at(f, 0, WORDS(S("there is no "), what, S(" `"), name,
			    S("`")));
		*set |= UINT64_C(1) << at;
	}
	return ERR_OK;
}

static enum err
read_health(const struct sample *s, const struct snapshot *snapshot, struct live *live,
    struct sample_fault *f)
{
	struct slice down = s->sketch.down, full = s->sketch.full, name;
	const struct model *m;

	while (next_name(&down, &name)) {
		if ((m = snapshot_model(snapshot, name)) == NULL)
			return fault_at(f, 0, WORDS(S("there is no model `"), name, S("`")));
		live[m->index].broken = true;
	}
	while (next_name(&full, &name)) {
		if ((m = snapshot_model(snapshot, name)) == NULL)
			return fault_at(f, 0, WORDS(S("there is no model `"), name, S("`")));
		live[m->index].full = true;
	}
	return ERR_OK;
}

/* What a file or an option adds to what the body shows. */
static enum err
read_more(const struct sample *s, struct ruling *r, struct sample_fault *f)
{
	static const struct names features = { policy_feature_name, FEATURE_COUNT };
	enum err e = read_set(s->sketch.features, features, S("feature"), &r->facts.features, f);

	if (e == ERR_OK)
		e = read_set(s->sketch.tools, r->snapshot->vocabulary.tool, S("tool"),
		    &r->facts.tools, f);
	if (s->sketch.tokens.len > 0)
		r->facts.tokens = s->tokens;
	return e;
}

/* The caller, then the path and the body, as the gate's first steps ask them. */
static enum err
read_request(const struct sample *s, const struct roster *roster, struct inquiry *q,
    struct json *json)
{
	const struct path *path;
	struct slice rest;
	struct json_fault fault;
	enum err e = roster_caller(roster, s->sketch.key, &q->key);

	if (e != ERR_OK)
		return e;
	if ((e = path_find(s->head.target, s->head.method, &path, &rest)) != ERR_OK)
		return e;
	q->operation = path->operation;
	if (path->operation == OPERATION_ROUTE && q->key != NULL && !q->key->explain)
		return ERR_EXPLAIN_FORBIDDEN;
	if (openai_is_local(path->operation)) {
		q->detail = S("this path asks no model");
		return ERR_FIELD_MISSING;
	}
	e = json_parse(q->work, s->body, JSON_DUPLICATES_REFUSED, json, &fault);
	q->json = json;
	return e;
}

static enum err
look(struct inquiry *q)
{
	struct arena scratch;
	enum err e = ERR_OK;

	arena_init(&scratch, heap_memory(), EVENT_ARENA_MAX);
	q->scratch = &scratch;
	if ((e = inquiry_look(q, q->snapshot->detect_parts)) == ERR_OK && q->sight != NULL)
		while (!sight_step(q->sight, SIGHT_SLICE_BYTES))
			;
	q->scratch = NULL;
	arena_release(&scratch);
	q->sight = e == ERR_OK ? q->sight : NULL;
	return e == ERR_OK ? inquiry_found(q) : e;
}

static enum err
inquire(struct inquiry *q, struct ruling *r)
{
	enum err e;

	if ((e = inquiry_label(q)) != ERR_OK || (e = inquiry_ask(q)) != ERR_OK ||
	    (e = workload_find(q)) != ERR_OK)
		return e;
	r->said = r->facts.label;
	inquiry_use(q);
	e = look(q);
	r->sight = q->sight;
	return e;
}

enum err
sample_rule(const struct sample *s, const struct roster *roster, struct arena *a,
    struct ruling *r, struct sample_fault *f)
{
	const struct snapshot *snapshot = roster->snapshot;
	struct live *health = arena_zero(a, snapshot->model_count * sizeof *health);
	struct json *json = arena_zero(a, sizeof *json);
	struct inquiry q;
	enum err e;

	*r = (struct ruling){ .snapshot = snapshot, .facts.now = s->now };
	if (health == NULL || json == NULL)
		return ERR_MEMORY;
	q = ruling_inquiry(r, a);
	q.head = &s->head;
	if ((e = read_health(s, snapshot, health, f)) != ERR_OK)
		return e;
	e = read_request(s, roster, &q, json);
	r->key = q.key;
	if (e == ERR_OK)
		e = inquire(&q, r);
	if (read_more(s, r, f) != ERR_OK)
		return ERR_CONF;
	ruling_decide(r, &q, health, e);
	return r->err == ERR_MEMORY ? ERR_MEMORY : ERR_OK;
}
