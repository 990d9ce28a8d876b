/* SPDX-License-Identifier: Apache-2.0 */
#include "admin/field.h"

#include "caller/bind.h"
#include "caller/keyring.h"
#include "caller/purse.h"
#include "admin/admin.h"
#include "core/date.h"
#include "core/limit.h"
#include "core/price.h"
#include "gate/path.h"

#define METADATA_BYTES_MAX	4096
#define EXPIRES_SECONDS_MAX	(UINT64_C(100) * 366 * 86400)

bool
field_refuse(struct call *c, struct slice code, struct slice param, struct slice message)
{
	call_refuse(c, &(struct refusal_words){
		.status = 400, .code = code, .param = param, .message = message,
	});
	return false;
}

/* "`x` …" */
static bool
refuse_name(struct call *c, struct slice param, struct slice name, struct slice what)
{
	struct text t = call_text(c, 512);

	text_put_char(&t, '`');
	text_put(&t, slice_cut(name, 0, name.len < 160 ? name.len : 160));
	text_put(&t, S("` "));
	text_put(&t, what);
	return field_refuse(c, S("name_unknown"), param, text_slice(&t));
}

static bool
is_name(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((uint8_t)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return false;
	return s.len > 0 && s.len <= GRANT_NAME_MAX;
}

bool
field_name(struct call *c, struct slice param, uint32_t node, struct slice *out)
{
	struct slice name;

	if (json_type(&c->json, node) != JSON_STRING)
		return field_refuse(c, S("field_type"), param, S("this must be a text"));
	name = json_string(&c->arena, &c->json, node);
	if (!is_name(name))
		return field_refuse(c, S("field_value"), param,
		    S("this must have 1 to 128 bytes, and no control characters"));
	*out = name;
	return true;
}

bool
field_metadata(struct call *c, uint32_t node, struct slice *out)
{
	struct text t = call_text(c, METADATA_BYTES_MAX);
	const struct json *j = &c->json;

	if (json_type(j, node) != JSON_OBJECT)
		return field_refuse(c, S("field_type"), S("metadata"),
		    S("metadata must be an object of texts"));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		uint32_t value = j->node[i].next;

		if (json_type(j, value) != JSON_STRING)
			return field_refuse(c, S("field_type"), S("metadata"),
			    S("metadata must be an object of texts"));
		text_put(&t, i == node + 1 ? S("{") : S(","));
		text_put_json(&t, json_string(&c->arena, j, i));
		text_put_char(&t, ':');
		text_put_json(&t, json_string(&c->arena, j, value));
		i = value;
	}
	text_put(&t, t.len == 0 ? S("{}") : S("}"));
	if (text_overflowed(&t))
		return field_refuse(c, S("field_value"), S("metadata"),
		    S("metadata has more than 4096 bytes"));
	*out = text_slice(&t);
	return true;
}

/* An object of numbers, under the names that `limits` has in a configuration. */
static bool
read_limits(struct call *c, uint32_t node, struct slice *out)
{
	const struct json *j = &c->json;
	struct text t = call_text(c, DIMENSION_COUNT * 64);
	uint32_t value;

	if (json_type(j, node) != JSON_OBJECT)
		return field_refuse(c, S("field_type"), S("limits"), S("limits must be an object, "
		    "as {\"requests_per_minute\": 60}"));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[value].next) {
		struct slice name = json_string(&c->arena, j, i);
		enum dimension dimension;
		uint64_t amount;
		size_t from = t.len;

		value = j->node[i].next;
		if (!allowance_find(name, &dimension))
			return refuse_name(c, S("limits"), name, S("is no limit; there are "
			    "requests_per_minute, input_tokens_per_minute, "
			    "output_tokens_per_minute and concurrency"));
		if (!json_integer(j, value, &amount) || amount == 0 ||
		    amount > allowance_max(dimension))
			return refuse_name(c, S("limits"), name, S("must be a whole number from 1, "
			    "and not so large a one"));
		text_put_char(&t, '\0');
		text_put(&t, name);
		text_put_char(&t, '=');
		text_put_number(&t, amount);
		if (!text_overflowed(&t))
			t.ptr[from] = (char)(t.len - from - 1);
	}
	*out = text_slice(&t);
	return true;
}

/* One percent of `alerts_percent`; false: refused. */
static bool
add_alert(struct call *c, uint32_t node, struct budget *b)
{
	uint8_t before = b->alert_count > 0 ? b->alert[b->alert_count - 1] : 0;
	uint64_t percent = 0;

	if (b->alert_count == BUDGET_ALERTS_MAX || !json_integer(&c->json, node, &percent) ||
	    percent <= before || percent > 100)
		return field_refuse(c, S("field_value"), S("budget"), S("alerts_percent takes at "
		    "most eight whole numbers from 1 to 100, the lowest first"));
	b->alert[b->alert_count++] = (uint8_t)percent;
	return true;
}

static bool
read_alerts(struct call *c, uint32_t list, struct budget *b)
{
	const struct json *j = &c->json;

	if (list == 0) {
		budget_alert_usually(b);
		return true;
	}
	if (json_type(j, list) != JSON_ARRAY)
		return field_refuse(c, S("field_type"), S("budget"),
		    S("alerts_percent must be a list of numbers"));
	for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i].next)
		if (!add_alert(c, i, b))
			return false;
	return true;
}

/* {"usd": "100", "per": "month", "time_zone": "UTC", "alerts_percent": [80]}; false: refused. */
static bool
read_budget(struct call *c, uint32_t node, struct budget *b)
{
	static const struct slice names[] = {
		{ "usd", 3 }, { "per", 3 }, { "time_zone", 9 }, { "alerts_percent", 14 },
	};
	const struct json *j = &c->json;
	uint32_t usd, zone;

	if (json_type(j, node) != JSON_OBJECT)
		return field_refuse(c, S("field_type"), S("budget"), S("budget must be a list of "
		    "objects, as [{\"usd\": \"100\", \"per\": \"month\"}]"));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[j->node[i].next].next) {
		struct slice name = json_string(&c->arena, j, i);
		unsigned known = 0;

		while (known < 4 && !slice_eq(names[known], name))
			known++;
		if (known == 4)
			return refuse_name(c, S("budget"), name, S("is no part of a budget; there "
			    "are usd, per, time_zone and alerts_percent"));
	}
	usd = json_member(j, node, S("usd"));
	if (usd == 0 || !price_read_usd(json_type(j, usd) == JSON_STRING ?
	    json_string(&c->arena, j, usd) : json_raw(j, usd), &b->limit))
		return field_refuse(c, S("field_value"), S("budget"), S("usd must be an amount of "
		    "dollars, as \"100\" or \"0.50\""));
	usd = json_member(j, node, S("per"));
	if (usd == 0 || json_type(j, usd) != JSON_STRING ||
	    !period_read(json_string(&c->arena, j, usd), &b->per))
		return field_refuse(c, S("field_value"), S("budget"),
		    S("per must be hour, day, week, month or total"));
	zone = json_member(j, node, S("time_zone"));
	if (zone != 0 && json_type(j, zone) != JSON_STRING)
		return field_refuse(c, S("field_type"), S("budget"),
		    S("time_zone must be a name, as \"Europe/Berlin\""));
	b->zone_name = zone == 0 ? S("UTC") : json_string(&c->arena, j, zone);
	return read_alerts(c, json_member(j, node, S("alerts_percent")), b);
}

static bool
read_budgets(struct call *c, uint32_t node, struct slice *out)
{
	const struct json *j = &c->json;
	struct budget row[BUDGETS_MAX] = { 0 };
	struct text t = call_text(c, BUDGETS_MAX * (GRANT_NAME_MAX + 1));
	uint32_t count = 0;

	if (json_type(j, node) != JSON_ARRAY || j->node[node].count > BUDGETS_MAX)
		return field_refuse(c, S("field_type"), S("budget"),
		    S("budget must be a list of at most four budgets"));
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next, count++) {
		char room[GRANT_NAME_MAX];
		struct text one;

		if (!read_budget(c, i, &row[count]))
			return false;
		for (uint32_t k = 0; k < count; k++)
			if (row[k].per == row[count].per &&
			    slice_eq(row[k].zone_name, row[count].zone_name))
				return field_refuse(c, S("field_value"), S("budget"), S("there are "
				    "two budgets of one period and time zone"));
		text_init(&one, room, sizeof room);
		purse_put(&one, &row[count]);
		if (text_overflowed(&one))
			return refuse_name(c, S("budget"), row[count].zone_name,
			    S("is no time zone"));
		grant_list_put(&t, text_slice(&one));
	}
	*out = text_slice(&t);
	return true;
}

static bool
read_list(struct call *c, enum grant_list which, uint32_t node, struct slice *out)
{
	const struct json *j = &c->json;
	struct slice param = grant_list_name[which], name;
	struct text t;

	if (which == GRANT_limits)
		return read_limits(c, node, out);
	if (which == GRANT_budget)
		return read_budgets(c, node, out);
	if (json_type(j, node) != JSON_ARRAY)
		return field_refuse(c, S("field_type"), param, S("this must be a list of names; "
		    "leave it out, or say null, for all"));
	t = call_text(c, j->node[node].end - j->node[node].start);
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next) {
		if (!field_name(c, param, i, &name))
			return false;
		if (which == GRANT_endpoints && !path_is_operation(name))
			return refuse_name(c, param, name, S("is no operation; there are chat, "
			    "text_completion, embeddings, models, route, classify and mask"));
		grant_list_put(&t, name);
	}
	*out = text_slice(&t);
	return true;
}

static bool
read_text(struct call *c, enum grant_text which, uint32_t node, struct slice *out)
{
	if (which == GRANT_metadata)
		return field_metadata(c, node, out);
	if (which == GRANT_creator)
		return field_refuse(c, S("field_unknown"), S("creator"),
		    S("who made a key is not for the asker to say"));
	return field_name(c, grant_text_name[which], node, out);
}

static bool
read_expires(struct call *c, uint32_t node, nanos *out)
{
	struct slice text;
	int64_t seconds;

	if (json_type(&c->json, node) == JSON_STRING) {
		text = json_string(&c->arena, &c->json, node);
		if (date_read(text, &seconds) && seconds < INT64_MAX / NANOS_PER_S) {
			*out = seconds * NANOS_PER_S;
			return true;
		}
	}
	return field_refuse(c, S("field_value"), S("expires"),
	    S("expires must be a moment of UTC as \"2027-01-31T12:00:00Z\", a day, or null"));
}

bool
field_seconds(struct call *c, struct slice name, uint64_t usual, uint64_t most, uint64_t *out)
{
	uint32_t node = json_member(&c->json, 0, name);
	uint64_t seconds;

	*out = usual;
	if (node == 0)
		return true;
	if (!json_integer(&c->json, node, &seconds) || seconds > most) {
		struct text t = call_text(c, 128);

		text_put(&t, S("this must be a whole number of seconds from 0 to "));
		text_put_number(&t, most);
		return field_refuse(c, S("field_value"), name, text_slice(&t));
	}
	*out = seconds;
	return true;
}

/* One member; false: refused. */
static bool
read_member(struct call *c, struct slice name, uint32_t node, struct grant *g)
{
	bool none = json_type(&c->json, node) == JSON_NULL;
	bool of_caller = g->head.owner == KEY_CALLER;
	uint64_t seconds;

	if (slice_eq(name, S("expires"))) {
		g->head.expires = 0;
		return none || read_expires(c, node, &g->head.expires);
	}
	if (slice_eq(name, S("expires_in"))) {
		if (!field_seconds(c, name, 0, EXPIRES_SECONDS_MAX, &seconds))
			return false;
		g->head.expires = c->wall + (nanos)seconds * NANOS_PER_S;
		return true;
	}
	for (enum grant_text i = 0; i < GRANT_TEXTS; i++) {
		bool taken = of_caller || i == GRANT_name || i == GRANT_role || i == GRANT_metadata;

		if (!slice_eq(name, grant_text_name[i]) || !taken)
			continue;
		g->text[i] = slice_of(NULL, 0);
		return none || read_text(c, i, node, &g->text[i]);
	}
	for (enum grant_list i = 0; of_caller && i < GRANT_LISTS; i++) {
		if (!slice_eq(name, grant_list_name[i]))
			continue;
		g->list[i] = slice_of(NULL, 0);
		return none || read_list(c, i, node, &g->list[i]);
	}
	return refuse_name(c, name, name, S("is no field of this; see doc/guide/keys.md"));
}

/* ---- what the names mean ---- */

static bool
is_tenant(struct call *c, struct slice name)
{
	const struct snapshot *s = c->snapshot;

	if (slice_eq(name, S("default")) || keyring_tenant(c->admin->keyring, name) != NULL)
		return true;
	for (uint32_t i = 0; i < s->tenant_count; i++)
		if (slice_eq(s->tenant[i].name, name))
			return true;
	for (uint32_t i = 0; i < s->key_count; i++)
		if (slice_eq(s->key[i].tenant, name))
			return true;
	return false;
}

static bool
check_operator(struct call *c, const struct grant *g)
{
	if (g->text[GRANT_role].len == 0)
		return field_refuse(c, S("field_missing"), S("role"),
		    S("an operator needs a role: admin, operator, auditor or viewer"));
	if (!operator_is_role(g->text[GRANT_role]))
		return refuse_name(c, S("role"), g->text[GRANT_role],
		    S("is no role of operators; there are admin, operator, auditor and viewer"));
	return true;
}

static bool
check_caller(struct call *c, struct grant *g)
{
	struct slice row, name;

	if (g->text[GRANT_tenant].len == 0)
		g->text[GRANT_tenant] = S("default");
	if (!is_tenant(c, g->text[GRANT_tenant]))
		return refuse_name(c, S("tenant"), g->text[GRANT_tenant],
		    S("is no tenant; make it first, with POST /api/tenants or in the "
		    "configuration"));
	if (bind_unknown(g, c->snapshot, &row, &name))
		return refuse_name(c, row, name, S("is not in the configuration"));
	return true;
}

bool
field_read_grant(struct call *c, struct grant *g)
{
	const struct json *j = &c->json;
	size_t bytes = sizeof g->head;

	for (uint32_t i = 1; i < j->node[0].next; ) {
		uint32_t value = j->node[i].next;

		if (!read_member(c, json_string(&c->arena, j, i), value, g))
			return false;
		i = j->node[value].next;
	}
	if (arena_overflowed(&c->arena)) {
		call_fail(c, ERR_MEMORY);
		return false;
	}
	for (enum grant_text i = 0; i < GRANT_TEXTS; i++)
		bytes += 3 + g->text[i].len;
	for (enum grant_list i = 0; i < GRANT_LISTS; i++)
		bytes += 3 + g->list[i].len;
	if (bytes > GRANT_BYTES_MAX / 8)
		return field_refuse(c, S("field_value"), slice_of(NULL, 0),
		    S("all that is said of a key must fit 4096 bytes"));
	return g->head.owner == KEY_OPERATOR ? check_operator(c, g) : check_caller(c, g);
}
