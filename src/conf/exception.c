/* SPDX-License-Identifier: Apache-2.0 */

/*
 * exception - written, dated widenings of one zone for one workload.
 */

#include "conf/draft.h"
#include "core/date.h"
#include "core/limit.h"
#include "run/kernel.h"

/* The index of a zone by name, or zone_count with a report. */
static uint32_t
zone_index(struct draft *d, const struct node *node)
{
	struct nearest nearest = { .word = node->text };
	struct slice near;

	for (uint32_t i = 0; i < d->s->zone_count; i++) {
		if (slice_eq(d->zone[i].name, node->text))
			return i;
		nearest_try(&nearest, d->zone[i].name);
	}
	near = nearest_word(&nearest);
	if (near.len > 0)
		report_error(d->report, node, SAY(S("there is no zone `"), node->text,
		    S("`; did you mean `"), near, S("`?")));
	else
		report_error(d->report, node, SAY(S("there is no zone `"), node->text, S("`")));
	return d->s->zone_count;
}

static void
draft_until(struct draft *d, const struct node *node, struct exception *x, struct widening *w)
{
	x->until = arena_copy(d->arena, node->text);
	if (!date_read(node->text, &w->until))
		report_error(d->report, node, SAY(S("`until` must be a moment in UTC, as "
		    "2026-12-01 or 2026-12-01T08:00Z, not `"), node->text, S("`")));
	else if (w->until <= kernel_wall() / NANOS_PER_S)
		report_warning(d->report, node, SAY(S("the exception `"), x->name,
		    S("` ended on "), node->text, S("; take it out")));
}

/* What it opens beyond the zone's own clearance; nothing is worth a warning. */
static void
draft_widening(struct draft *d, const struct fields *f, const struct zone *zone,
    struct widening *w)
{
	const struct clearance *own = &zone->clearance;

	w->clearance = *own;
	if (field_at(f, EXCEPTION_level) != NULL)
		w->clearance.level = draft_level(d, field_at(f, EXCEPTION_level));
	if (w->clearance.level < own->level)
		w->clearance.level = own->level;
	w->clearance.kinds |= draft_kind_set(d, field_at(f, EXCEPTION_kinds));
	w->clearance.holds |= draft_property_set(d, field_at(f, EXCEPTION_waives));
	if (w->clearance.level == own->level && w->clearance.kinds == own->kinds &&
	    w->clearance.holds == own->holds)
		report_warning(d->report, f->map, SAY(S("this exception opens nothing that the "
		    "zone `"), zone->name, S("` may not receive anyway")));
}

static void
draft_exception(struct draft *d, const struct node *node, uint32_t index)
{
	struct exception *x = &d->exception[index];
	struct widening *w = &d->widening[index];
	const struct node *workload, *to, *until;
	struct fields f;

	*w = (struct widening){ .workload = MATCH_NONE, .exception = index };
	if (!schema_read(node, ROW_EXCEPTION, d->report, &f))
		return;
	x->approved_by = arena_copy(d->arena, field_text(&f, EXCEPTION_approved_by, S("")));
	x->why = arena_copy(d->arena, field_text(&f, EXCEPTION_why, S("")));
	workload = field_at(&f, EXCEPTION_workload);
	to = field_at(&f, EXCEPTION_to);
	until = field_at(&f, EXCEPTION_until);
	if (until != NULL)
		draft_until(d, until, x, w);
	if (workload == NULL || to == NULL)
		return;
	w->workload = snapshot_workload(d->s, workload->text);
	if (w->workload == MATCH_NONE)
		draft_no_such_workload(d, workload);
	w->place = zone_index(d, to);
	if (w->place == d->s->zone_count || w->workload == MATCH_NONE) {
		w->workload = MATCH_NONE;
		return;
	}
	x->workload = w->workload;
	x->zone = w->place;
	draft_widening(d, &f, &d->zone[w->place], w);
}

void
draft_exceptions(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_exceptions);
	uint32_t count = table == NULL ? 0 : table->count;

	if (count > EXCEPTION_MAX) {
		report_error(d->report, table, SAY(S("there are more than 1024 exceptions")));
		count = EXCEPTION_MAX;
	}
	d->exception = draft_array(d->arena, count, sizeof *d->exception);
	d->widening = draft_array(&d->scratch, count, sizeof *d->widening);
	if (d->exception == NULL || d->widening == NULL)
		return;
	for (uint32_t i = 0; i < count; i++) {
		draft_pair_name(d, node_key(table, i), S("exception"));
		d->exception[i].name = arena_copy(d->arena, node_key(table, i)->text);
		draft_exception(d, node_value(table, i), i);
	}
	d->s->exception = d->exception;
	d->s->exception_count = count;
}
