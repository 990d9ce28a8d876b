/* SPDX-License-Identifier: Apache-2.0 */

/*
 * grants - keys of callers and of operators, made and changed over the API.
 *
 * Both are the same thing with other fields; the path says which.
 */

#include "admin/admin.h"
#include "admin/field.h"
#include "caller/keyring.h"
#include "core/limit.h"
#include "gate/gate.h"
#include "ledger/book.h"
#include "store/key.h"

#define OVERLAP_USUAL	3600
#define OVERLAP_MAX	(90 * 86400)
#define PAGE_USUAL	100
#define PAGE_BYTES	(1 << 20)

#define API(method, path, run, permission, what)	void run(struct call *);
#include "admin/api.tbl"
#undef API

static enum key_owner
owner_of(const struct call *c)
{
	return slice_starts(c->x->head.target, S("/api/operators")) ? KEY_OPERATOR : KEY_CALLER;
}

static struct slice
deed_word(const struct call *c, struct slice caller, struct slice operator)
{
	return owner_of(c) == KEY_OPERATOR ? operator : caller;
}

static void
refuse_unknown(struct call *c)
{
	call_refuse(c, &(struct refusal_words){
		.status = 404, .code = S("key_unknown"), .message = S("there is no such id"),
	});
}

/* The grant of call->id; false: the call is refused already. */
static bool
find(struct call *c, struct grant *g)
{
	struct key_id id;
	enum err e = ERR_KEY_UNKNOWN;

	if (key_name_read(owner_of(c), c->id, &id))
		e = registry_get(keyring_registry(c->admin->keyring), owner_of(c), &id, &c->arena,
		    g);
	if (e == ERR_KEY_UNKNOWN)
		refuse_unknown(c);
	else if (e != ERR_OK)
		call_fail(c, e);
	return e == ERR_OK;
}

/* Answers with a grant, and its key where that is new. */
static void
reply(struct call *c, int status, const struct grant *g, struct slice key)
{
	struct text t = call_text(c, 2 * GRANT_BYTES_MAX);

	text_put_char(&t, '{');
	grant_put_json(g, c->wall, &t);
	if (key.len > 0) {
		text_put(&t, S(",\"key\":"));
		text_put_json(&t, key);
	}
	text_put(&t, S("}\n"));
	if (text_overflowed(&t))
		call_fail(c, ERR_MEMORY);
	else
		call_reply(c, status, text_slice(&t));
	if (t.ptr != NULL)
		explicit_bzero(t.ptr, t.len);
}

static enum err
put(struct call *c, const struct grant *g, struct slice what)
{
	struct deed deed = { .by = c->by, .what = what, .wall = c->wall };

	return keyring_put(c->admin->keyring, c->x->fiber, g, &deed);
}

/* Begins a change; false: the call cannot wait. */
static bool
begin(struct call *c)
{
	enum err e = keyring_begin(c->admin->keyring, c->x->fiber);

	if (e != ERR_OK)
		call_fail(c, e);
	return e == ERR_OK;
}

void
grants_create(struct call *c)
{
	struct grant g = {
		.head = { .owner = (uint8_t)owner_of(c), .id = key_id_make(), .created = c->wall },
	};
	char key[KEY_TEXT_MAX];
	size_t len;
	enum err e;

	if (!field_read_grant(c, &g) || !begin(c))
		return;
	g.text[GRANT_creator] = c->by;
	len = keyring_make(c->admin->keyring, &g, key);
	e = put(c, &g, deed_word(c, S("key.create"), S("operator.create")));
	keyring_end(c->admin->keyring);
	if (e == ERR_OK)
		reply(c, 201, &g, slice_of(key, len));
	else
		call_fail(c, e);
	explicit_bzero(key, sizeof key);
}

void
grants_show(struct call *c)
{
	struct grant g;

	if (find(c, &g))
		reply(c, 200, &g, slice_of(NULL, 0));
}

static bool
refuse_conflict(struct call *c, struct slice code, struct slice message)
{
	call_refuse(c, &(struct refusal_words){ .status = 409, .code = code, .message = message });
	return false;
}

/* So that there is always an admin left, nobody ends himself. */
static bool
may_change(struct call *c, const struct grant *g, bool rotates)
{
	if (g->head.revoked != 0)
		return refuse_conflict(c, S("key_revoked"), S("this key is revoked, for ever; make "
		    "a new one"));
	if (!rotates && g->head.owner == KEY_OPERATOR &&
	    key_id_same(&g->head.id, &c->operator.head.id))
		return refuse_conflict(c, S("own_key"), S("an operator cannot revoke or change its "
		    "own key; another admin can"));
	return true;
}

void
grants_change(struct call *c)
{
	struct grant g;
	enum err e = ERR_KEY_UNKNOWN;

	if (!begin(c))
		return;
	if (find(c, &g) && may_change(c, &g, false) && field_read_grant(c, &g)) {
		e = put(c, &g, deed_word(c, S("key.change"), S("operator.change")));
		if (e != ERR_OK)
			call_fail(c, e);
	}
	keyring_end(c->admin->keyring);
	if (e == ERR_OK)
		reply(c, 200, &g, slice_of(NULL, 0));
}

static bool
only_overlap(struct call *c)
{
	const struct json *j = &c->json;

	for (uint32_t i = 1; i < j->node[0].next; i = j->node[j->node[i].next].next)
		if (!json_is(j, i, S("overlap_seconds")))
			return field_refuse(c, S("field_unknown"), slice_of(NULL, 0),
			    S("a rotation takes overlap_seconds and nothing else"));
	return true;
}

void
grants_rotate(struct call *c)
{
	char key[KEY_TEXT_MAX];
	uint64_t overlap;
	struct grant g;
	enum err e = ERR_KEY_UNKNOWN;
	size_t len = 0;

	if (!only_overlap(c) ||
	    !field_seconds(c, S("overlap_seconds"), OVERLAP_USUAL, OVERLAP_MAX, &overlap) ||
	    !begin(c))
		return;
	if (find(c, &g) && may_change(c, &g, true)) {
		memcpy(g.head.mac[1], g.head.mac[0], sizeof g.head.mac[1]);
		g.head.before_until = c->wall + (nanos)overlap * NANOS_PER_S;
		len = keyring_make(c->admin->keyring, &g, key);
		e = put(c, &g, deed_word(c, S("key.rotate"), S("operator.rotate")));
		if (e != ERR_OK)
			call_fail(c, e);
	}
	keyring_end(c->admin->keyring);
	if (e == ERR_OK)
		reply(c, 200, &g, slice_of(key, len));
	explicit_bzero(key, sizeof key);
}

void
grants_revoke(struct call *c)
{
	struct grant g;
	enum err e = ERR_KEY_UNKNOWN;

	if (!begin(c))
		return;
	if (find(c, &g) && may_change(c, &g, false)) {
		g.head.revoked = c->wall;
		e = put(c, &g, deed_word(c, S("key.revoke"), S("operator.revoke")));
		if (e == ERR_RECORD_FAILED)
			call_refuse(c, &(struct refusal_words){
				.status = 503, .code = S("record_failed"),
				.message = S("the key is refused from now on, but that "
				    "could not be written: after a restart it would be taken "
				    "again; revoke it again when the disk is well"),
			});
		else if (e != ERR_OK)
			call_fail(c, e);
	}
	keyring_end(c->admin->keyring);
	if (e == ERR_OK)
		reply(c, 200, &g, slice_of(NULL, 0));
}

/* ---- pages ---- */

struct list {
	struct key_page	page;
	struct text	text;
	nanos		wall;
	uint32_t	count;		/* rows that are in the text */
	bool		more;
	char		last[KEY_NAME_MAX];
	size_t		last_len;
};

static bool
put_row(struct list *l, struct slice packed)
{
	struct text before = l->text;
	struct grant g;

	if (!grant_unpack(packed, &g))
		return false;
	text_put(&l->text, l->count > 0 ? S(",\n{") : S("\n{"));
	grant_put_json(&g, l->wall, &l->text);
	text_put_char(&l->text, '}');
	if (text_overflowed(&l->text)) {
		l->text = before;
		l->more = true;
		return true;
	}
	l->last_len = key_name((enum key_owner)g.head.owner, &g.head.id, l->last).len;
	l->count++;
	return true;
}

/* On a thread of its own: one row more than was asked for tells that there are more. */
static enum err
read_page(struct store *s, void *arg)
{
	struct list *l = arg;
	uint32_t want = l->page.count - 1;
	struct slice packed;
	bool found = true;
	enum err e = key_row_seek(s, &l->page);

	while (e == ERR_OK && !l->more) {
		if ((e = key_row_next(s, &l->page, &packed, &found)) != ERR_OK || !found)
			break;
		if (l->count == want)
			l->more = true;
		else if (!put_row(l, packed))
			e = ERR_STORE_BROKEN;
	}
	if (found)
		key_row_end(s, &l->page);
	return e;
}

static bool
page_of(struct call *c, struct list *l, char after[static KEY_NAME_MAX])
{
	struct slice limit = call_query(c, S("limit")), from = call_query(c, S("after"));
	uint64_t count = PAGE_USUAL;
	struct key_id id;

	if (limit.ptr != NULL &&
	    (!slice_number(limit, &count) || count == 0 || count > KEY_PAGE_MAX))
		return field_refuse(c, S("field_value"), S("limit"),
		    S("limit must be a number from 1 to 1000"));
	if (from.ptr != NULL && !key_name_read(owner_of(c), from, &id))
		return field_refuse(c, S("field_value"), S("after"), S("after must be an id"));
	if (from.ptr != NULL)
		from = key_name(owner_of(c), &id, after);
	l->page = (struct key_page){
		.prefix = owner_of(c) == KEY_OPERATOR ? S("tva_") : S("tv_"),
		.after = from,
		.tenant = call_query(c, S("tenant")),
		.count = (uint32_t)count + 1,
	};
	return true;
}

void
grants_list(struct call *c)
{
	struct list l = { .wall = c->wall, .text = call_text(c, PAGE_BYTES) };
	char after[KEY_NAME_MAX];
	enum err e;

	if (!page_of(c, &l, after))
		return;
	if (l.text.ptr == NULL) {
		call_fail(c, ERR_MEMORY);
		return;
	}
	l.text.cap -= 128;
	text_put(&l.text, S("{\"object\":\"list\",\"data\":["));
	e = book_read(c->admin->worker[0].gate->book, c->x->fiber, read_page, &l);
	if (e != ERR_OK) {
		call_fail(c, e);
		return;
	}
	l.text.cap += 128;
	text_put(&l.text, l.more ? S("\n],\"has_more\":true,\"last_id\":")
	    : S("\n],\"has_more\":false,\"last_id\":"));
	if (l.last_len > 0)
		text_put_json(&l.text, slice_of(l.last, l.last_len));
	else
		text_put(&l.text, S("null"));
	text_put(&l.text, S("}\n"));
	call_reply(c, 200, text_slice(&l.text));
}
