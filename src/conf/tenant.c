/* SPDX-License-Identifier: Apache-2.0 */

/*
 * tenant - the rows of `tenants`, and `limits` wherever they stand.
 */

#include "conf/tenant.h"

#include "conf/draft.h"
#include "core/limit.h"

void
draft_allowance(struct draft *d, const struct node *node, struct allowance *out)
{
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_ALLOWANCE, d->report, &f))
		return;
	for (enum dimension i = 0; i < DIMENSION_COUNT; i++)
		allowance_set(out, i, field_count(&f, DRAFT_AMOUNT(i), 0));
	if (node->count == 0)
		report_error(d->report, node, SAY(S("`limits` is empty; leave it out where there "
		    "are none")));
}

/* ---- budgets ---- */

#define ZONEINFO	S("/usr/share/zoneinfo/")

/* The bytes of a file of zoneinfo, in the snapshot's arena; absent: it cannot be read. */
static struct slice
read_zoneinfo(struct draft *d, struct slice name)
{
	char path[NAME_BYTES_MAX + 32], *room = arena_bytes(&d->scratch, TIME_ZONE_BYTES_MAX);
	struct text t;
	ssize_t n;

	text_init(&t, path, sizeof path - 1);
	text_put(&t, ZONEINFO);
	text_put(&t, name);
	path[t.len] = '\0';
	if (room == NULL || text_overflowed(&t))
		return slice_of(NULL, 0);
	n = kernel_file_read(path, room, TIME_ZONE_BYTES_MAX);
	return n < 0 ? slice_of(NULL, 0) : arena_copy(d->arena, slice_of(room, (size_t)n));
}

static bool
is_zone_name(struct slice name)
{
	const char *why;

	return schema_name(name, &why) && slice_find(name, S("..")) == name.len;
}

static const struct time_zone *
find_zone(struct draft *d, const struct node *node)
{
	struct zone_file *z, **last;
	struct slice bytes;
	const char *why = "the system has no such file below /usr/share/zoneinfo (package tzdata)";

	if (node == NULL || slice_eq(node->text, S("UTC")))
		return NULL;
	for (last = &d->zone_file; (z = *last) != NULL; last = &z->next)
		if (slice_eq(z->name, node->text))
			return &z->zone;
	if ((z = arena_alloc(d->arena, sizeof *z)) == NULL)
		return NULL;
	bytes = is_zone_name(node->text) ? read_zoneinfo(d, node->text) : slice_of(NULL, 0);
	if (bytes.ptr == NULL || !time_zone_read(&z->zone, bytes, &why)) {
		report_error(d->report, node, SAY(S("the time zone `"), node->text,
		    S("` cannot be used: "), slice_of(why, strlen(why))));
		return NULL;
	}
	z->name = arena_copy(d->arena, node->text);
	z->next = NULL;
	*last = z;
	d->s->zone_file = d->zone_file;
	return &z->zone;
}

static void
draft_percents(struct draft *d, const struct node *list, struct budget *b)
{
	if (list == NULL)
		budget_alert_usually(b);
	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		uint8_t before = b->alert_count > 0 ? b->alert[b->alert_count - 1] : 0;
		uint64_t percent;

		if (b->alert_count < BUDGET_ALERTS_MAX && slice_number(each->text, &percent) &&
		    percent > before && percent <= 100) {
			b->alert[b->alert_count++] = (uint8_t)percent;
			continue;
		}
		report_error(d->report, each, SAY(S("`alerts_percent` takes at most eight whole "
		    "numbers from 1 to 100, the lowest first")));
		return;
	}
	if (list != NULL && list->count == 0 && list->text.len > 0)
		report_error(d->report, list, SAY(S("`alerts_percent` is a list: [50, 80]")));
}

static void
draft_budget(struct draft *d, const struct node *node, struct budgets *all, struct budget *b)
{
	struct fields f;

	if (!schema_read(node, ROW_BUDGET, d->report, &f))
		return;
	if (field_at(&f, BUDGET_usd) != NULL)
		must(price_read_usd(field_at(&f, BUDGET_usd)->text, &b->limit));
	(void)!period_read(field_text(&f, BUDGET_per, S("total")), &b->per);
	b->zone_name = arena_copy(d->arena, field_text(&f, BUDGET_time_zone, S("UTC")));
	b->zone = find_zone(d, field_at(&f, BUDGET_time_zone));
	draft_percents(d, field_at(&f, BUDGET_alerts_percent), b);
	for (uint32_t i = 0; &all->row[i] < b; i++)
		if (all->row[i].per == b->per && slice_eq(all->row[i].zone_name, b->zone_name))
			report_error(d->report, node, SAY(S("there is a budget of this period and "
			    "time zone already")));
}

void
draft_budgets(struct draft *d, const struct node *list, struct budgets *out)
{
	uint32_t count = list == NULL ? 0 : list->count;
	struct budget *row;

	if (count > BUDGETS_MAX) {
		report_error(d->report, list, SAY(S("there are more than four budgets")));
		count = BUDGETS_MAX;
	}
	row = draft_array(d->arena, count, sizeof *row);
	if (row == NULL)
		return;
	*out = (struct budgets){ row, count };
	for (uint32_t i = 0; i < count; i++)
		draft_budget(d, &list->child[i], out, &row[i]);
}

const struct budgets *
draft_key_budgets(struct draft *d, const struct node *list)
{
	struct budgets *out;

	if (list == NULL || (out = arena_alloc(d->arena, sizeof *out)) == NULL)
		return NULL;
	*out = (struct budgets){ 0 };
	draft_budgets(d, list, out);
	return out;
}

static void
draft_teams(struct draft *d, const struct node *table, struct tenant *tenant)
{
	uint32_t count = table == NULL ? 0 : table->count;
	struct team *team;
	struct fields f;

	if (count > TEAM_MAX) {
		report_error(d->report, table, SAY(S("there are more than 1024 teams")));
		count = TEAM_MAX;
	}
	if ((team = draft_array(d->arena, count, sizeof *team)) == NULL)
		return;
	tenant->team = team;
	tenant->team_count = count;
	for (uint32_t i = 0; i < count; i++) {
		draft_pair_name(d, node_key(table, i), S("team"));
		team[i].name = arena_copy(d->arena, node_key(table, i)->text);
		if (schema_read(node_value(table, i), ROW_TEAM, d->report, &f))
			draft_budgets(d, field_at(&f, TEAM_budget), &team[i].budgets);
	}
}

void
draft_key_team(struct draft *d, const struct node *node, struct slice name)
{
	const struct tenant *tenant = snapshot_tenant(d->s, name);

	if (node == NULL || (tenant != NULL && tenant_team(tenant, node->text) != NULL))
		return;
	report_error(d->report, node, SAY(S("the tenant `"), name, S("` has no team `"),
	    node->text, S("`")));
}

static void
draft_tenant(struct draft *d, const struct node *table, uint32_t index)
{
	struct tenant *tenant = &d->tenant[index];
	struct fields f;

	draft_pair_name(d, node_key(table, index), S("tenant"));
	tenant->name = arena_copy(d->arena, node_key(table, index)->text);
	tenant->number = allowance_number(&d->s->hash_key, SUBJECT_TENANT, tenant->name);
	if (slice_eq(tenant->name, S("default")))
		d->s->tenant_default = tenant;
	if (!schema_read(node_value(table, index), ROW_TENANT, d->report, &f))
		return;
	draft_allowance(d, field_at(&f, TENANT_limits), &tenant->limits);
	draft_budgets(d, field_at(&f, TENANT_budget), &tenant->budgets);
	draft_teams(d, field_at(&f, TENANT_teams), tenant);
}

/* Those that no budget of the file names, for budgets of stored keys. */
static void
draft_time_zones(struct draft *d)
{
	const struct node *list = field_at(&d->file, FILE_time_zones);

	for (uint32_t i = 0; list != NULL && i < list->count; i++)
		(void)find_zone(d, &list->child[i]);
}

void
draft_tenants(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_tenants);
	uint32_t count = table == NULL ? 0 : table->count;
	uint32_t *slot;

	draft_time_zones(d);
	if (count > TENANT_MAX) {
		report_error(d->report, table, SAY(S("there are more than 65536 tenants")));
		count = TENANT_MAX;
	}
	d->tenant = draft_array(d->arena, count, sizeof *d->tenant);
	slot = draft_table(d, &d->s->tenant_table, count);
	if (d->tenant == NULL || slot == NULL)
		return;
	for (uint32_t i = 0; i < count && !report_is_full(d->report); i++) {
		uint64_t at = hash_64(&d->s->hash_key, node_key(table, i)->text) &
		    d->s->tenant_table.mask;

		draft_tenant(d, table, i);
		while (slot[at] != 0)
			at = (at + 1) & d->s->tenant_table.mask;
		slot[at] = i + 1;
	}
	d->s->tenant = d->tenant;
	d->s->tenant_count = count;
}
