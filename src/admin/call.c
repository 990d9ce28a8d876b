/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/call.h"

#include "admin/admin.h"
#include "caller/keyring.h"
#include "core/limit.h"
#include "gate/gate.h"
#include "wire/url.h"

#define ARENA_MAX	(16 << 20)
#define PREFIX		S("/api/")

struct api {
	struct slice	 method, path;
	void		(*run)(struct call *);
	enum permission	 permission;
};

#define API(method, path, run, permission, what)	void run(struct call *);
#include "admin/api.tbl"
#undef API

static const struct api rows[] = {
#define API(method, path, run, permission, what)					\
	{ { #method, sizeof(#method) - 1 }, { path, sizeof(path) - 1 }, run,		\
	    PERMISSION_##permission },
#include "admin/api.tbl"
#undef API
};

#define ROWS	(sizeof rows / sizeof rows[0])

bool
call_is_api(struct slice target)
{
	return slice_starts(target, PREFIX);
}

/* ---- answers ---- */

struct text
call_text(struct call *c, size_t bytes)
{
	struct text t;
	char *room = arena_bytes(&c->arena, bytes);

	text_init(&t, room, room == NULL ? 0 : bytes);
	return t;
}

static void
answer(struct call *c, int status, struct slice fields, struct slice body)
{
	if (exchange_reply(c->x, status, fields, body) != ERR_OK)
		c->x->close = true;
}

/* Keys stand in some answers: nobody may keep any. */
#define FIELDS	"Content-Type: application/json\r\nCache-Control: no-store\r\n"

void
call_reply(struct call *c, int status, struct slice body)
{
	answer(c, status, S(FIELDS), body);
}

static struct slice
error_type(int status)
{
	switch (status) {
	case 401:
		return S("authentication_error");
	case 403:
		return S("permission_error");
	case 404:
		return S("not_found_error");
	case 409:
		return S("conflict_error");
	}
	return status < 500 ? S("invalid_request_error") : S("server_error");
}

void
call_refuse(struct call *c, const struct refusal_words *r)
{
	struct text t = call_text(c, 1024 + 6 * (r->message.len + r->param.len));

	text_put(&t, S("{\"error\":{\"message\":"));
	text_put_json(&t, r->message);
	text_put(&t, S(",\"type\":"));
	text_put_json(&t, error_type(r->status));
	text_put(&t, S(",\"param\":"));
	if (r->param.len > 0)
		text_put_json(&t, r->param);
	else
		text_put(&t, S("null"));
	text_put(&t, S(",\"code\":"));
	text_put_json(&t, r->code);
	text_put(&t, S("}}\n"));
	if (text_overflowed(&t))
		c->x->close = true;
	else if (r->status == 401)
		answer(c, 401, S(FIELDS "WWW-Authenticate: Bearer\r\n"), text_slice(&t));
	else
		call_reply(c, r->status, text_slice(&t));
}

void
call_fail(struct call *c, enum err e)
{
	const struct err_info *info = err_info(e);
	struct slice message = info->text;

	if (e == ERR_RECORD_FAILED)
		message = S("the change could not be written to the ledger, and was not made; see "
		    "the gateway's log for what the disk said");
	call_refuse(c, &(struct refusal_words){
		.status = info->status, .code = info->name, .message = message,
	});
}

/* ---- finding ---- */

/* Does a path fit a row?  A star stands for one segment that is not empty. */
static bool
fits(struct slice pattern, struct slice path, struct slice *id)
{
	size_t star = slice_find(pattern, S("*"));
	struct slice head = slice_cut(pattern, 0, star), tail, rest;
	size_t end;

	if (star == pattern.len)
		return slice_eq(pattern, path);
	if (!slice_starts(path, head))
		return false;
	tail = slice_cut(pattern, star + 1, pattern.len);
	rest = slice_cut(path, star, path.len);
	end = slice_find(rest, S("/"));
	*id = slice_cut(rest, 0, end);
	return end > 0 && slice_eq(slice_cut(rest, end, rest.len), tail);
}

static const struct api *
find_row(struct call *c, struct slice path, bool *path_known)
{
	const struct api *found = NULL;

	*path_known = false;
	for (size_t i = 0; i < ROWS && found == NULL; i++) {
		struct slice id = { 0 };

		if (!fits(rows[i].path, path, &id))
			continue;
		*path_known = true;
		if (!slice_eq(rows[i].method, c->x->head.method))
			continue;
		c->id = id;
		found = &rows[i];
	}
	return found;
}

static struct slice
bearer(const struct http1_head *head)
{
	struct slice field = head->field[HEADER_AUTHORIZATION];

	if (field.len <= 7 || !slice_same_word(slice_cut(field, 0, 7), S("Bearer ")))
		return slice_of(NULL, 0);
	return slice_trim(slice_cut(field, 7, field.len));
}

static bool
refuse_operator(struct call *c, enum err e)
{
	struct slice message = S("no key of an operator that is known here; send it as "
	    "Authorization: Bearer tva_…; the first one is in admin.key of the data folder");

	if (e == ERR_MEMORY) {
		call_fail(c, e);
		return false;
	}
	call_refuse(c, &(struct refusal_words){
		.status = 401, .code = err_info(e)->name,
		.message = e == ERR_KEY_UNKNOWN || e == ERR_KEY_MISSING ? message
		    : err_info(e)->text,
	});
	return false;
}

/* Who calls; the time says nothing of which ids there are. */
static bool
find_operator(struct call *c)
{
	struct gate *gate = c->admin->worker[0].gate;
	struct presented who = { bearer(&c->x->head), KEY_OPERATOR, c->wall };
	char *name = arena_bytes(&c->arena, KEY_NAME_MAX);
	enum err e;

	if (who.text.len == 0)
		return refuse_operator(c, ERR_KEY_MISSING);
	e = name == NULL ? ERR_MEMORY
	    : registry_find(gate->registry, &gate->mac, &who, &c->arena, &c->operator);
	if (e != ERR_OK)
		return refuse_operator(c, e);
	c->by = key_name(KEY_OPERATOR, &c->operator.head.id, name);
	return true;
}

static bool
may(struct call *c, const struct api *row)
{
	struct slice role = c->operator.text[GRANT_role];
	struct text t;

	if (operator_may(role, row->permission))
		return true;
	t = call_text(c, 256);
	text_put(&t, S("the role `"));
	text_put(&t, role);
	text_put(&t, S("` has not the permission `"));
	text_put(&t, operator_permission(row->permission));
	text_put(&t, S("`"));
	call_refuse(c, &(struct refusal_words){
		.status = 403, .code = S("permission_missing"), .message = text_slice(&t),
	});
	return false;
}

static bool
read_body(struct call *c)
{
	struct json_fault fault = { 0, "" };
	struct slice body;
	enum err e = exchange_read_body(c->x, API_BODY_BYTES_MAX);

	if (e == ERR_OK) {
		body = slice_trim(c->x->body).len > 0 ? c->x->body : S("{}");
		e = json_parse(&c->arena, body, JSON_DUPLICATES_REFUSED, &c->json, &fault);
	}
	if (e == ERR_OK && json_type(&c->json, 0) == JSON_OBJECT)
		return true;
	if (e == ERR_CLIENT_GONE)
		c->x->close = true;
	else if (e == ERR_OK)
		call_refuse(c, &(struct refusal_words){ .status = 400, .code = S("field_type"),
		    .message = S("the body must be a JSON object") });
	else
		call_fail(c, e);
	return false;
}

static void
refuse_path(struct call *c, bool path_known)
{
	if (path_known)
		call_refuse(c, &(struct refusal_words){ .status = 405, .code = S("method_unknown"),
		    .message = S("this path does not take this method") });
	else
		call_refuse(c, &(struct refusal_words){ .status = 404, .code = S("path_unknown"),
		    .message = S("the API has no such path; doc/guide/keys.md lists them") });
}

static void
run(struct call *c)
{
	struct slice target = c->x->head.target;
	size_t end = slice_find(target, S("?"));
	const struct api *row;
	bool path_known;

	c->query = slice_cut(target, end < target.len ? end + 1 : end, target.len);
	if (c->admin->keyring == NULL) {
		call_refuse(c, &(struct refusal_words){ .status = 503, .code = S("no_data_folder"),
		    .message = S("there is an API only where the configuration says "
		    "`data: FOLDER`; keys are kept there") });
		return;
	}
	if (!find_operator(c))
		return;
	row = find_row(c, slice_cut(target, 0, end), &path_known);
	if (row == NULL)
		refuse_path(c, path_known);
	else if (may(c, row) && read_body(c))
		row->run(c);
}

void
call_serve(struct exchange *x, struct admin *admin)
{
	struct gate *gate = admin->worker[0].gate;
	struct binding *binding = fleet_hold(&gate->fleet);
	struct call c = {
		.x = x, .admin = admin, .snapshot = binding->snapshot, .wall = gate_wall(gate),
	};

	arena_init(&c.arena, &admin->memory->memory, ARENA_MAX);
	run(&c);
	if (x->status == 0)
		x->close = true;
	arena_release(&c.arena);
	binding_drop(binding);
}

struct slice
call_query(struct call *c, struct slice name)
{
	struct slice rest = c->query;

	while (rest.len > 0) {
		size_t end = slice_find(rest, S("&")), equals;
		struct slice part = slice_cut(rest, 0, end);
		char *room;
		size_t len;

		rest = slice_cut(rest, end < rest.len ? end + 1 : end, rest.len);
		equals = slice_find(part, S("="));
		if (!slice_eq(slice_cut(part, 0, equals), name))
			continue;
		part = slice_cut(part, equals < part.len ? equals + 1 : equals, part.len);
		room = arena_bytes(&c->arena, part.len + 1);
		len = room == NULL ? SIZE_MAX : url_decode(part, room);
		return len == SIZE_MAX ? slice_of(NULL, 0) : slice_of(room, len);
	}
	return slice_of(NULL, 0);
}
