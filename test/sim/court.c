/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/court.h"

#include <string.h>

/* ---- who asks, and for what ---- */

bool
court_knows(const struct version *v, const struct wish *w)
{
	return !v->keyed || (w->caller >= 0 && v->law.caller[w->caller].there &&
	    !v->law.caller[w->caller].turned);
}

static const struct law_role *
role_of(const struct version *v, const struct wish *w)
{
	int role = v->keyed ? v->law.caller[w->caller].role : -1;

	return role >= 0 ? &v->law.role[role] : NULL;
}

bool
court_explains(const struct version *v, const struct wish *w)
{
	const struct law_role *role = role_of(v, w);

	return !v->keyed || (role != NULL && role->explain);
}

static bool
may_choose(const struct version *v, const struct wish *w, int workload)
{
	if (workload < 0 || workload >= v->law.workloads)
		return false;
	return !v->keyed || !v->law.caller[w->caller].bounded ||
	    v->law.caller[w->caller].workload[workload];
}

static bool
fits(const struct law *l, const struct wish *w, int workload)
{
	switch (l->workload[workload].match) {
	case LAW_BY_HEADER:
		return w->team == workload;
	case LAW_BY_METADATA:
		return w->metadata_team == workload;
	case LAW_BY_MODEL:
		return w->asked == ASKED_GROUP && w->asked_index == workload;
	case LAW_BY_NAME:
		break;
	}
	return false;
}

/* The only one that a bounded caller may choose; -1 if there are others. */
static int
only_one(const struct version *v, const struct wish *w)
{
	int found = -1;

	if (!v->keyed || !v->law.caller[w->caller].bounded)
		return -1;
	for (int i = 0; i < v->law.workloads; i++) {
		if (!v->law.caller[w->caller].workload[i])
			continue;
		if (found >= 0)
			return -1;
		found = i;
	}
	return found;
}

int
court_workload(const struct version *v, const struct wish *w)
{
	const struct law *l = &v->law;
	int only;

	if (w->named >= 0)
		return may_choose(v, w, w->named) ? w->named : COURT_REFUSED;
	if (w->asked == ASKED_WORKLOAD)
		return may_choose(v, w, w->asked_index) ? w->asked_index : COURT_REFUSED;
	if (l->workloads == 0)
		return COURT_NO_WORKLOAD;
	for (int i = 0; i < l->workloads; i++)
		if (may_choose(v, w, i) && fits(l, w, i))
			return i;
	if ((only = only_one(v, w)) >= 0)
		return only;
	return may_choose(v, w, l->fallback) ? l->fallback : COURT_REFUSED;
}

uint32_t
court_everything(const struct version *v)
{
	uint32_t set = 0;

	for (int m = 0; m < SCENE_MODELS; m++)
		set |= (uint32_t)v->model[m].there << m;
	return set;
}

uint32_t
court_scope(const struct version *v, const struct wish *w)
{
	uint32_t mine = v->keyed ? v->caller[w->caller] : UINT32_MAX;

	switch (w->asked) {
	case ASKED_MODEL:
		return court_everything(v) & mine & 1u << w->asked_index;
	case ASKED_GROUP:
		return v->group[w->asked_index];
	case ASKED_AUTO:
	case ASKED_WORKLOAD:
		return court_everything(v);
	case ASKED_NOTHING:
		break;
	}
	return 0;
}

/* ---- labels ---- */

/* Both hold: the higher level, all that is found or required, the places that both allow. */
static void
join(struct law_label *to, const struct law_label *from)
{
	if (from->level > to->level)
		to->level = from->level;
	for (int k = 0; k < LAW_KINDS; k++)
		if (from->kind[k])
			to->kind[k] = true;
	for (int p = 0; p < LAW_PROPERTIES; p++)
		if (from->requires[p])
			to->requires[p] = true;
	if (!from->bound)
		return;
	for (int r = 0; r < LAW_REGIONS; r++)
		to->region[r] = from->region[r] && (!to->bound || to->region[r]);
	to->bound = true;
}

static void
complete(const struct law *l, struct law_label *label, int workload)
{
	if (workload >= 0)
		join(label, &l->workload[workload].floor);
	for (int k = 0; k < LAW_KINDS; k++)
		if (label->kind[k])
			join(label, &l->brings[k]);
}

/* A kind that is not known any more may be anything. */
static void
join_taint(const struct law *l, struct law_label *label, const struct law_label *taint)
{
	join(label, taint);
	for (int k = LAW_OWN_KINDS; k < LAW_KINDS; k++) {
		if (!taint->kind[k] || l->own_kind[k])
			continue;
		label->kind[k] = false;
		label->kind[LAW_OPAQUE] = true;
		label->level = LAW_LEVELS - 1;
	}
}

/* What the wish says of itself, and what these values of it do. */
static struct law_label
said(const struct plea *plea, const bool *there)
{
	const struct law *l = &plea->version->law;
	const struct wish *w = plea->wish;
	struct law_label label = { .level = w->level };

	for (int k = 0; k < LAW_KINDS; k++)
		label.kind[k] = w->kind[k];
	label.kind[LAW_OPAQUE] |= w->opaque;
	join_taint(l, &label, &plea->taint);
	for (int i = 0; i < LAW_VALUES && l->detects; i++) {
		struct law_label found = { .level = l->value_level[i] };

		if (!there[i] || (plea->workload >= 0 &&
		    l->workload[plea->workload].act[i] == LAW_ALLOW))
			continue;
		found.kind[i == LAW_SECRET ? LAW_CREDENTIALS : LAW_PII] = true;
		join(&label, &found);
	}
	return label;
}

struct plea
court_plea(const struct version *v, const struct wish *w, int workload)
{
	const struct law_label none = { .level = 0 };

	return court_tainted(v, w, workload, &none);
}

struct plea
court_tainted(const struct version *v, const struct wish *w, int workload,
    const struct law_label *taint)
{
	struct plea plea = { .version = v, .wish = w, .workload = workload, .taint = *taint };
	bool there[LAW_VALUES];

	for (int i = 0; i < LAW_VALUES; i++)
		there[i] = w->value[i] || w->fixed[i];
	plea.label = said(&plea, there);
	complete(&v->law, &plea.label, workload);
	plea.origin = plea.label;
	return plea;
}

/* ---- where it may go ---- */

/* Whether one place may receive it, with a level, kinds and waivers beside its own. */
static const char *
place_refuses(const struct law_label *l, const struct law_place *p, const struct law_exception *x)
{
	if (l->level > p->level && (x == NULL || l->level > x->level))
		return "level";
	for (int k = 0; k < LAW_KINDS; k++)
		if (l->kind[k] && !p->kind[k] && (x == NULL || !x->kind[k]))
			return "kind";
	for (int r = 0; r < LAW_REGIONS; r++)
		if (l->bound && p->region[r] && !l->region[r])
			return "region";
	for (int i = 0; i < LAW_PROPERTIES; i++)
		if (l->requires[i] && !p->holds[i] && !(p->self && i < LAW_AGREEMENTS) &&
		    (x == NULL || !x->waives[i]))
			return "requires";
	return NULL;
}

static const char *
zone_refuses(const struct plea *plea, int zone)
{
	const struct law *l = &plea->version->law;
	const char *why = place_refuses(&plea->label, &l->zone[zone], NULL);
	bool ended = false;

	if (why == NULL)
		return NULL;
	for (int i = 0; i < LAW_EXCEPTIONS; i++) {
		const struct law_exception *x = &l->exception[i];

		if (!x->there || x->workload != plea->workload || x->zone != zone ||
		    place_refuses(&plea->label, &l->zone[zone], x) != NULL)
			continue;
		if (plea->now < x->until)
			return NULL;
		ended = true;
	}
	return ended ? "exception_expired" : why;
}

static bool
ceiling_admits(const struct law_ceiling *c, const struct law_label *l)
{
	if (!c->said)
		return true;
	if (l->level > c->level)
		return false;
	for (int k = 0; k < LAW_KINDS; k++)
		if (l->kind[k] && (c->level_alone ? k == LAW_CREDENTIALS : !c->kind[k]))
			return false;
	return true;
}

/* Whether this host and the caller may meet it, whoever answers. */
static const char *
host_refuses(const struct plea *plea, const struct law_label *label)
{
	const struct version *v = plea->version;
	const struct law_role *role = role_of(v, plea->wish);

	if (v->law.here.said && place_refuses(label, &v->law.here, NULL) != NULL)
		return "here";
	if ((role != NULL && !ceiling_admits(&role->ceiling, label)) || (v->keyed &&
	    !ceiling_admits(&v->law.caller[plea->wish->caller].ceiling, label)))
		return "role";
	return NULL;
}

/* What is refused whichever model is asked. */
static const char *
request_refused(const struct plea *plea)
{
	const struct version *v = plea->version;
	const char *why = host_refuses(plea, &plea->label);

	if (why != NULL)
		return why;
	if (plea->wish->tool_unknown)
		return "tool";
	for (int t = 0; t < LAW_TOOLS; t++)
		if (plea->wish->tool[t] && (!v->law.tool[t].said ||
		    place_refuses(&plea->label, &v->law.tool[t], NULL) != NULL))
			return "tool";
	return NULL;
}

/* Does a model say that it cannot do this?  Whoever names no operation can do all three. */
static bool
lacks_feature(const struct law_model *model, int feature)
{
	bool names_one = !model->lacks[LAW_USES_CHAT] || !model->lacks[LAW_USES_COMPLETIONS] ||
	    !model->lacks[LAW_USES_EMBEDDINGS];

	if (!model->features_said || !model->lacks[feature])
		return false;
	return feature < LAW_USES_CHAT || names_one;
}

/* ---- what is in it ---- */

static bool
is_masked(const struct plea *plea, int value, enum court_cover how)
{
	const struct law_workload *w = &plea->version->law.workload[plea->workload];

	return value != LAW_SECRET && (how == COURT_ALL ||
	    (how == COURT_ASKED && w->act[value] == LAW_MASK));
}

void
court_mask(struct plea *plea, enum court_cover how)
{
	const struct wish *w = plea->wish;
	bool there[LAW_VALUES];

	for (int i = 0; i < LAW_VALUES; i++)
		there[i] = w->fixed[i] || (w->value[i] && !is_masked(plea, i, how));
	plea->label = said(plea, there);
	complete(&plea->version->law, &plea->label, plea->workload);
}

bool
court_may_mask(const struct plea *plea, enum court_cover how)
{
	const struct law *l = &plea->version->law;
	const struct wish *w = plea->wish;

	if (!l->detects || plea->workload < 0 || w->uses[LAW_USES_EMBEDDINGS] ||
	    host_refuses(plea, &plea->origin) != NULL ||
	    (how == COURT_ALL && !l->workload[plea->workload].refused_mask))
		return false;
	for (int i = 0; i < LAW_VALUES; i++)
		if ((w->value[i] || w->fixed[i]) && is_masked(plea, i, how) &&
		    (how == COURT_ASKED || !is_masked(plea, i, COURT_ASKED)))
			return true;
	return false;
}

bool
court_mask_fails(const struct plea *plea, enum court_cover how)
{
	const struct wish *w = plea->wish;

	if (w->crowd && is_masked(plea, LAW_EMAIL, how))
		return true;
	for (int i = 0; i < LAW_VALUES; i++)
		if (w->value[i] && w->fixed[i] && is_masked(plea, i, how))
			return true;
	return false;
}

bool
court_refuses_content(const struct plea *plea)
{
	const struct law *l = &plea->version->law;

	for (int i = 0; i < LAW_VALUES && l->detects && plea->workload >= 0; i++)
		if ((plea->wish->value[i] || plea->wish->fixed[i]) &&
		    l->workload[plea->workload].act[i] == LAW_REFUSE)
			return true;
	return false;
}

unsigned
court_level_before(const struct plea *plea)
{
	struct law_label label;
	bool there[LAW_VALUES];

	for (int i = 0; i < LAW_VALUES; i++)
		there[i] = plea->wish->value[i] || plea->wish->fixed[i];
	label = said(plea, there);
	complete(&plea->version->law, &label, COURT_NO_WORKLOAD);
	return label.level;
}

struct plea
court_sent(const struct plea *plea, struct slice body)
{
	struct plea sent = *plea;
	bool there[LAW_VALUES];

	for (int i = 0; i < LAW_VALUES; i++)
		there[i] = slice_find(body, wish_value(plea->wish, (enum law_value)i)) < body.len;
	sent.label = said(plea, there);
	complete(&plea->version->law, &sent.label, plea->workload);
	return sent;
}

static const char *
needs_refuse(const struct plea *plea, int m)
{
	const struct version *v = plea->version;
	const struct law_model *model = &v->law.model[m];
	const struct law_workload *w =
	    plea->workload >= 0 ? &v->law.workload[plea->workload] : NULL;

	if (w != NULL && !plea->degraded && model->capability < w->capability)
		return "capability";
	for (int i = 0; i < LAW_FEATURES; i++)
		if (plea->wish->uses[i] && lacks_feature(model, i))
			return "feature";
	if (model->context > 0 && plea->tokens > model->context)
		return "context";
	if (w != NULL && w->offline && !v->law.zone[v->model[m].zone].offline)
		return "offline";
	return NULL;
}

/* Who may use it, and whether it is in service. */
static const char *
list_refuses(const struct plea *plea, int m)
{
	const struct version *v = plea->version;
	const struct law_workload *w =
	    plea->workload >= 0 ? &v->law.workload[plea->workload] : NULL;

	if (v->keyed && (v->caller[plea->wish->caller] >> m & 1) == 0)
		return "allowlist";
	if (w != NULL && w->bounded && !w->model[m])
		return "workload";
	return v->law.model[m].drain ? "draining" : NULL;
}

const char *
court_refuses(const struct plea *plea, int m)
{
	const char *why = request_refused(plea);

	if (why == NULL)
		why = zone_refuses(plea, plea->version->model[m].zone);
	if (why == NULL)
		why = needs_refuse(plea, m);
	return why != NULL ? why : list_refuses(plea, m);
}

static bool
same_key(const struct version *newest, const struct version *v, int caller)
{
	return newest->law.caller[caller].there &&
	    newest->law.caller[caller].turned == v->law.caller[caller].turned;
}

/* Its needs were asked when the plan was made, and are not asked again. */
const char *
court_forbids(const struct plea *old, const struct version *newest, int m)
{
	const struct version *v = old->version;
	struct plea now = *old;
	const char *why;

	if (newest == v)
		return NULL;
	if (!newest->model[m].there || newest->model[m].provider != v->model[m].provider)
		return "draining";
	if (newest->keyed != v->keyed || (v->keyed && !same_key(newest, v, old->wish->caller)))
		return "allowlist";
	if (old->workload >= 0 ? !may_choose(newest, old->wish, old->workload)
	    : newest->law.workloads > 0)
		return "workload";
	for (int k = LAW_OWN_KINDS; k < LAW_KINDS; k++)
		if (old->label.kind[k] && !newest->law.own_kind[k])
			return "kind";
	now.version = newest;
	complete(&newest->law, &now.label, now.workload);
	why = request_refused(&now);
	if (why == NULL) {
		complete(&newest->law, &now.origin, now.workload);
		why = host_refuses(&now, &now.origin);
	}
	if (why == NULL)
		why = zone_refuses(&now, newest->model[m].zone);
	return why != NULL ? why : list_refuses(&now, m);
}

bool
court_is_policy(const char *reason)
{
	static const char *const not_policy[] = { "capability", "feature", "context", "offline",
		"draining" };

	for (size_t i = 0; i < sizeof not_policy / sizeof not_policy[0]; i++)
		if (strcmp(reason, not_policy[i]) == 0)
			return false;
	return true;
}

/* ---- duties ---- */

const char *
court_inserts(const struct plea *plea)
{
	const struct wish *w = plea->wish;
	bool speaks = w->uses[LAW_USES_CHAT] || w->uses[LAW_USES_COMPLETIONS];

	if (plea->workload < 0 || !speaks ||
	    !plea->version->law.workload[plea->workload].deterministic)
		return "";
	if (w->cold)
		return w->seeded ? "" : "\"seed\":42,";
	return w->seeded ? "\"temperature\":0," : "\"temperature\":0,\"seed\":42,";
}

bool
court_is_durable(const struct version *v, const struct wish *w)
{
	int workload = court_knows(v, w) ? court_workload(v, w) : COURT_REFUSED;

	return workload >= 0 && v->law.workload[workload].durable && w->shape != SHAPE_ROUTE;
}

bool
court_denies(const struct plea *plea)
{
	const struct law_workload *w;

	if (plea->workload < 0)
		return false;
	w = &plea->version->law.workload[plea->workload];
	return (w->no_content_log && plea->wish->stores) ||
	    (w->deterministic && (plea->wish->warm || plea->wish->top_p));
}
