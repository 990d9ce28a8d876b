/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/login.h"
#include "caller/bind.h"
#include "caller/standing.h"
#include "core/limit.h"
#include "gate/path.h"
#include "gate/request.h"
#include "run/address.h"

/*
 * identify - who asks, and for what.
 *
 * It stands before `read`, so that nobody without a key makes the gateway hold
 * a body, or learns which paths there are.
 */

/* The key that a dialect's SDK presents, wherever it puts it. */
static struct slice
presented_key(const struct http1_head *head)
{
	struct slice bearer = head->field[HEADER_AUTHORIZATION];

	if (bearer.len > 7 && slice_same_word(slice_cut(bearer, 0, 7), S("Bearer ")))
		return slice_trim(slice_cut(bearer, 7, bearer.len));
	if (head->field[HEADER_X_API_KEY].len > 0)
		return head->field[HEADER_X_API_KEY];
	if (head->field[HEADER_API_KEY].len > 0)
		return head->field[HEADER_API_KEY];
	return head->field[HEADER_X_GOOG_API_KEY];
}

/*
 * Nobody needs a key where none is configured and none was ever made, on this machine
 * alone.  A key that is revoked does not open the gateway again.
 */
static bool
is_open(const struct request *r)
{
	const struct registry *registry = r->gate->registry;

	if (!snapshot_is_open(r->snapshot))
		return false;
	return registry == NULL || (registry_count(registry, KEY_CALLER) == 0 &&
	    address_scope(&r->snapshot->listen.address) == ADDRESS_LOOPBACK);
}

/* What the key names and the configuration has not, for its holder. */
static struct slice
stale_text(struct request *r, struct slice gone)
{
	size_t bytes = gone.len + 128;
	struct text t;

	text_init(&t, arena_bytes(&r->arena, bytes), bytes);
	if (t.ptr == NULL)
		return slice_of(NULL, 0);
	text_put(&t, S("this API key names `"));
	text_put(&t, gone);
	text_put(&t, S("`, which the configuration no longer has"));
	return text_slice(&t);
}

/* A key that was made while gateways ran, as it is under this configuration. */
static enum err
find_grant(struct request *r, struct slice presented)
{
	struct presented who = { presented, KEY_CALLER, gate_wall(r->gate) };
	struct grant *grant = arena_alloc(&r->arena, sizeof *grant);
	struct key *key = arena_zero(&r->arena, sizeof *key);
	struct slice gone;
	enum err e;

	if (grant == NULL || key == NULL)
		return ERR_MEMORY;
	e = registry_find(r->gate->registry, &r->gate->mac, &who, &r->arena, grant);
	if (e != ERR_OK)
		return e;
	e = bind_grant(grant, r->snapshot, &r->arena, key, &gone);
	if (e == ERR_KEY_STALE)
		return request_fail(r, e, slice_of(NULL, 0), stale_text(r, gone));
	r->record.standing = standing_of_grant(&r->arena, grant);
	r->grant = grant;
	r->key = key;
	return e;
}

/* May suspend, while the keys of its issuer are fetched. */
static enum err
find_bearer(struct request *r, struct slice token)
{
	nanos until = r->gate->loop->now + JWKS_WAIT_MS * NANOS_PER_MS;
	const struct bearer_ask ask = {
		.fiber = r->fiber,
		.snapshot = r->snapshot,
		.arena = &r->arena,
		.token = token,
		.wall = gate_wall(r->gate) / NANOS_PER_S,
		.deadline = until < r->deadline ? until : r->deadline,
	};
	struct bearer bearer;
	enum err e = bearer_find(&r->gate->desk, &ask, &bearer);

	r->record.token_refused = flaw_name(bearer.flaw);
	if (e != ERR_OK)
		return e;
	r->record.standing = standing_of_passport(&r->arena, bearer.passport);
	r->key = bearer.key;
	r->passport = bearer.passport;
	return ERR_OK;
}

static bool
may_be_token(const struct request *r, struct slice presented)
{
	return r->snapshot->issuer_count > 0 && r->gate->desk.trust != NULL &&
	    bearer_is_token(presented);
}

static enum err
find_caller(struct request *r)
{
	struct slice presented = presented_key(&r->x->head);
	enum err e = ERR_KEY_UNKNOWN;

	r->record.caller = S("anonymous");
	r->identified = is_open(r);
	if (r->identified)
		return ERR_OK;
	if (presented.len == 0)
		return ERR_KEY_MISSING;
	/* The same work for a key that is known and one that is not. */
	if (r->gate->registry != NULL)
		e = find_grant(r, presented);
	if (e != ERR_KEY_UNKNOWN && e != ERR_OK)
		return e;
	if (r->key == NULL)
		r->key = snapshot_key(r->snapshot, presented);
	if (r->key == NULL && may_be_token(r, presented) &&
	    (e = find_bearer(r, presented)) != ERR_OK)
		return e;
	if (r->key == NULL)
		return ERR_KEY_UNKNOWN;
	r->identified = true;
	r->record.caller = r->key->id;
	r->record.tenant = r->key->tenant;
	return ERR_OK;
}

/* A wrong key or token; after too many of them from one address it is only told that. */
static enum err
count_failure(struct request *r, enum err e)
{
	struct metric *metric = &r->gate->metric;

	/* What is our own fault, or that of an issuer, is nobody's guess at a key. */
	if (err_info(e)->status != 401)
		return e;
	metric->logins_failed++;
	if (login_failed(r->gate->admit->rates,
	    &r->snapshot->hash_key, exchange_peer(r->x), &r->snapshot->failed_logins,
	    &r->refusal.wait))
		return e;
	metric->logins_limited++;
	return ERR_LOGIN_LIMITED;
}

/* The model that a path names. */
static enum err
take_name(struct request *r, struct slice encoded)
{
	char *name = arena_bytes(&r->arena, encoded.len);
	size_t len;

	if (name == NULL)
		return ERR_MEMORY;
	len = url_decode(encoded, name);
	if (len == SIZE_MAX)
		return ERR_PATH_UNKNOWN;
	r->target_model = slice_of(name, len);
	return ERR_OK;
}

enum err
gate_identify(struct request *r)
{
	const struct http1_head *head = &r->x->head;
	const struct path *path;
	struct slice rest;
	enum err e;

	if ((e = find_caller(r)) != ERR_OK)
		return count_failure(r, e);
	/* Rather refused than done without an entry. */
	if (r->gate->book != NULL && book_is_full(r->gate->book))
		return ERR_OVERLOADED;
	e = path_find(head->target, head->method, &path, &rest);
	if (e == ERR_METHOD_UNKNOWN)
		r->allow = slice_eq(path->method, S("GET")) ? S("GET, HEAD") : path->method;
	if (e != ERR_OK)
		return e;
	r->may_explain = r->key == NULL || r->key->explain;
	r->routing = path->operation == OPERATION_ROUTE;
	if (r->routing && !r->may_explain)
		return ERR_EXPLAIN_FORBIDDEN;
	r->operation = path->operation;
	r->record.operation = openai_operation(path->operation);
	if (r->grant != NULL && !grant_list_has(r->grant->list[GRANT_endpoints],
	    r->record.operation))
		return ERR_ENDPOINT_FORBIDDEN;
	return rest.len > 0 ? take_name(r, rest) : ERR_OK;
}
