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
}

void
draft_tenants(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_tenants);
	uint32_t count = table == NULL ? 0 : table->count;
	uint32_t *slot;

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
