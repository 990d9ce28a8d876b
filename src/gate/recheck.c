/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/recheck.h"

#include "caller/bind.h"
#include "gate/request.h"

/* A set of one vocabulary in the bits of another; false if a member has no name there. */
static bool
carry_set(struct names from, uint64_t set, struct names to, uint64_t *out)
{
	bool whole = true;

	*out = 0;
	for (uint32_t i = 0; i < from.count; i++) {
		uint32_t at = 0;

		if ((set >> i & 1) == 0)
			continue;
		while (at < to.count && !slice_eq(to.name[at], from.name[i]))
			at++;
		if (at < to.count)
			*out |= UINT64_C(1) << at;
		else
			whole = false;
	}
	return whole;
}

static enum reason
carry_label(const struct vocabulary *from, const struct snapshot *to, struct label label,
    struct label *out)
{
	const struct vocabulary *v = &to->vocabulary;

	*out = LABEL_PUBLIC;
	if (!snapshot_level(to, from->level.name[label.level], &out->level))
		return REASON_LEVEL;
	if (!carry_set(from->kind, label.kinds, v->kind, &out->kinds))
		return REASON_KIND;
	if (!carry_set(from->property, label.requires, v->property, &out->requires))
		return REASON_REQUIRES;
	if (label.regions == UINT64_MAX)
		return REASON_NONE;
	/* A region that is gone is a place less; bits without a name are kept. */
	(void)carry_set(from->region, label.regions, v->region, &out->regions);
	for (uint32_t i = from->region.count > v->region.count ? from->region.count
	    : v->region.count; i < 64; i++)
		out->regions |= label.regions & UINT64_C(1) << i;
	return REASON_NONE;
}

/* A stored key means what its names mean there. */
static enum reason
carry_grant(struct request *r, const struct snapshot *to, struct facts *out)
{
	struct slice gone;
	struct key key;

	if (bind_grant(r->grant, to, &r->arena, &key, &gone) != ERR_OK)
		return REASON_ALLOWLIST;
	out->own = key.own;
	return REASON_NONE;
}

/* And so does what a token says. */
static enum reason
carry_bearer(struct request *r, const struct snapshot *to, struct facts *out)
{
	struct key key;

	if (passport_bind(&r->arena, to, r->passport, &key) != FLAW_none)
		return REASON_ALLOWLIST;
	out->bound = key.bound;
	out->own = key.own;
	return REASON_NONE;
}

static enum reason
carry_caller(struct request *r, const struct snapshot *to, struct facts *out)
{
	const struct key *key;

	if (r->grant != NULL)
		return carry_grant(r, to, out);
	if (r->passport != NULL)
		return carry_bearer(r, to, out);
	out->bound = 0;
	if (r->key == NULL)
		return snapshot_is_open(to) ? REASON_NONE : REASON_ALLOWLIST;
	key = snapshot_key_again(to, r->key);
	if (key == NULL)
		return REASON_ALLOWLIST;
	out->bound = key->bound;
	return REASON_NONE;
}

static enum reason
carry_workload(const struct request *r, const struct snapshot *to, struct facts *out)
{
	struct slice name = r->snapshot->workload[r->facts.workload].name;

	out->workload = 0;
	if (name.len == 0)
		return to->workloads_said ? REASON_WORKLOAD : REASON_NONE;
	out->workload = snapshot_workload(to, name);
	if (out->workload == MATCH_NONE ||
	    !policy_set_has(facts_bound(&to->policy, out)->workloads, out->workload))
		return REASON_WORKLOAD;
	return REASON_NONE;
}

/* What was masked met this host, and goes back to the caller. */
static enum reason
ask_origin(const struct request *r, const struct snapshot *to, const struct facts *facts)
{
	const struct policy *p = &to->policy;
	struct label origin;
	enum reason reason;

	if (r->cover == NULL)
		return REASON_NONE;
	reason = carry_label(&r->snapshot->vocabulary, to,
	    policy_close(&r->snapshot->policy, r->cover->origin), &origin);
	if (reason != REASON_NONE)
		return reason;
	origin = policy_close(p, origin);
	if (!label_may_flow(origin, p->here.clearance))
		return REASON_HERE;
	return label_may_flow(origin, facts_bound(p, facts)->ceiling) ? REASON_NONE : REASON_ROLE;
}

static enum reason
ask_newest(struct request *r, const struct model *m, const struct snapshot *to)
{
	const struct model *same = snapshot_model(to, m->name);
	struct facts facts = r->facts;
	enum reason reason;

	/* An exception may have ended since the plan was made. */
	facts.now = gate_wall(r->gate) / NANOS_PER_S;
	if (same == NULL || same->at.pool_id != m->at.pool_id)
		return REASON_DRAINING;
	if ((reason = carry_caller(r, to, &facts)) != REASON_NONE ||
	    (reason = carry_workload(r, to, &facts)) != REASON_NONE ||
	    (reason = carry_label(&r->snapshot->vocabulary, to, r->verdict.label,
	    &facts.label)) != REASON_NONE ||
	    (reason = ask_origin(r, to, &facts)) != REASON_NONE)
		return reason;
	if (!carry_set(r->snapshot->vocabulary.tool, facts.tools, to->vocabulary.tool,
	    &facts.tools))
		return REASON_TOOL;
	return verdict_forbids(&to->policy, &facts, same->index);
}

enum reason
recheck_refuses(struct request *r, const struct model *m)
{
	const struct snapshot *newest = r->gate->fleet.current->snapshot;

	if (r->grant != NULL && !registry_is_good(r->gate->registry, KEY_CALLER,
	    &r->grant->head.id, gate_wall(r->gate)))
		return REASON_ALLOWLIST;
	return newest == r->snapshot ? REASON_NONE : ask_newest(r, m, newest);
}
