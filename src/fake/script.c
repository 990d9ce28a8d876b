/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/script.h"

#include <stddef.h>

#include "core/base64.h"
#include "core/limit.h"

#define COUNT_OF(array)	(sizeof(array) / sizeof((array)[0]))

struct reader {
	struct arena	*arena;
	struct json	 json;
	struct text	*why;
};

/* One word that an object may have, and what becomes of its value. */
struct field {
	struct slice	 name;
	bool		(*read)(struct reader *, uint32_t node, void *out);
	size_t		 offset;
	const char	*want;
};

static bool
refuse(struct reader *r, struct slice name, const char *want)
{
	if (r->why->len > 0)
		return false;
	text_put(r->why, S("\""));
	text_put(r->why, slice_of(name.ptr, name.len < 64 ? name.len : 64));
	text_put(r->why, S("\": "));
	text_put(r->why, slice_of(want, strlen(want)));
	return false;
}

static const struct field *
field_find(const struct field *field, size_t count, struct slice name)
{
	for (size_t i = 0; i < count; i++) {
		if (slice_eq(field[i].name, name))
			return &field[i];
	}
	return NULL;
}

static bool
read_fields(struct reader *r, uint32_t node, const struct field *field, size_t count, void *out)
{
	const struct json *j = &r->json;

	if (json_type(j, node) != JSON_OBJECT)
		return false;
	for (uint32_t key = node + 1; key < j->node[node].next; key = j->node[key + 1].next) {
		struct slice name = json_inside(j, key);
		const struct field *f = field_find(field, count, name);

		if (f == NULL)
			return refuse(r, name, "is not a word of a script");
		if (!f->read(r, key + 1, (char *)out + f->offset))
			return refuse(r, name, f->want);
	}
	return true;
}

static bool
read_bool(struct reader *r, uint32_t node, void *out)
{
	enum json_type type = json_type(&r->json, node);

	*(bool *)out = type == JSON_TRUE;
	return type == JSON_TRUE || type == JSON_FALSE;
}

static bool
read_number(struct reader *r, uint32_t node, void *out)
{
	return json_integer(&r->json, node, out);
}

static bool
read_text(struct reader *r, uint32_t node, void *out)
{
	if (json_type(&r->json, node) != JSON_STRING)
		return false;
	*(struct slice *)out = json_string(r->arena, &r->json, node);
	return !arena_overflowed(r->arena);
}

static bool
read_base64(struct reader *r, uint32_t node, void *out)
{
	return json_type(&r->json, node) == JSON_STRING &&
	    base64_read(r->arena, json_inside(&r->json, node), out);
}

/* A string means its text, every other value its own bytes. */
static bool
read_body(struct reader *r, uint32_t node, void *out)
{
	if (json_type(&r->json, node) == JSON_STRING)
		return read_text(r, node, out);
	*(struct slice *)out = json_raw(&r->json, node);
	return true;
}

static bool
read_pace(struct reader *r, uint32_t node, void *out)
{
	return pace_read(&r->json, node, out);
}

static bool
read_rate(struct reader *r, uint32_t node, void *out)
{
	uint64_t rate;

	if (!json_integer(&r->json, node, &rate) || rate == 0)
		return false;
	*(struct pace *)out = pace_fixed((nanos)((uint64_t)NANOS_PER_S / rate));
	return true;
}

static bool
read_status(struct reader *r, uint32_t node, void *out)
{
	uint64_t *status = out;

	return json_integer(&r->json, node, status) && *status >= 200 && *status <= 599;
}

static bool
read_headers(struct reader *r, uint32_t node, void *out)
{
	const struct json *j = &r->json;
	struct text t;
	char *room;

	if (json_type(j, node) != JSON_OBJECT)
		return false;
	/* "name":"value" has at least as many bytes as `name: value` with its CRLF, less one. */
	room = arena_bytes(r->arena, json_raw(j, node).len + j->node[node].count);
	if (room == NULL)
		return false;
	text_init(&t, room, json_raw(j, node).len + j->node[node].count);
	for (uint32_t key = node + 1; key < j->node[node].next; key = j->node[key + 1].next) {
		if (json_type(j, key + 1) != JSON_STRING)
			return false;
		text_put(&t, json_string(r->arena, j, key));
		text_put(&t, S(": "));
		text_put(&t, json_string(r->arena, j, key + 1));
		text_put(&t, S("\r\n"));
	}
	*(struct slice *)out = text_slice(&t);
	return !text_overflowed(&t);
}

static bool
read_strings(struct reader *r, uint32_t node, const struct slice **out, uint32_t *count)
{
	const struct json *j = &r->json;
	struct slice *s;
	uint32_t n = 0;

	if (json_type(j, node) != JSON_ARRAY)
		return false;
	s = arena_alloc(r->arena, (j->node[node].count + 1) * sizeof *s);
	if (s == NULL)
		return false;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		if (!read_text(r, i, &s[n++]))
			return false;
	}
	*out = s;
	*count = n;
	return true;
}

static bool
read_events(struct reader *r, uint32_t node, void *out)
{
	struct behaviour *b = out;

	return read_strings(r, node, &b->event, &b->event_count);
}

static bool
read_models(struct reader *r, uint32_t node, void *out)
{
	struct script *s = out;

	return read_strings(r, node, &s->model, &s->model_count);
}

static bool
read_usage(struct reader *r, uint32_t node, void *out)
{
	static const struct field field[] = {
		{ S("input"), read_number, offsetof(struct behaviour, usage_input), "a number" },
		{ S("output"), read_number, offsetof(struct behaviour, usage_output), "a number" },
		{ S("cached"), read_number, offsetof(struct behaviour, usage_cached), "a number" },
	};
	static const struct { struct slice word; enum usage_say say; } word[] = {
		{ S("as_asked"), USAGE_AS_ASKED }, { S("absent"), USAGE_ABSENT },
		{ S("twice"), USAGE_TWICE }, { S("always"), USAGE_ALWAYS },
	};
	struct behaviour *b = out;

	for (size_t i = 0; i < COUNT_OF(word); i++) {
		if (json_is(&r->json, node, word[i].word)) {
			b->usage_say = word[i].say;
			return true;
		}
	}
	b->usage_given = true;
	return read_fields(r, node, field, COUNT_OF(field), b);
}

static bool
read_act(struct reader *r, uint32_t node, void *out)
{
	enum fault_act *act = out;

	if (json_is(&r->json, node, S("stall")))
		*act = FAULT_STALL;
	else if (json_is(&r->json, node, S("reset")))
		*act = FAULT_RESET;
	else if (json_is(&r->json, node, S("close")))
		*act = FAULT_CLOSE;
	else
		return false;
	return true;
}

static bool
read_spot(struct reader *r, uint32_t node, void *out)
{
	uint64_t *at = out, events;

	if (json_is(&r->json, node, S("before_head")))
		*at = FAULT_BEFORE_HEAD;
	else if (json_is(&r->json, node, S("after_head")))
		*at = FAULT_AFTER_HEAD;
	else if (json_integer(&r->json, node, &events) && events > 0)
		*at = FAULT_AFTER_EVENT(events);
	else
		return false;
	return true;
}

static bool
read_wait(struct reader *r, uint32_t node, void *out)
{
	uint64_t ms;

	if (!json_integer(&r->json, node, &ms) || ms > UINT64_C(86400000))
		return false;
	*(nanos *)out = (nanos)ms * NANOS_PER_MS;
	return true;
}

static bool
read_fault(struct reader *r, uint32_t node, void *out)
{
	static const struct field field[] = {
		{ S("do"), read_act, offsetof(struct behaviour, fault), "stall, reset or close" },
		{ S("at"), read_spot, offsetof(struct behaviour, fault_at),
		    "before_head, after_head or a number of events" },
		{ S("for_ms"), read_wait, offsetof(struct behaviour, fault_for), "milliseconds" },
	};
	struct behaviour *b = out;

	b->fault_at = FAULT_BEFORE_HEAD;
	b->fault_for = NANOS_NEVER;
	return read_fields(r, node, field, COUNT_OF(field), b);
}

static bool
read_line(struct reader *r, uint32_t node, void *out)
{
	struct slice *line = out;

	if (json_is(&r->json, node, S("lf")))
		*line = S("\n");
	else if (json_is(&r->json, node, S("crlf")))
		*line = S("\r\n");
	else if (json_is(&r->json, node, S("cr")))
		*line = S("\r");
	else
		return false;
	return true;
}

static bool
read_malformed(struct reader *r, uint32_t node, void *out)
{
	static const struct { struct slice word; enum malformed malformed; } row[] = {
#define MALFORMED(name, word, why)	{ S(word), MALFORMED_##name },
#include "fake/malformed.tbl"
#undef MALFORMED
	};

	for (size_t i = 0; i < COUNT_OF(row); i++) {
		if (json_is(&r->json, node, row[i].word)) {
			*(enum malformed *)out = row[i].malformed;
			return true;
		}
	}
	return false;
}

static bool
read_behaviour(struct reader *r, uint32_t node, void *out)
{
#define AT(member)	offsetof(struct behaviour, member)
	static const struct field field[] = {
		{ S("first_token_ms"), read_pace, AT(first), "milliseconds or a distribution" },
		{ S("token_ms"), read_pace, AT(token), "milliseconds or a distribution" },
		{ S("tokens_per_second"), read_rate, AT(token), "a number above 0" },
		{ S("head_first"), read_bool, AT(head_first), "true or false" },
		{ S("tokens"), read_number, AT(tokens), "a number" },
		{ S("text"), read_text, AT(text), "a string" },
		{ S("finish_reason"), read_text, AT(finish), "a string" },
		{ S("usage"), read_usage, 0,
		    "as_asked, absent, twice, always, or {input, output, cached}" },
		{ S("status"), read_status, AT(status), "a status from 200 to 599" },
		{ S("headers"), read_headers, AT(fields), "an object of strings" },
		{ S("body"), read_body, AT(body), "a string or a JSON value" },
		{ S("body_base64"), read_base64, AT(body), "base64" },
		{ S("events"), read_events, 0, "an array of strings" },
		{ S("raw"), read_text, AT(raw), "a string" },
		{ S("raw_base64"), read_base64, AT(raw), "base64" },
		{ S("fault"), read_fault, 0, "{do, at, for_ms}" },
		{ S("error_at"), read_number, AT(error_at), "the number of an event, from 1" },
		{ S("comment_every"), read_number, AT(comment_every), "a number of events" },
		{ S("line"), read_line, AT(line), "lf, crlf or cr" },
		{ S("cut_bytes"), read_number, AT(cut_bytes), "a number of bytes" },
		{ S("piece_bytes"), read_number, AT(piece_bytes), "a number of bytes" },
		{ S("piece_random"), read_bool, AT(piece_random), "true or false" },
		{ S("piece_ms"), read_pace, AT(piece_wait), "milliseconds or a distribution" },
		{ S("malformed"), read_malformed, AT(malformed), "a word of malformed.tbl" },
		{ S("chunked"), read_bool, AT(chunked), "true or false" },
		{ S("close"), read_bool, AT(close), "true or false" },
	};
#undef AT

	return read_fields(r, node, field, COUNT_OF(field), out);
}

static bool
read_nth(struct reader *r, uint32_t node, void *out)
{
	struct rule *rule = out;
	const struct json *j = &r->json;

	if (json_integer(j, node, &rule->from)) {
		rule->to = rule->from;
		return rule->from > 0;
	}
	return json_type(j, node) == JSON_ARRAY && j->node[node].count == 2 &&
	    json_integer(j, node + 1, &rule->from) && json_integer(j, node + 2, &rule->to);
}

static bool
read_stream(struct reader *r, uint32_t node, void *out)
{
	bool stream;

	if (!read_bool(r, node, &stream))
		return false;
	*(int *)out = stream;
	return true;
}

static bool
read_rule(struct reader *r, uint32_t node, struct rule *rule)
{
#define AT(member)	offsetof(struct rule, member)
	static const struct field field[] = {
		{ S("model"), read_text, AT(model), "a string" },
		{ S("path"), read_text, AT(path), "a string" },
		{ S("marker"), read_text, AT(marker), "a string" },
		{ S("stream"), read_stream, AT(stream), "true or false" },
		{ S("nth"), read_nth, 0, "a number from 1, or [first, last]" },
		{ S("times"), read_number, AT(to), "a number" },
		{ S("every"), read_number, AT(every), "a number" },
		{ S("then"), read_behaviour, AT(then), "a behaviour" },
	};
#undef AT

	return read_fields(r, node, field, COUNT_OF(field), rule);
}

static bool
read_rules(struct reader *r, uint32_t node, void *out)
{
	const struct json *j = &r->json;
	struct script *s = out;

	if (json_type(j, node) != JSON_ARRAY)
		return false;
	s->rule = arena_zero(r->arena, (j->node[node].count + 1) * sizeof *s->rule);
	if (s->rule == NULL)
		return false;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		struct rule *rule = &s->rule[s->rule_count++];

		*rule = (struct rule){ .stream = -1, .from = 1, .to = UINT64_MAX, .every = 1,
			.then = s->usual };
		if (!read_rule(r, i, rule) || rule->every == 0)
			return false;
	}
	return true;
}

/* What is usual comes first, for the rules begin as copies of it. */
static bool
read_script(struct reader *r, struct script *s)
{
	static const struct field field[] = {
		{ S("default"), read_behaviour, offsetof(struct script, usual), "a behaviour" },
		{ S("models"), read_models, 0, "an array of strings" },
		{ S("strict_models"), read_bool, offsetof(struct script, strict), "true or false" },
		{ S("key"), read_text, offsetof(struct script, key), "a string" },
	};
	static const struct field rules = { S("rules"), read_rules, 0, "an array of rules" };
	const struct json *j = &r->json;

	if (json_type(j, 0) != JSON_OBJECT)
		return refuse(r, S("script"), "is not a JSON object");
	for (int pass = 0; pass < 2; pass++) {
		for (uint32_t key = 1; key < j->node[0].next; key = j->node[key + 1].next) {
			struct slice name = json_inside(j, key);
			bool late = slice_eq(name, rules.name);
			const struct field *f = late ? &rules :
			    field_find(field, COUNT_OF(field), name);

			if (f == NULL)
				return refuse(r, name, "is not a word of a script");
			if (late == (pass == 1) && !f->read(r, key + 1, (char *)s + f->offset))
				return refuse(r, name, f->want);
		}
	}
	return true;
}

enum err
script_read(struct memory *memory, struct slice text, struct text *why, struct script **out)
{
	struct reader r = { .why = why };
	struct json_fault fault = { 0 };
	struct arena arena;
	struct script *s;
	enum err err = ERR_OK;

	arena_init(&arena, memory, REQUEST_ARENA_MAX);
	s = arena_zero(&arena, sizeof *s);
	if (s == NULL)
		return ERR_MEMORY;
	*s = (struct script){ .references = 1, .arena = arena,
		.usual = { .status = 200, .line = S("\n") } };
	r.arena = &s->arena;
	if (text.len > 0)
		text = arena_copy(r.arena, text);
	if (text.len > 0)
		err = json_parse(r.arena, text, JSON_DUPLICATES_REFUSED, &r.json, &fault);
	if (err != ERR_OK) {
		text_put(why, S("not JSON at byte "));
		text_put_number(why, fault.offset);
		text_put(why, S(": "));
		if (fault.why != NULL)
			text_put(why, slice_of(fault.why, strlen(fault.why)));
	} else if (text.len > 0 && !read_script(&r, s)) {
		err = ERR_CONF;
	}
	if (err != ERR_OK) {
		script_unref(s);
		return err == ERR_MEMORY ? err : ERR_CONF;
	}
	*out = s;
	return ERR_OK;
}

struct script *
script_ref(struct script *s)
{
	s->references++;
	return s;
}

void
script_unref(struct script *s)
{
	struct arena arena;

	must(s->references > 0);
	if (--s->references > 0)
		return;
	/* The script lies in its own arena. */
	arena = s->arena;
	arena_release(&arena);
}

/* A name, or a prefix and `*`; absent fits all. */
static bool
fits(struct slice pattern, struct slice s)
{
	if (pattern.ptr == NULL)
		return true;
	if (pattern.len > 0 && pattern.ptr[pattern.len - 1] == '*')
		return slice_starts(s, slice_cut(pattern, 0, pattern.len - 1));
	return slice_eq(pattern, s);
}

static bool
rule_fits(const struct rule *rule, const struct script_question *q)
{
	if (!fits(rule->model, q->model) || !fits(rule->path, q->path))
		return false;
	if (rule->stream >= 0 && rule->stream != q->stream)
		return false;
	return rule->marker.len == 0 || slice_find(q->body, rule->marker) < q->body.len;
}

const struct behaviour *
script_find(struct script *s, const struct script_question *q, uint32_t *rule)
{
	for (uint32_t i = 0; i < s->rule_count; i++) {
		struct rule *r = &s->rule[i];

		if (!rule_fits(r, q))
			continue;
		r->seen++;
		if (r->seen < r->from || r->seen > r->to || (r->seen - r->from) % r->every != 0)
			continue;
		*rule = i + 1;
		return &r->then;
	}
	*rule = 0;
	return &s->usual;
}

bool
script_is_smooth(const struct behaviour *b)
{
	return b->raw.ptr == NULL && b->cut_bytes == 0 && b->piece_bytes == 0 &&
	    (b->malformed == MALFORMED_NOT || b->malformed >= MALFORMED_BAD_JSON);
}
