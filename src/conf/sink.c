/* SPDX-License-Identifier: Apache-2.0 */

/*
 * sink - places that data reaches beside models: this host, hosted tools, and
 * callers through the ceiling of their role.
 */

#include "conf/draft.h"
#include "core/limit.h"

/* Content may always go back to who sent it, and be read where it was sent. */
static const struct clearance everything = {
	.kinds = UINT64_MAX, .regions = REGION_CALLER, .holds = UINT64_MAX, .level = LEVEL_MAX,
};

void
draft_here(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_here);
	struct fields f;

	d->here = everything;
	if (node == NULL || !schema_read(node, ROW_HERE, d->report, &f))
		return;
	draft_clearance(d, field_at(&f, HERE_clearance), &d->here);
	draft_where(d, field_at(&f, HERE_regions), field_at(&f, HERE_holds), &d->here);
	d->here.regions |= REGION_CALLER;
	d->here.holds |= draft_agreements();
}

/* In the data folder, so it stands where the gateway does. */
void
draft_payloads(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_payloads);
	struct snapshot *s = d->s;
	struct fields f;

	if (node == NULL || !schema_read(node, ROW_PAYLOADS, d->report, &f))
		return;
	draft_clearance(d, field_at(&f, PAYLOADS_clearance), &s->payloads);
	draft_where(d, NULL, field_at(&f, PAYLOADS_holds), &s->payloads);
	s->payloads.regions = d->here.regions;
	s->payloads.holds |= draft_agreements();
	s->payload_keep = (nanos)field_count(&f, PAYLOADS_keep_days, 30) * 86400 * NANOS_PER_S;
	if (s->data.len == 0)
		report_error(d->report, node, SAY(S("content cannot be kept without a folder for "
		    "it: `data: FOLDER`")));
}

void
draft_tools(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_tools);
	uint32_t count = table == NULL ? 0 : table->count;

	if (count > TOOL_MAX) {
		report_error(d->report, table, SAY(S("there are more than 64 tools")));
		count = TOOL_MAX;
	}
	d->tool = draft_array(d->arena, count, sizeof *d->tool);
	d->tool_operator = draft_array(&d->scratch, count, sizeof *d->tool_operator);
	if (d->tool == NULL || d->tool_operator == NULL)
		return;
	for (uint32_t i = 0; i < count; i++) {
		struct tool *tool = &d->tool[i];
		struct fields f;

		draft_pair_name(d, node_key(table, i), S("tool"));
		tool->name = arena_copy(d->arena, node_key(table, i)->text);
		if (!schema_read(node_value(table, i), ROW_TOOL, d->report, &f))
			continue;
		d->tool_operator[i] = field_text(&f, TOOL_operator, S("vendor"));
		tool->self_operated = slice_eq(d->tool_operator[i], S("self"));
		draft_clearance(d, field_at(&f, TOOL_clearance), &tool->clearance);
		draft_where(d, field_at(&f, TOOL_regions), field_at(&f, TOOL_holds),
		    &tool->clearance);
		if (tool->self_operated)
			tool->clearance.holds |= draft_agreements();
	}
	d->s->tool = d->tool;
	d->s->tool_count = count;
}

/* A level alone stands for all kinds but credentials up to it. */
struct clearance
draft_ceiling(struct draft *d, const struct node *node)
{
	struct clearance ceiling = everything;
	struct fields f;

	if (node == NULL)
		return ceiling;
	if (node->type == NODE_TEXT) {
		ceiling.level = draft_level(d, node);
		ceiling.kinds = draft_all_kinds(d);
		return ceiling;
	}
	if (!schema_read(node, ROW_CLEARANCE, d->report, &f))
		return ceiling;
	draft_clearance(d, node, &ceiling);
	return ceiling;
}

/* Row 0 is of every role that the file does not tell. */
void
draft_roles(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_roles);
	uint32_t count = table == NULL ? 0 : table->count;

	if (count >= ROLE_MAX) {
		report_error(d->report, table, SAY(S("there are more than 255 roles")));
		count = ROLE_MAX - 1;
	}
	d->role = draft_array(d->arena, count + 1, sizeof *d->role);
	if (d->role == NULL)
		return;
	d->role[0] = (struct role){ .ceiling = everything };
	for (uint32_t i = 0; i < count; i++) {
		struct role *role = &d->role[i + 1];
		struct fields f;

		draft_pair_name(d, node_key(table, i), S("role"));
		role->name = arena_copy(d->arena, node_key(table, i)->text);
		role->ceiling = everything;
		if (!schema_read(node_value(table, i), ROW_ROLE, d->report, &f))
			continue;
		role->ceiling = draft_ceiling(d, field_at(&f, ROLE_ceiling));
		role->explain = field_switch(&f, ROLE_explain);
	}
	d->s->role = d->role;
	d->s->role_count = count + 1;
}
