/* SPDX-License-Identifier: Apache-2.0 */

/* tenants - tenants that are made over the API, beside those of the configuration. */

#include "admin/admin.h"
#include "admin/field.h"
#include "caller/keyring.h"
#include "core/limit.h"

#define API(method, path, run, permission, what)	void run(struct call *);
#include "admin/api.tbl"
#undef API

static void
put_tenant(struct text *t, const struct ring_tenant *tenant)
{
	text_put(t, S("{\"name\":"));
	text_put_json(t, tenant->name);
	text_put(t, tenant->suspended ? S(",\"state\":\"suspended\"") : S(",\"state\":\"active\""));
	if (tenant->metadata.len > 0) {
		text_put(t, S(",\"metadata\":"));
		text_put(t, tenant->metadata);
	}
	text_put(t, S(",\"created\":\""));
	text_put_time(t, tenant->created);
	text_put(t, S("\"}"));
}

void
tenants_list(struct call *c)
{
	const struct ring_tenant *first = keyring_tenants(c->admin->keyring);
	size_t bytes = 64;
	struct text t;

	for (const struct ring_tenant *at = first; at != NULL; at = at->next)
		bytes += 128 + 6 * at->name.len + at->metadata.len;
	t = call_text(c, bytes);
	text_put(&t, S("{\"object\":\"list\",\"data\":["));
	for (const struct ring_tenant *at = first; at != NULL; at = at->next) {
		text_put(&t, at == first ? S("\n") : S(",\n"));
		put_tenant(&t, at);
	}
	text_put(&t, S("\n]}\n"));
	if (text_overflowed(&t))
		call_fail(c, ERR_MEMORY);
	else
		call_reply(c, 200, text_slice(&t));
}

/* Writes it and answers; between begin and end. */
static void
put(struct call *c, int status, const struct ring_tenant *tenant, struct slice what)
{
	struct deed deed = { .by = c->by, .what = what, .wall = c->wall };
	struct text t = call_text(c, 256 + 6 * tenant->name.len + tenant->metadata.len);
	enum err e = ERR_MEMORY;

	put_tenant(&t, tenant);
	text_put_char(&t, '\n');
	if (!text_overflowed(&t))
		e = keyring_put_tenant(c->admin->keyring, c->x->fiber, tenant, &deed);
	if (e != ERR_OK)
		call_fail(c, e);
	else
		call_reply(c, status, text_slice(&t));
}

static bool
read_tenant(struct call *c, struct ring_tenant *out)
{
	const struct json *j = &c->json;

	for (uint32_t i = 1; i < j->node[0].next; i = j->node[j->node[i].next].next) {
		uint32_t value = j->node[i].next;

		if (json_is(j, i, S("name"))) {
			if (!field_name(c, S("name"), value, &out->name))
				return false;
		} else if (json_is(j, i, S("metadata"))) {
			if (!field_metadata(c, value, &out->metadata))
				return false;
		} else {
			return field_refuse(c, S("field_unknown"), slice_of(NULL, 0),
			    S("a tenant has a name and metadata, and nothing else"));
		}
	}
	if (out->name.len == 0)
		return field_refuse(c, S("field_missing"), S("name"), S("a tenant needs a name"));
	return true;
}

void
tenants_create(struct call *c)
{
	struct ring_tenant tenant = { .created = c->wall };
	struct keyring *k = c->admin->keyring;
	enum err e;

	if (!read_tenant(c, &tenant))
		return;
	if ((e = keyring_begin(k, c->x->fiber)) != ERR_OK) {
		call_fail(c, e);
		return;
	}
	if (keyring_tenant(k, tenant.name) != NULL)
		call_refuse(c, &(struct refusal_words){ .status = 409, .code = S("tenant_exists"),
		    .param = S("name"), .message = S("there is a tenant of this name") });
	else
		put(c, 201, &tenant, S("tenant.create"));
	keyring_end(k);
}

static void
set_suspended(struct call *c, bool suspend)
{
	struct keyring *k = c->admin->keyring;
	const struct ring_tenant *known;
	struct ring_tenant tenant;
	enum err e = keyring_begin(k, c->x->fiber);

	if (e != ERR_OK) {
		call_fail(c, e);
		return;
	}
	known = keyring_tenant(k, c->id);
	if (known == NULL) {
		call_refuse(c, &(struct refusal_words){ .status = 404, .code = S("tenant_unknown"),
		    .message = S("no tenant of this name was made here; one of the configuration "
		    "must be made here too before it can be suspended") });
	} else {
		tenant = *known;
		tenant.suspended = suspend;
		put(c, 200, &tenant, suspend ? S("tenant.suspend") : S("tenant.resume"));
	}
	keyring_end(k);
}

void
tenants_suspend(struct call *c)
{
	set_suspended(c, true);
}

void
tenants_resume(struct call *c)
{
	set_suspended(c, false);
}
