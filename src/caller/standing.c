/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/standing.h"

#include "caller/bind.h"

#define GRANT_MEMBER	S("grant")
#define PASSPORT_MEMBER	S("passport")

/* What a decision depends on. */
static const enum grant_text deciding_text[] = { GRANT_role, GRANT_level };
static const enum grant_list deciding_list[] = {
	GRANT_kinds, GRANT_models, GRANT_workloads, GRANT_zones,
};

#define DECIDING_TEXTS	(sizeof deciding_text / sizeof deciding_text[0])
#define DECIDING_LISTS	(sizeof deciding_list / sizeof deciding_list[0])

/* ---- written ---- */

/* Six bytes for one, where all of it has to be escaped; a name, its quotes and its comma. */
static size_t
room_for(size_t bytes, size_t names)
{
	return 6 * bytes + 24 * (names + 1);
}

static bool
begin(struct text *t, struct arena *a, size_t bytes, struct slice member)
{
	char *room = arena_bytes(a, bytes);

	text_init(t, room, room == NULL ? 0 : bytes);
	if (room == NULL)
		return false;
	text_put_char(t, '"');
	text_put(t, member);
	text_put(t, S("\":{"));
	return true;
}

static void
put_member(struct text *t, struct slice name)
{
	text_put(t, t->ptr[t->len - 1] == '{' ? S("\"") : S(",\""));
	text_put(t, name);
	text_put(t, S("\":"));
}

static void
put_word(struct text *t, struct slice name, struct slice word)
{
	if (word.len == 0)
		return;
	put_member(t, name);
	text_put_json(t, word);
}

static void
put_comma(struct text *t)
{
	text_put(t, t->ptr[t->len - 1] == '[' ? S("") : S(","));
}

static struct slice
end(struct text *t)
{
	text_put_char(t, '}');
	must(!text_overflowed(t));
	return text_slice(t);
}

struct slice
standing_of_grant(struct arena *a, const struct grant *g)
{
	size_t bytes = 0;
	struct text t;

	for (size_t i = 0; i < DECIDING_TEXTS; i++)
		bytes += g->text[deciding_text[i]].len;
	for (size_t i = 0; i < DECIDING_LISTS; i++)
		bytes += g->list[deciding_list[i]].len;
	/* A packed name has a byte of its own, which is more than its quotes and comma need. */
	if (!begin(&t, a, room_for(bytes, DECIDING_TEXTS + DECIDING_LISTS), GRANT_MEMBER))
		return slice_of(NULL, 0);
	for (size_t i = 0; i < DECIDING_TEXTS; i++)
		put_word(&t, grant_text_name[deciding_text[i]], g->text[deciding_text[i]]);
	for (size_t i = 0; i < DECIDING_LISTS; i++) {
		struct slice list = g->list[deciding_list[i]], name;

		if (list.ptr == NULL)
			continue;
		put_member(&t, grant_list_name[deciding_list[i]]);
		text_put_char(&t, '[');
		while (grant_list_next(&list, &name)) {
			put_comma(&t);
			text_put_json(&t, name);
		}
		text_put_char(&t, ']');
	}
	return end(&t);
}

struct slice
standing_of_passport(struct arena *a, const struct passport *p)
{
	struct text t;

	if (!begin(&t, a, room_for(passport_bytes(p), 4 + p->workload_count), PASSPORT_MEMBER))
		return slice_of(NULL, 0);
	put_word(&t, S("iss"), p->iss);
	put_word(&t, S("role"), p->role);
	put_word(&t, S("level"), p->level);
	if (p->workload_count > 0) {
		put_member(&t, S("workloads"));
		text_put_char(&t, '[');
		for (uint32_t i = 0; i < p->workload_count; i++) {
			put_comma(&t);
			text_put_json(&t, p->workload[i]);
		}
		text_put_char(&t, ']');
	}
	return end(&t);
}

/* ---- read ---- */

static struct slice
word_at(const struct standing *st, uint32_t object, struct slice name)
{
	uint32_t node = json_member(st->record, object, name);

	if (node == 0 || json_type(st->record, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_string(st->arena, st->record, node);
}

/* A list of names as a grant packs it; absent where the object has none. */
static enum err
list_at(const struct standing *st, uint32_t object, struct slice member, struct slice *out)
{
	const struct json *j = st->record;
	uint32_t node = json_member(j, object, member);
	struct text t;

	if (node == 0)
		return ERR_OK;
	if (json_type(j, node) != JSON_ARRAY)
		return ERR_JSON_MALFORMED;
	/* A name loses its quotes, and gets a byte that says how long it is. */
	text_init(&t, arena_bytes(st->arena, json_raw(j, node).len), json_raw(j, node).len);
	if (t.ptr == NULL)
		return ERR_MEMORY;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		struct slice name = json_type(j, i) == JSON_STRING
		    ? json_string(st->arena, j, i) : slice_of(NULL, 0);

		if (name.len == 0 || name.len > GRANT_NAME_MAX)
			return ERR_JSON_MALFORMED;
		grant_list_put(&t, name);
	}
	must(!text_overflowed(&t));
	*out = text_slice(&t);
	return ERR_OK;
}

static enum err
bind_key(const struct standing *st, uint32_t node, struct key *out, struct slice *gone)
{
	struct grant g = { .text[GRANT_tenant] = st->tenant };
	enum err e;

	for (size_t i = 0; i < DECIDING_TEXTS; i++)
		g.text[deciding_text[i]] = word_at(st, node, grant_text_name[deciding_text[i]]);
	for (size_t i = 0; i < DECIDING_LISTS; i++)
		if ((e = list_at(st, node, grant_list_name[deciding_list[i]],
		    &g.list[deciding_list[i]])) != ERR_OK)
			return e;
	return bind_grant(&g, st->snapshot, st->arena, out, gone);
}

static enum err
bind_bearer(const struct standing *st, uint32_t node, struct key *out, struct slice *gone)
{
	struct slice packed = slice_of(NULL, 0), count, name, *list;
	struct passport p = {
		.iss = word_at(st, node, S("iss")),
		.id = st->caller,
		.tenant = st->tenant,
		.role = word_at(st, node, S("role")),
		.level = word_at(st, node, S("level")),
	};
	enum err e = list_at(st, node, S("workloads"), &packed);
	enum flaw flaw;

	if (e != ERR_OK)
		return e;
	for (count = packed; grant_list_next(&count, &name);)
		p.workload_count++;
	if ((list = arena_alloc(st->arena, (p.workload_count + 1) * sizeof *list)) == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; grant_list_next(&packed, &name); i++)
		list[i] = name;
	p.workload = list;
	if ((flaw = passport_bind(st->arena, st->snapshot, &p, out)) == FLAW_none)
		return ERR_OK;
	*gone = flaw_name(flaw);
	return ERR_TOKEN_REFUSED;
}

static uint32_t
member_of(const struct standing *st, struct slice name)
{
	uint32_t node = json_member(st->record, 0, name);

	return node != 0 && json_type(st->record, node) == JSON_OBJECT ? node : 0;
}

bool
standing_is_said(const struct standing *st)
{
	return member_of(st, GRANT_MEMBER) != 0 || member_of(st, PASSPORT_MEMBER) != 0;
}

enum err
standing_bind(const struct standing *st, struct key *out, struct slice *gone)
{
	uint32_t node = member_of(st, GRANT_MEMBER);
	struct key key = { 0 };
	enum err e;

	must(standing_is_said(st));
	*gone = slice_of(NULL, 0);
	e = node != 0 ? bind_key(st, node, &key, gone)
	    : bind_bearer(st, member_of(st, PASSPORT_MEMBER), &key, gone);
	if (e != ERR_OK)
		return e;
	key.id = st->caller;
	*out = key;
	return ERR_OK;
}
