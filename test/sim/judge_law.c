/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "sim/court.h"
#include "sim/evidence.h"
#include "sim/file.h"
#include "sim/judge.h"
#include "sim/story.h"

/*
 * The law: what went to a provider was allowed to, by the configuration with
 * which its request began and by the newest one; who was answered may hear it;
 * what was refused had to be; and the record's decision says all of that.
 */

/* One record under judgement. */
struct trial {
	struct evidence		*e;
	const struct account	*a;
	const struct version	*version;
	struct plea		 plea;
	struct law_label	 taint;
	bool			 sure;		/* of the taint: nobody spoke at the same time */
};

#define MARKER(t)	(t)->a->wish->marker

static bool
has(struct slice list, const char *name)
{
	char quoted[SCENE_NAME + 2];

	snprintf(quoted, sizeof quoted, "\"%s\"", name);
	return slice_find(list, slice_of(quoted, strlen(quoted))) < list.len;
}

static bool
same(const bool *set, const char *const *name, int count, struct slice list)
{
	for (int i = 0; i < count; i++)
		if (set[i] != has(list, name[i]))
			return false;
	return true;
}

/* Is that the label of its decision? */
static bool
is_decided(const struct account *a, const struct law_label *l)
{
	const struct account_decision *d = &a->decision;
	const char *level = law_level[l->level];

	return slice_eq(d->level, slice_of(level, strlen(level))) &&
	    slice_eq(d->level, a->label) && same(l->kind, law_kind, LAW_KINDS, d->kinds) &&
	    same(l->requires, law_property, LAW_PROPERTIES, d->requires) &&
	    l->bound == (d->regions.len > 0) &&
	    (!l->bound || same(l->region, law_region, LAW_REGIONS, d->regions));
}

/*
 * What its workload always masks is masked.  All that can be is, where that was refused; whether
 * it was depends on the moment, so the record is believed if its label is the one that it has then.
 */
static void
mask(struct trial *t)
{
	struct plea all = t->plea;

	if (court_may_mask(&t->plea, COURT_ASKED))
		court_mask(&t->plea, COURT_ASKED);
	if (t->a->before.ptr == NULL || !t->a->decision.there || is_decided(t->a, &t->plea.label) ||
	    !court_may_mask(&all, COURT_ALL) || court_mask_fails(&all, COURT_ALL))
		return;
	court_mask(&all, COURT_ALL);
	t->plea = all;
}

static bool
open_trial(struct trial *t, struct evidence *e, const struct account *a)
{
	*t = (struct trial){ .e = e, .a = a };
	if (a == NULL || a->wish == NULL)
		return false;
	t->version = scene_find(&e->story->scene, a->policy);
	if (t->version == NULL || !court_knows(t->version, a->wish))
		return false;
	/* Where memory is refused a text counts as everything that it could be. */
	t->sure = talks_taint(e, a, &t->taint) && e->story->refuse == REFUSE_NOTHING;
	t->plea = court_tainted(t->version, a->wish, court_workload(t->version, a->wish),
	    &t->taint);
	t->plea.degraded = a->decision.degraded;
	t->plea.tokens = a->decision.there ? a->decision.tokens : 0;
	t->plea.now = (int64_t)a->decision.now;
	mask(t);
	return true;
}

/* ---- what was sent ---- */

/* The model to which a call was made: its id is in the body, if that came so far. */
static int
model_of(const struct trial *t, const struct call *c)
{
	struct slice body = message_payload(&c->request);
	int found = -1;

	for (int i = 0; i < t->a->attempts; i++) {
		int m = scene_index(t->a->attempt[i].model, 'm', SCENE_MODELS);
		char id[SCENE_NAME + 2];

		if (m < 0 || t->version->model[m].provider != c->provider)
			continue;
		snprintf(id, sizeof id, "\"%s\"", t->version->model[m].id);
		if (slice_find(body, slice_of(id, strlen(id))) < body.len)
			return m;
		found = m;
	}
	return found;
}

static bool
may_reroute(const struct trial *t)
{
	return t->plea.workload >= 0 && t->version->law.workload[t->plea.workload].reroute;
}

/* Under the duty durable_record, who asks is on disk before anybody is sent anything. */
static void
check_opened(const struct trial *t, const struct mark *sent)
{
	const struct file *f = file_of(&t->e->story->world, "log");
	const struct shelf *shelf = &t->e->story->shelf;
	struct slice log = slice_of(f->bytes, f->len), id = t->a->id;
	size_t at = slice_find(log, id);
	size_t end = at + slice_find(slice_cut(log, at, log.len), S("\n"));

	if (shelf->there && shelf_durable(shelf, id, false) > sent->call)
		world_complain(&t->e->story->world, "%s: was sent before it was entered",
		    MARKER(t));
	if (shelf->there)
		return;
	/* The first line of an id is the one that opens it, if there is one. */
	if (at == log.len ||
	    slice_find(slice_cut(log, at, end), S("\"opened\":true")) == end - at ||
	    file_durable(f, end) > sent->call)
		world_complain(&t->e->story->world, "%s: was sent before its record was opened",
		    MARKER(t));
}

static void
check_call(struct evidence *e, const struct call *c)
{
	struct world *w = &e->story->world;
	const struct mark *sent = tape_mark(&c->tap->out, c->from);
	const struct version *newest = scene_newest(&e->story->scene, sent->call);
	struct plea seen;
	const char *why;
	struct trial t;
	int m;

	if (!open_trial(&t, e, evidence_account(e, c->wish))) {
		world_complain(w, "%s: was sent to provider %d without a record, or a key",
		    c->wish->marker, c->provider);
		return;
	}
	if (c->wish->shape == SHAPE_ROUTE)
		world_complain(w, "%s: asked for the decision alone, and was sent", MARKER(&t));
	m = model_of(&t, c);
	if (m < 0 || t.plea.workload == COURT_REFUSED) {
		world_complain(w, "%s: was sent to provider %d, which its record does not name",
		    MARKER(&t), c->provider);
		return;
	}
	if (court_is_durable(t.version, c->wish) && e->story->refuse == REFUSE_NOTHING)
		check_opened(&t, sent);
	if ((court_scope(t.version, c->wish) >> m & 1) == 0 && !may_reroute(&t))
		world_complain(w, "%s: was sent to m%d, which was not asked for", MARKER(&t), m);
	t.plea.now = (sent->turn_at + w->wall) / NANOS_PER_S;
	why = court_refuses(&t.plea, m);
	if (why != NULL)
		world_complain(w, "%s: was sent to m%d, which the policy forbids: %s", MARKER(&t),
		    m, why);
	/* Whatever the record says of masks: these bytes. */
	seen = court_sent(&t.plea, message_payload(&c->request));
	why = court_refuses(&seen, m);
	if (why == NULL)
		why = court_forbids(&seen, newest, m);
	if (why != NULL)
		world_complain(w, "%s: what was sent to m%d holds what must not go there: %s",
		    MARKER(&t), m, why);
	why = court_forbids(&t.plea, newest, m);
	if (why != NULL)
		world_complain(w, "%s: was sent to m%d, which the newest policy forbids: %s",
		    MARKER(&t), m, why);
}

/* ---- what was decided ---- */

/* The reason that stands before a model in {"reason":["m0","m1"],…}; empty: none. */
static struct slice
reason_of(struct slice refused, int m)
{
	char name[16];
	size_t at, from, to;

	snprintf(name, sizeof name, "\"m%d\"", m);
	at = slice_find(refused, slice_of(name, strlen(name)));
	if (at == refused.len)
		return slice_of(NULL, 0);
	for (to = at; refused.ptr[to] != '['; to--)
		;
	to -= 2;
	for (from = to; refused.ptr[from - 1] != '"'; from--)
		;
	return slice_cut(refused, from, to);
}

static void
check_label(const struct trial *t)
{
	const struct account_decision *d = &t->a->decision;
	const char *level = law_level[t->plea.label.level];

	if (!is_decided(t->a, &t->plea.label))
		world_complain(&t->e->story->world, "%s: its level is %s, its label is not %.*s "
		    "%.*s %.*s %.*s", MARKER(t), level, (int)d->level.len, d->level.ptr,
		    (int)d->kinds.len, d->kinds.ptr, (int)d->regions.len, d->regions.ptr,
		    (int)d->requires.len, d->requires.ptr);
}

/* Others spoke at the same time: it is no less than without them. */
static void
check_least(const struct trial *t)
{
	const struct account_decision *d = &t->a->decision;
	unsigned level = 0;
	bool less = false;

	while (level + 1 < LAW_LEVELS &&
	    !slice_eq(d->level, slice_of(law_level[level], strlen(law_level[level]))))
		level++;
	for (int k = 0; k < LAW_KINDS; k++)
		less |= t->plea.label.kind[k] && !has(d->kinds, law_kind[k]);
	if (less || level < t->plea.label.level)
		world_complain(&t->e->story->world, "%s: its conversation had come to more",
		    MARKER(t));
}

/* A value that must stay may have been hidden before, in its conversation. */
static bool
may_fail(const struct trial *t)
{
	const struct wish *w = t->a->wish;

	return w->talk >= 0 && (w->fixed[LAW_EMAIL] || w->fixed[LAW_SSN]);
}

/* What was masked, and what it was before. */
static void
check_mask(const struct trial *t)
{
	struct world *w = &t->e->story->world;
	const char *before = law_level[court_level_before(&t->plea)];
	struct plea raw = court_tainted(t->version, t->a->wish, t->plea.workload, &t->taint);
	bool asked = court_may_mask(&raw, COURT_ASKED), all = court_may_mask(&raw, COURT_ALL);

	if (t->a->before.ptr != NULL ? !asked && !all : asked)
		world_complain(w, "%s: was masked and may not be, or should be",
		    MARKER(t));
	if (t->a->before.ptr != NULL && !slice_eq(t->a->before, slice_of(before, strlen(before))))
		world_complain(w, "%s: its level was %s before, recorded %.*s", MARKER(t), before,
		    (int)t->a->before.len, t->a->before.ptr);
	if (t->a->err == ERR_POLICY_REFUSED && slice_eq(t->a->step, S("decide")) && all &&
	    t->a->before.ptr == NULL && !court_mask_fails(&raw, COURT_ALL) && !may_fail(t))
		world_complain(w, "%s: refused, and not masked", MARKER(t));
}

/* What its workload does not take is refused before anything else is asked of it. */
static void
check_content(const struct trial *t)
{
	struct world *w = &t->e->story->world;
	const struct account *a = t->a;
	bool refused = court_refuses_content(&t->plea);
	struct plea raw;

	/* Without memory a text counts as anything, and what was not looked at is not masked. */
	if (t->e->story->refuse != REFUSE_NOTHING && !(refused && a->decision.there))
		return;
	if (a->err == ERR_CONTENT_REFUSED ? !refused : refused && a->decision.there)
		world_complain(w, "%s: its workload takes what is in it, or does not", MARKER(t));
	if (a->err != ERR_MASK_REFUSED && a->err != ERR_VAULT_FULL)
		return;
	raw = court_tainted(t->version, a->wish, t->plea.workload, &t->taint);
	if (!court_may_mask(&raw, COURT_ASKED) ||
	    (!court_mask_fails(&raw, COURT_ASKED) && !may_fail(t)))
		world_complain(w, "%s: could have been masked", MARKER(t));
}

/* Reasons of the moment, which the court does not know. */
static bool
is_health(struct slice reason)
{
	return slice_eq(reason, S("breaker")) || slice_eq(reason, S("concurrency")) ||
	    slice_eq(reason, S("rate")) || slice_eq(reason, S("rank"));
}

/* One model: in the plan, or refused for what the court says, or for its health. */
static void
check_model(const struct trial *t, int m)
{
	const struct account_decision *d = &t->a->decision;
	const char *why = court_refuses(&t->plea, m);
	struct slice said = reason_of(d->refused, m);
	char name[16];

	snprintf(name, sizeof name, "m%d", m);
	if (has(d->plan, name) == (said.len > 0))
		world_complain(&t->e->story->world, "%s: m%d is planned and refused, or neither",
		    MARKER(t), m);
	else if (why == NULL ? said.len > 0 && !is_health(said)
	    : !slice_eq(said, slice_of(why, strlen(why))))
		world_complain(&t->e->story->world, "%s: m%d is refused for '%s', decided '%.*s'",
		    MARKER(t), m, why == NULL ? "" : why, (int)said.len, said.ptr);
}

static uint32_t
decided(const struct account_decision *d)
{
	uint32_t set = 0;

	for (int m = 0; m < SCENE_MODELS; m++) {
		char name[16];

		snprintf(name, sizeof name, "m%d", m);
		if (has(d->plan, name) || reason_of(d->refused, m).len > 0)
			set |= 1u << m;
	}
	return set;
}

/* The models that were asked for; or all, where none of those may serve. */
static void
check_scope(const struct trial *t)
{
	const struct account_decision *d = &t->a->decision;
	uint32_t asked = court_scope(t->version, t->a->wish), set = decided(d);
	bool served = false, waits = false;

	if (set == asked && asked != 0)
		return;
	for (int m = 0; m < SCENE_MODELS; m++) {
		char name[16];

		snprintf(name, sizeof name, "m%d", m);
		served |= (asked >> m & 1) != 0 && has(d->plan, name);
		/* All were asked who has a turn now; then one is waited for. */
		waits |= t->version->model[m].concurrency > 0;
	}
	if (asked == 0 || set != court_everything(t->version) || !may_reroute(t) ||
	    (served && !d->degraded && !waits))
		world_complain(&t->e->story->world, "%s: models %x were asked for, %x decided on: "
		    "%.*s %.*s", MARKER(t), asked, set, (int)d->plan.len, d->plan.ptr,
		    (int)d->refused.len, d->refused.ptr);
}

/* Refused by policy means that a policy refused; and a plan means that something may serve. */
static void
check_outcome(const struct trial *t)
{
	struct world *w = &t->e->story->world;
	const struct account *a = t->a;
	uint32_t set = decided(&a->decision);
	bool planned = a->decision.plan.len > 2, policy = false;

	for (int m = 0; m < SCENE_MODELS; m++) {
		const char *why = (set >> m & 1) != 0 ? court_refuses(&t->plea, m) : NULL;

		policy |= why != NULL && court_is_policy(why);
	}
	if (a->err == ERR_POLICY_REFUSED && (planned || !policy))
		world_complain(w, "%s: refused by policy, and none forbids it", MARKER(t));
	if (a->err == ERR_NO_CANDIDATE && (planned || policy))
		world_complain(w, "%s: nobody was there, but there was a plan or a policy",
		    MARKER(t));
	if (a->attempts > 0 && (!planned || court_denies(&t->plea)))
		world_complain(w, "%s: somebody was asked without a plan, or against a duty",
		    MARKER(t));
	if (a->err == ERR_DUTY_REFUSED && !court_denies(&t->plea))
		world_complain(w, "%s: refused for a duty that there is not", MARKER(t));
}

static void
check_decision(const struct trial *t)
{
	struct world *w = &t->e->story->world;
	const struct account_decision *d = &t->a->decision;
	const struct law *l = &t->version->law;
	char name[16] = "";

	if (t->plea.workload >= 0)
		snprintf(name, sizeof name, "w%d", t->plea.workload);
	if (t->plea.workload == COURT_REFUSED ||
	    !slice_eq(d->workload, slice_of(name, strlen(name)))) {
		world_complain(w, "%s: its workload is '%s', decided '%.*s'", MARKER(t), name,
		    (int)d->workload.len, d->workload.ptr);
		return;
	}
	/* Tokens may be shorter than what they stand for. */
	if (d->tokens < t->a->wish->body.len / 4 && t->a->before.ptr == NULL)
		world_complain(w, "%s: more than %llu tokens", MARKER(t),
		    (unsigned long long)d->tokens);
	if (d->degraded && (t->plea.workload < 0 || l->workload[t->plea.workload].capability == 0 ||
	    !(l->workload[t->plea.workload].refused_degrade ||
	    l->workload[t->plea.workload].down_degrade)))
		world_complain(w, "%s: degraded, and nobody said so", MARKER(t));
	if (!t->sure) {
		check_least(t);
		return;
	}
	check_label(t);
	check_mask(t);
	check_scope(t);
	for (int m = 0; m < SCENE_MODELS; m++)
		if ((decided(d) >> m & 1) != 0)
			check_model(t, m);
	check_outcome(t);
}

/* Somebody forbade it meanwhile: a newer version, or the end of an exception. */
static void
check_changed(const struct trial *t)
{
	const struct scene *s = &t->e->story->scene;
	struct plea later = t->plea;
	int m;

	if (t->a->err != ERR_POLICY_CHANGED || t->a->attempts == 0 || !t->sure)
		return;
	later.now = INT64_MAX;
	m = scene_index(t->a->attempt[t->a->attempts - 1].model, 'm', SCENE_MODELS);
	if (m < 0 || court_refuses(&later, m) != NULL)
		return;
	for (const struct version *v = t->version; v < s->version + s->versions; v++)
		if (v->since != UINT64_MAX && court_forbids(&later, v, m) != NULL)
			return;
	world_complain(&t->e->story->world, "%s: refused by a newer policy, and none forbids m%d",
	    MARKER(t), m);
}

static void
check_record(struct evidence *e, const struct account *a)
{
	struct world *w = &e->story->world;
	struct trial t;

	if (!open_trial(&t, e, a)) {
		if (a->wish != NULL && t.version != NULL && (a->decision.there || a->attempts > 0))
			world_complain(w, "%s: was served without a key", a->wish->marker);
		return;
	}
	if (a->err == ERR_POLICY_REFUSED && slice_eq(a->step, S("understand")) &&
	    t.plea.workload != COURT_REFUSED)
		world_complain(w, "%s: fits a workload, and was told that it fits none",
		    a->wish->marker);
	if (a->err == ERR_EXPLAIN_FORBIDDEN &&
	    (a->wish->shape != SHAPE_ROUTE || court_explains(t.version, a->wish)))
		world_complain(w, "%s: may ask why, and was told not to", a->wish->marker);
	check_content(&t);
	if (a->decision.there)
		check_decision(&t);
	check_changed(&t);
}

/* ---- who was answered ---- */

static void
check_answer(struct evidence *e, const struct answer *answer)
{
	struct world *w = &e->story->world;
	const struct account *a = answer->account;
	bool explained = message_field(&answer->message, "x-trivium-explain").ptr != NULL;
	int m = scene_index(a->model, 'm', SCENE_MODELS);
	const char *why;
	struct trial t;

	if (!open_trial(&t, e, a))
		return;
	if (explained && (!answer->wish->explain || !court_explains(t.version, answer->wish)))
		world_complain(w, "%s: was told why, and may not ask", MARKER(&t));
	if (answer->message.status != 200)
		return;
	if (answer->wish->shape == SHAPE_ROUTE) {
		if (!court_explains(t.version, answer->wish) || a->attempts > 0)
			world_complain(w, "%s: was told the decision, and may not ask, or more",
			    MARKER(&t));
		return;
	}
	why = m < 0 ? NULL : court_refuses(&t.plea, m);
	if (why != NULL && a->decision.there)
		world_complain(w, "%s: was answered by m%d, which the policy forbids: %s",
		    MARKER(&t), m, why);
}

void
judge_law(struct evidence *e)
{
	for (const struct call *c = e->calls; c != NULL; c = c->next)
		if (c->wish != NULL)
			check_call(e, c);
	for (const struct account *a = e->accounts; a != NULL; a = a->next)
		check_record(e, a);
	for (const struct answer *a = e->answers; a != NULL; a = a->next)
		if (a->account != NULL)
			check_answer(e, a);
}
