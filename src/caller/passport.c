/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/passport.h"

#include "core/limit.h"

/* ---- claims ---- */

struct reading {
	struct arena		*arena;
	const struct snapshot	*s;
	const struct issuer	*issuer;
	const struct jwt	*jwt;
};

/* The node of a claim; 0 where the row does not look at it, or it is not there, or null. */
static uint32_t
claim_at(const struct reading *r, enum claim claim)
{
	uint32_t node;

	if (r->issuer->claim[claim].len == 0)
		return 0;
	node = jwt_claim(r->jwt, r->issuer->claim[claim]);
	return node != 0 && json_type(&r->jwt->claims, node) == JSON_NULL ? 0 : node;
}

/* The text of a node; absent (ptr is NULL) if it is none. */
static struct slice
text_of(const struct reading *r, uint32_t node)
{
	if (json_type(&r->jwt->claims, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_string(r->arena, &r->jwt->claims, node);
}

/* It goes into records, and must be readable there. */
static bool
is_showable(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if ((unsigned char)s.ptr[i] < 0x20 || s.ptr[i] == 0x7f)
			return false;
	return s.len > 0;
}

/* `#` cannot stand in the name of a key, so nobody is mistaken for one. */
static enum flaw
read_id(const struct reading *r, struct passport *p)
{
	struct slice name = r->issuer->name, id;
	uint32_t node = claim_at(r, CLAIM_ID);
	struct text t;
	char *room;

	id = node == 0 ? slice_of(NULL, 0) : text_of(r, node);
	if (!is_showable(id) || id.len > NAME_BYTES_MAX - 1 ||
	    name.len > NAME_BYTES_MAX - 1 - id.len)
		return FLAW_id;
	room = arena_bytes(r->arena, NAME_BYTES_MAX);
	if (room == NULL)
		return FLAW_id;
	text_init(&t, room, NAME_BYTES_MAX);
	text_put(&t, name);
	text_put_char(&t, '#');
	text_put(&t, id);
	p->id = text_slice(&t);
	return FLAW_none;
}

static enum flaw
read_tenant(const struct reading *r, struct passport *p)
{
	uint32_t node = claim_at(r, CLAIM_TENANT);
	struct slice name;

	if (node == 0) {
		p->tenant = r->issuer->tenant;
		return p->tenant.len > 0 ? FLAW_none : FLAW_tenant_missing;
	}
	name = text_of(r, node);
	for (uint32_t i = 0; name.ptr != NULL && i < r->issuer->tenant_count; i++) {
		if (!slice_eq(name, r->issuer->tenants[i]))
			continue;
		p->tenant = r->issuer->tenants[i];
		return FLAW_none;
	}
	return FLAW_tenant_unknown;
}

/* Whether its tenant has that team is asked when it is bound. */
static enum flaw
read_team(const struct reading *r, struct passport *p)
{
	uint32_t node = claim_at(r, CLAIM_TEAM);

	p->team = r->issuer->team;
	if (node == 0)
		return r->issuer->claim[CLAIM_TEAM].len == 0 || p->team.len > 0
		    ? FLAW_none : FLAW_team_missing;
	p->team = text_of(r, node);
	return p->team.len > 0 ? FLAW_none : FLAW_team_unknown;
}

/* Is the value one of those that a claim has? */
static bool
has_value(const struct reading *r, uint32_t node, struct slice value)
{
	const struct json *j = &r->jwt->claims;

	if (json_type(j, node) != JSON_ARRAY)
		return json_is(j, node, value);
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next)
		if (json_is(j, i, value))
			return true;
	return false;
}

static enum flaw
read_role(const struct reading *r, struct passport *p)
{
	uint32_t node = claim_at(r, CLAIM_ROLE);

	for (uint32_t i = 0; i < r->issuer->role_count; i++) {
		struct slice value = r->issuer->role[i].value;

		if (node == 0 ? value.len > 0 : value.len == 0 || !has_value(r, node, value))
			continue;
		p->role = value;
		return FLAW_none;
	}
	return node == 0 ? FLAW_role_missing : FLAW_role_unknown;
}

static enum flaw
read_ceiling(const struct reading *r, struct passport *p)
{
	uint32_t node = claim_at(r, CLAIM_CEILING), rank;
	struct slice name;

	if (node == 0)
		return r->issuer->claim[CLAIM_CEILING].len == 0 || r->issuer->ceiling_said
		    ? FLAW_none : FLAW_ceiling_missing;
	name = text_of(r, node);
	if (name.ptr == NULL || !snapshot_level(r->s, name, &rank))
		return FLAW_ceiling_unknown;
	p->level = r->s->level[rank];
	return FLAW_none;
}

/* ---- workloads ---- */

struct listing {
	struct slice	*name;
	uint32_t	 count, room;
};

/* One name, or several with spaces between them, as scopes are written. */
static bool
add_workloads(const struct reading *r, struct listing *l, struct slice names)
{
	while (names.len > 0) {
		size_t end = slice_find(names, S(" "));
		uint32_t at = snapshot_workload(r->s, slice_cut(names, 0, end));

		if (end > 0 && (at == MATCH_NONE || !policy_set_has(r->issuer->workloads, at) ||
		    l->count == l->room))
			return false;
		if (end > 0)
			l->name[l->count++] = r->s->workload[at].name;
		names = slice_cut(names, end < names.len ? end + 1 : end, names.len);
	}
	return true;
}

static enum flaw
list_workloads(const struct reading *r, uint32_t node, struct listing *l)
{
	const struct json *j = &r->jwt->claims;

	if (json_type(j, node) != JSON_ARRAY)
		return add_workloads(r, l, text_of(r, node)) ? FLAW_none
		    : FLAW_workload_unknown;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next)
		if (!add_workloads(r, l, text_of(r, i)))
			return FLAW_workload_unknown;
	return FLAW_none;
}

static enum flaw
read_workloads(const struct reading *r, struct passport *p)
{
	uint32_t node = claim_at(r, CLAIM_WORKLOADS);
	struct listing l = { .room = WORKLOAD_CLAIMS_MAX };
	enum flaw flaw;

	if (node == 0)
		return r->issuer->claim[CLAIM_WORKLOADS].len == 0 || r->issuer->workloads != NULL
		    ? FLAW_none : FLAW_workload_missing;
	l.name = arena_alloc(r->arena, l.room * sizeof *l.name);
	if (l.name == NULL)
		return FLAW_workload_missing;
	if ((flaw = list_workloads(r, node, &l)) != FLAW_none)
		return flaw;
	p->workload = l.name;
	p->workload_count = l.count;
	return l.count > 0 ? FLAW_none : FLAW_workload_missing;
}

enum flaw
passport_read(struct arena *a, const struct snapshot *s, const struct issuer *issuer,
    const struct jwt *jwt, struct passport *out)
{
	static enum flaw (*const part[])(const struct reading *, struct passport *) = {
		read_id, read_tenant, read_role, read_ceiling, read_workloads, read_team,
	};
	const struct reading r = { a, s, issuer, jwt };
	struct passport p = { .iss = issuer->iss };

	for (size_t i = 0; i < sizeof part / sizeof part[0]; i++) {
		enum flaw flaw = part[i](&r, &p);

		if (flaw != FLAW_none)
			return flaw;
	}
	*out = p;
	return FLAW_none;
}

/* ---- copies ---- */

size_t
passport_bytes(const struct passport *p)
{
	size_t bytes = sizeof *p + p->workload_count * sizeof *p->workload + p->iss.len +
	    p->id.len + p->tenant.len + p->team.len + p->role.len + p->level.len;

	for (uint32_t i = 0; i < p->workload_count; i++)
		bytes += p->workload[i].len;
	return bytes;
}

static struct slice
moved(char **to, struct slice s)
{
	char *at = *to;

	if (s.len > 0)
		memcpy(at, s.ptr, s.len);
	*to += s.len;
	return slice_of(at, s.len);
}

struct passport *
passport_copy(const struct passport *p, char *room)
{
	struct passport *copy = (struct passport *)(void *)room;
	struct slice *name = (struct slice *)(void *)(copy + 1);
	char *to = (char *)(name + p->workload_count);

	*copy = (struct passport){
		.iss = moved(&to, p->iss),
		.id = moved(&to, p->id),
		.tenant = moved(&to, p->tenant),
		.team = moved(&to, p->team),
		.role = moved(&to, p->role),
		.level = moved(&to, p->level),
		.workload = name,
		.workload_count = p->workload_count,
	};
	for (uint32_t i = 0; i < p->workload_count; i++)
		name[i] = moved(&to, p->workload[i]);
	return copy;
}

/* ---- a key ---- */

static const struct claimed_role *
find_role(const struct issuer *issuer, struct slice value)
{
	for (uint32_t i = 0; i < issuer->role_count; i++)
		if (slice_eq(issuer->role[i].value, value))
			return &issuer->role[i];
	return NULL;
}

static bool
has_tenant(const struct issuer *issuer, struct slice tenant)
{
	for (uint32_t i = 0; i < issuer->tenant_count; i++)
		if (slice_eq(issuer->tenants[i], tenant))
			return true;
	return slice_eq(issuer->tenant, tenant);
}

static bool
has_team(const struct snapshot *s, const struct passport *p)
{
	const struct tenant *row = snapshot_tenant(s, p->tenant);

	return row != NULL && tenant_team(row, p->team) != NULL;
}

/* What the token says beyond its role narrows the role's bound. */
static enum flaw
narrow(struct arena *a, const struct snapshot *s, const struct passport *p, struct bound *bound)
{
	uint32_t rank;

	if (p->level.len > 0) {
		if (!snapshot_level(s, p->level, &rank))
			return FLAW_ceiling_unknown;
		bound->ceiling = caller_meet(bound->ceiling, snapshot_ceiling(s, rank));
	}
	if (p->workload_count > 0) {
		uint64_t *set = arena_zero(a, (s->workload_count + 63) / 64 * sizeof *set);

		for (uint32_t i = 0; set != NULL && i < p->workload_count; i++) {
			uint32_t at = snapshot_workload(s, p->workload[i]);

			if (at == MATCH_NONE || !policy_set_has(bound->workloads, at))
				return FLAW_workload_unknown;
			set[at / 64] |= UINT64_C(1) << at % 64;
		}
		if (set == NULL)
			return FLAW_workload_missing;
		bound->workloads = set;
	}
	return FLAW_none;
}

enum flaw
passport_bind(struct arena *a, const struct snapshot *s, const struct passport *p,
    struct key *out)
{
	const struct issuer *issuer = snapshot_issuer(s, p->iss);
	const struct claimed_role *role;
	struct bound *own = NULL;
	enum flaw flaw;

	if (issuer == NULL)
		return FLAW_issuer_unknown;
	if (!has_tenant(issuer, p->tenant))
		return FLAW_tenant_unknown;
	if ((role = find_role(issuer, p->role)) == NULL)
		return FLAW_role_unknown;
	if (p->team.len > 0 && !has_team(s, p))
		return FLAW_team_unknown;
	if (p->level.len > 0 || p->workload_count > 0) {
		if ((own = arena_alloc(a, sizeof *own)) == NULL)
			return FLAW_role_unknown;
		*own = s->policy.bound[role->bound];
		if ((flaw = narrow(a, s, p, own)) != FLAW_none)
			return flaw;
	}
	*out = (struct key){
		.id = p->id,
		.tenant = p->tenant,
		.team = p->team,
		.budgets = issuer->budgets,
		.role = role->name,
		.bound = role->bound,
		.own = own,
		.explain = role->explain,
		.models = issuer->models,
		.index = UINT32_MAX,
		.limits = issuer->limits,
		.number = allowance_number(&s->hash_key, SUBJECT_KEY, p->id),
	};
	return FLAW_none;
}
