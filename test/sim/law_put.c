/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <stdio.h>
#include <time.h>

#include "core/must.h"
#include "find/type.h"
#include "sim/law.h"

/* law, as the configuration says it. */

void
law_put(struct text *t, const char *format, ...)
{
	va_list list;
	int n;

	va_start(list, format);
	n = vsnprintf(t->ptr + t->len, t->cap - t->len, format, list);
	va_end(list);
	must(n >= 0 && (size_t)n < t->cap - t->len);
	t->len += (size_t)n;
}

static void
put_set(struct text *t, const char *key, const char *const *name, const bool *set, int count)
{
	int n = 0;

	law_put(t, "%s: [", key);
	for (int i = 0; i < count; i++)
		if (set[i])
			law_put(t, "%s%s", n++ > 0 ? ", " : "", name[i]);
	law_put(t, "]");
}

/* de and ie together have a name of their own. */
static void
put_regions(struct text *t, const bool *set)
{
	bool both = set[1] && set[2];

	law_put(t, "regions: [");
	if (both)
		law_put(t, "eu%s", set[3] ? ", us" : "");
	for (int i = 1, n = 0; i < LAW_REGIONS && !both; i++)
		if (set[i])
			law_put(t, "%s%s", n++ > 0 ? ", " : "", law_region[i]);
	law_put(t, "]");
}

static void
put_label(struct text *t, const struct law_label *l, bool kinds)
{
	law_put(t, "{level: %s", law_level[l->level]);
	if (kinds)
		put_set(t, ", kinds", law_kind, l->kind, LAW_KINDS);
	put_set(t, ", requires", law_property, l->requires, LAW_PROPERTIES);
	if (l->bound) {
		law_put(t, ", ");
		put_regions(t, l->region);
	}
	law_put(t, "}");
}

static void
put_place(struct text *t, const struct law_place *p, bool with_operator)
{
	bool all = !p->kind[LAW_CREDENTIALS];

	for (int k = 0; k < LAW_OWN_KINDS; k++)
		all = all && (p->kind[k] || k == LAW_CREDENTIALS);
	for (int k = LAW_OWN_KINDS; k < LAW_KINDS; k++)
		all = all && !p->kind[k];

	if (with_operator && p->self)
		law_put(t, "operator: self, ");
	if (!p->region[0]) {
		put_regions(t, p->region);
		law_put(t, ", ");
	}
	put_set(t, "holds", law_property, p->holds, LAW_PROPERTIES);
	law_put(t, ", clearance: {level: %s, ", law_level[p->level]);
	/* One's own kinds would be among them, where there are any. */
	if (all && p->plain)
		law_put(t, "kinds: all");
	else
		put_set(t, "kinds", law_kind, p->kind, LAW_KINDS);
	law_put(t, "}");
}

static void
put_ceiling(struct text *t, const struct law_ceiling *c)
{
	if (c->level_alone) {
		law_put(t, "ceiling: %s", law_level[c->level]);
		return;
	}
	law_put(t, "ceiling: {level: %s, ", law_level[c->level]);
	put_set(t, "kinds", law_kind, c->kind, LAW_KINDS);
	law_put(t, "}");
}

static void
put_kinds(struct text *t, const struct law *l)
{
	bool any = false;

	for (int k = 0; k < LAW_KINDS; k++) {
		if (!l->kind_said[k])
			continue;
		law_put(t, "%s  %s: ", any ? "" : "kinds:\n", law_kind[k]);
		put_label(t, &l->brings[k], false);
		law_put(t, "\n");
		any = true;
	}
}

void
law_put_places(struct text *t, const struct law *l, int zones)
{
	bool any = false;

	if (l->rich) {
		law_put(t, "regions: {eu: [de, ie], us: []}\n");
		put_kinds(t, l);
	}
	if (l->here.said) {
		law_put(t, "here: {");
		put_place(t, &l->here, false);
		law_put(t, "}\n");
	}
	law_put(t, "zones:\n");
	for (int z = 0; z < zones; z++) {
		law_put(t, "  z%d: {kind: %s, offline: %s, ", z, z % 2 == 1 ? "public_api"
		    : "on_prem", l->zone[z].offline ? "true" : "false");
		put_place(t, &l->zone[z], true);
		law_put(t, "}\n");
	}
	for (int i = 0; i < LAW_TOOLS; i++) {
		if (!l->tool[i].said)
			continue;
		law_put(t, "%s  %s: {", any ? "" : "tools:\n", law_tool[i]);
		put_place(t, &l->tool[i], true);
		law_put(t, "}\n");
		any = true;
	}
	for (int r = 0; r < LAW_ROLES && l->rich; r++) {
		law_put(t, "%s  r%d: {explain: %s", r == 0 ? "roles:\n" : "", r,
		    l->role[r].explain ? "true" : "false");
		if (l->role[r].ceiling.said) {
			law_put(t, ", ");
			put_ceiling(t, &l->role[r].ceiling);
		}
		law_put(t, "}\n");
	}
}

void
law_put_model(struct text *t, const struct law *l, int m)
{
	static const char *const capability[] = { "", "basic", "mid", "frontier" };
	const struct law_model *model = &l->model[m];
	bool has[LAW_FEATURES];

	for (int i = 0; i < LAW_FEATURES; i++)
		has[i] = !model->lacks[i];
	if (model->capability > 0)
		law_put(t, "    capability: %s\n", capability[model->capability]);
	if (model->features_said) {
		put_set(t, "    features", law_feature, has, LAW_FEATURES);
		law_put(t, "\n");
	}
	if (model->context > 0)
		law_put(t, "    context: %llu\n", (unsigned long long)model->context);
	if (model->drain)
		law_put(t, "    drain: true\n");
	if (model->other_version)
		law_put(t, "    version: another\n    version_mismatch: %s\n",
		    model->flag ? "flag" : "refuse");
}

static void
put_names(struct text *t, const char *key, const char *prefix, const bool *set, int count)
{
	int n = 0;

	law_put(t, "%s: [", key);
	for (int i = 0; i < count; i++)
		if (set[i])
			law_put(t, "%s%s%d", n++ > 0 ? ", " : "", prefix, i);
	law_put(t, "]");
}

void
law_put_caller(struct text *t, const struct law *l, int c)
{
	const struct law_caller *caller = &l->caller[c];

	if (caller->role >= 0)
		law_put(t, ", role: r%d", caller->role);
	if (caller->ceiling.said) {
		law_put(t, ", ");
		put_ceiling(t, &caller->ceiling);
	}
	if (caller->bounded && l->workloads > 0)
		put_names(t, ", workloads", "w", caller->workload, l->workloads);
}

static void
put_duties(struct text *t, const struct law_workload *w)
{
	static const char *const name[] = { "durable_record", "no_content_log", "pinned_version",
		"deterministic" };
	const bool has[] = { w->durable, w->no_content_log, w->pinned, w->deterministic };

	put_set(t, ", duties", name, has, 4);
}

static void
put_findings(struct text *t, const struct law_workload *w)
{
	static const char *const act[] = { "raise", "allow", "mask", "refuse" };
	static const char *const watch[] = { "", "observe", "mask", "stop" };

	law_put(t, ", findings: {");
	for (int v = 0; v < LAW_VALUES; v++)
		law_put(t, "%s%s: %s", v > 0 ? ", " : "", law_value[v], act[w->act[v]]);
	law_put(t, "}");
	if (w->watch != LAW_NO_WATCH)
		law_put(t, ", output: {watch: %s}", watch[w->watch]);
}

/* All other types are off: what is found is what was planted. */
void
law_put_detection(struct text *t, const struct law *l)
{
	if (!l->detects) {
		law_put(t, "detect: {enabled: false}\n");
		return;
	}
	law_put(t, "mask: {note: \"" LAW_NOTE "\"}\n"
	    "detect:\n  enabled: true\n  persons: 0\n  types:\n");
	for (unsigned i = 0; i < TYPE_OWN; i++) {
		struct slice name = type_info((enum detect_type)i)->name;
		int v = 0;

		while (v < LAW_VALUES &&
		    !slice_eq(name, slice_of(law_value[v], strlen(law_value[v]))))
			v++;
		law_put(t, "    %.*s: {", (int)name.len, name.ptr);
		if (v == LAW_VALUES)
			law_put(t, "enabled: false}\n");
		else
			law_put(t, "level: %s}\n", law_level[l->value_level[v]]);
	}
}

static void
put_workload(struct text *t, const struct law *l, int i)
{
	static const char *const match[] = { "", ", match: {header: {x-team: t%d}}",
		", match: {metadata: {team: t%d}}", ", match: {model: g%d}" };
	static const char *const capability[] = { "", "basic", "mid", "frontier" };
	const struct law_workload *w = &l->workload[i];

	law_put(t, "  w%d: {owner: somebody", i);
	if (w->match != LAW_BY_NAME) {
		char room[64];

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
		snprintf(room, sizeof room, match[w->match], i);
#pragma GCC diagnostic pop
		law_put(t, "%s", room);
	}
	law_put(t, ", label: ");
	put_label(t, &w->floor, true);
	law_put(t, ", needs: {offline: %s", w->offline ? "true" : "false");
	if (w->capability > 0)
		law_put(t, ", capability: %s", capability[w->capability]);
	law_put(t, "}, reroute: %s, when_refused: [%s], when_down: [%s]",
	    w->reroute ? "true" : "false", w->refused_degrade ? "degrade"
	    : l->detects && w->refused_mask ? "mask" : "",
	    w->down_degrade ? "degrade" : "");
	put_duties(t, w);
	if (l->detects)
		put_findings(t, w);
	if (w->bounded)
		put_names(t, ", models", "m", w->model, LAW_MODELS);
	law_put(t, "}\n");
}

static void
put_exception(struct text *t, const struct law_exception *x, int i, bool first)
{
	time_t until = (time_t)x->until;
	char when[32];
	struct tm tm;

	must(gmtime_r(&until, &tm) != NULL);
	strftime(when, sizeof when, "%Y-%m-%dT%H:%MZ", &tm);
	law_put(t, "%s  x%d: {workload: w%d, to: z%d, level: %s, until: \"%s\", "
	    "approved_by: somebody, why: because, ", first ? "exceptions:\n" : "", i, x->workload,
	    x->zone, law_level[x->level], when);
	put_set(t, "kinds", law_kind, x->kind, LAW_KINDS);
	put_set(t, ", waives", law_property, x->waives, LAW_PROPERTIES);
	law_put(t, "}\n");
}

void
law_put_workloads(struct text *t, const struct law *l)
{
	bool any = false;

	for (int w = 0; w < l->workloads; w++) {
		law_put(t, "%s", w == 0 ? "workloads:\n" : "");
		put_workload(t, l, w);
	}
	if (l->fallback >= 0)
		law_put(t, "default_workload: w%d\n", l->fallback);
	for (int x = 0; x < LAW_EXCEPTIONS; x++)
		if (l->exception[x].there) {
			put_exception(t, &l->exception[x], x, !any);
			any = true;
		}
}
