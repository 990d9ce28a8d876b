/* SPDX-License-Identifier: Apache-2.0 */
#include "study/matrix_row.h"

#include "study/told.h"

/* matrix_json - the matrix for programs, with every model told in full. */

static void
put_set(struct text *t, struct slice key, struct names names, uint64_t set)
{
	bool first = true;

	text_put(t, key);
	text_put_char(t, '[');
	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		text_put(t, first ? S("") : S(","));
		text_put_json(t, names.name[i]);
		first = false;
	}
	text_put_char(t, ']');
}

static void
put_text(struct text *t, struct slice key, struct slice value)
{
	text_put(t, key);
	if (value.len == 0)
		text_put(t, S("null"));
	else
		text_put_json(t, value);
}

static void
put_label(struct text *t, struct slice key, const struct vocabulary *v, struct label label)
{
	text_put(t, key);
	put_text(t, S("{\"level\":"), v->level.name[label.level]);
	put_set(t, S(",\"kinds\":"), v->kind, label.kinds);
	if (label.regions != UINT64_MAX)
		put_set(t, S(",\"regions\":"), v->region, label.regions);
	put_set(t, S(",\"requires\":"), v->property, label.requires);
	text_put_char(t, '}');
}

static void
put_flag(struct text *t, struct slice key, bool flag)
{
	text_put(t, key);
	text_put(t, flag ? S("true") : S("false"));
}

static void
put_head(struct matrix *m, uint32_t workload)
{
	static const struct names duties = { policy_duty_name, DUTY_COUNT };
	static const struct names features = { policy_feature_name, FEATURE_COUNT };
	const struct workload_text *text = &m->snapshot->workload[workload];
	const struct workload *w = &m->snapshot->policy.workload[workload];
	struct text *t = m->out;

	put_text(t, S("{\"workload\":"), text->name);
	put_text(t, S(",\"owner\":"), text->owner);
	put_text(t, S(",\"why\":"), text->why);
	put_text(t, S(",\"volume\":"), text->volume);
	put_text(t, S(",\"review_by\":"), text->review_by);
	put_label(t, S(",\"floor\":"), &m->snapshot->vocabulary, cell_floor(m->snapshot, workload));
	put_text(t, S(",\"needs\":{\"capability\":"), matrix_capability(w->capability));
	put_set(t, S(",\"features\":"), features, w->features);
	text_put(t, S(",\"latency_ms\":"));
	text_put_number(t, w->latency_ms);
	put_flag(t, S(",\"offline\":"), w->offline);
	put_set(t, S("},\"duties\":"), duties, w->duties | m->snapshot->policy.duties);
	text_put(t, w->refused_degrade ? S(",\"when_refused\":[\"degrade\"]")
	    : S(",\"when_refused\":[]"));
	text_put(t, w->down_degrade ? S(",\"when_down\":[\"degrade\"]") : S(",\"when_down\":[]"));
	put_flag(t, S(",\"reroute\":"), w->reroute);
}

static void
put_row(struct matrix *m, const struct matrix_row *row)
{
	static const struct names duties = { policy_duty_name, DUTY_COUNT };
	const struct vocabulary *v = &m->snapshot->vocabulary;
	const struct policy *p = &m->snapshot->policy;
	struct text *t = m->out;
	bool first = true;

	put_set(t, S("{\"levels\":"), v->level, row->levels);
	put_set(t, S(",\"kinds\":"), v->kind, row->kinds);
	put_set(t, S(",\"duties\":"), duties, row->cell.duties);
	put_flag(t, S(",\"degraded\":"), row->cell.degraded);
	text_put(t, S(",\"serves\":["));
	for (uint32_t i = 0; i < p->model_count; i++) {
		if (!policy_set_has(row->cell.serves, i))
			continue;
		put_text(t, first ? S("{\"model\":") : S(",{\"model\":"), v->model.name[i]);
		put_text(t, S(",\"zone\":"), v->zone.name[p->model[i].place]);
		put_text(t, S(",\"tier\":"), told_kind(p->place[p->model[i].place].kind));
		put_text(t, S(",\"capability\":"), matrix_capability(p->model[i].capability));
		put_flag(t, S(",\"exception\":"), policy_set_has(row->cell.leans, i));
		text_put_char(t, '}');
		first = false;
	}
	text_put(t, S("]}"));
}

enum err
matrix_put_json(struct matrix *m, uint32_t workload)
{
	struct matrix_row *row = arena_alloc(m->arena, MATRIX_ROWS_MAX * sizeof *row);
	uint32_t count;
	enum err e = row == NULL ? ERR_MEMORY : matrix_rows(m, workload, row, &count);

	if (e != ERR_OK)
		return e;
	text_put(m->out, m->begun ? S(",\n") : S("\n"));
	put_head(m, workload);
	text_put(m->out, S(",\"rows\":["));
	for (uint32_t i = 0; i < count; i++) {
		text_put(m->out, i > 0 ? S(",") : S(""));
		put_row(m, &row[i]);
	}
	text_put(m->out, S("]}"));
	m->begun = true;
	return ERR_OK;
}
