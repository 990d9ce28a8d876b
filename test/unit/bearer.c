/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/bearer.h"

#include "check.h"
#include "conf/load.h"
#include "core/limit.h"
#include "run/fiber.h"
#include "run/memory.h"
#include "signing.h"

static const struct hash_key hash_key = { { 3, 5 } };
static struct memory_pool memory;
static struct arena arena;
static struct signer signer, other;

#define NOW	1700000000
#define H	S("{\"alg\":\"EdDSA\",\"kid\":\"k\"}")
#define BASE	"\"iss\":\"i\",\"aud\":\"g\",\"exp\":1700000100,\"sub\":\"alice\""

static struct snapshot *
load(const char *yaml)
{
	struct conf_options options = { .hash_key = &hash_key, .workers = 1, .detached = true };
	struct snapshot *s = NULL;
	struct report report;
	char room[4096];
	struct text t;

	report_init(&report, S("t"));
	if (conf_load(slice_of(yaml, strlen(yaml)), &options, &report, &s) != ERR_OK) {
		text_init(&t, room, sizeof room);
		for (uint32_t i = 0; i < report.count; i++)
			report_put(&report, i, &t);
		check_show("messages", text_slice(&t));
	}
	report_release(&report);
	check_or_stop(s != NULL, "the configuration loads");
	return s;
}

static const char full[] =
    "zones: {z: {kind: edge, operator: self}}\n"
    "models: {a: {vendor: simulated, zone: z}, b: {vendor: simulated, zone: z}}\n"
    "workloads: {w1: {owner: o, why: w}, w2: {owner: o, why: w}, w3: {owner: o, why: w}}\n"
    "roles: {admin: {explain: true}, clerk: {ceiling: confidential}}\n"
    "issuers:\n"
    "  corp:\n"
    "    issuer: i\n"
    "    audience: [g]\n"
    "    jwks: file:keys\n"
    "    claims: {tenant: t, role: r, ceiling: c, workloads: w}\n"
    "    tenants: [acme, beta]\n"
    "    role: clerk\n"
    "    roles: {boss: admin, staff: clerk}\n"
    "    models: [a]\n"
    "    workloads: [w1, w2]\n"
    "    ceiling: regulated\n"
    "    limits: {requests_per_minute: 5}\n";

/* The same, but for one line. */
static struct snapshot *
load_with(const char *line, const char *instead)
{
	const char *at = strstr(full, line);
	char yaml[2048];
	struct text t;

	text_init(&t, yaml, sizeof yaml - 1);
	text_put(&t, slice_of(full, (size_t)(at - full)));
	text_put(&t, slice_of(instead, strlen(instead)));
	text_put(&t, slice_of(at + strlen(line), strlen(at) - strlen(line)));
	yaml[t.len] = '\0';
	return load(yaml);
}

/* ---- what claims mean ---- */

static const struct {
	const char	*why;
	struct slice	 claims;
	enum flaw	 want;
	struct slice	 tenant, role;
	const char	*workloads;		/* digits */
	uint32_t	 level;
} claims[] = {
	{ "all is said", S("{" BASE ",\"t\":\"acme\",\"r\":\"boss\",\"c\":\"internal\",\"w\":[\"w2\"]}"),
	    FLAW_none, S("acme"), S("admin"), "2", 1 },
	{ "the first role of several", S("{" BASE ",\"t\":\"beta\",\"r\":[\"x\",\"staff\",\"boss\"]}"),
	    FLAW_none, S("beta"), S("admin"), "12", 3 },
	{ "no role is named", S("{" BASE ",\"t\":\"beta\"}"), FLAW_none, S("beta"), S("clerk"), "12",
	    2 },
	{ "null is not there", S("{" BASE ",\"t\":\"beta\",\"r\":null,\"w\":null}"), FLAW_none,
	    S("beta"), S("clerk"), "12", 2 },
	{ "workloads as a scope", S("{" BASE ",\"t\":\"acme\",\"w\":\"w1  w2 \"}"), FLAW_none,
	    S("acme"), S("clerk"), "12", 2 },
	{ "a ceiling above that of the role", S("{" BASE ",\"t\":\"acme\",\"c\":\"regulated\"}"),
	    FLAW_none, S("acme"), S("clerk"), "12", 2 },
	{ "no tenant", S("{" BASE "}"), FLAW_tenant_missing, S(""), S(""), "", 0 },
	{ "a tenant that is not here", S("{" BASE ",\"t\":\"acme \"}"), FLAW_tenant_unknown, S(""),
	    S(""), "", 0 },
	{ "a tenant that is no text", S("{" BASE ",\"t\":7}"), FLAW_tenant_unknown, S(""), S(""), "",
	    0 },
	{ "a role that is not here", S("{" BASE ",\"t\":\"acme\",\"r\":\"admin\"}"),
	    FLAW_role_unknown, S(""), S(""), "", 0 },
	{ "an empty role is no missing one", S("{" BASE ",\"t\":\"acme\",\"r\":\"\"}"),
	    FLAW_role_unknown, S(""), S(""), "", 0 },
	{ "a role within a role", S("{" BASE ",\"t\":\"acme\",\"r\":[[\"boss\"]]}"),
	    FLAW_role_unknown, S(""), S(""), "", 0 },
	{ "a level that is not here", S("{" BASE ",\"t\":\"acme\",\"c\":\"top\"}"),
	    FLAW_ceiling_unknown, S(""), S(""), "", 0 },
	{ "a level that is a number", S("{" BASE ",\"t\":\"acme\",\"c\":9}"), FLAW_ceiling_unknown,
	    S(""), S(""), "", 0 },
	{ "a workload of others", S("{" BASE ",\"t\":\"acme\",\"w\":[\"w1\",\"w3\"]}"),
	    FLAW_workload_unknown, S(""), S(""), "", 0 },
	{ "no workload", S("{" BASE ",\"t\":\"acme\",\"w\":[]}"), FLAW_workload_missing, S(""), S(""),
	    "", 0 },
	{ "an empty scope", S("{" BASE ",\"t\":\"acme\",\"w\":\"  \"}"), FLAW_workload_missing, S(""),
	    S(""), "", 0 },
};

static void
check_bound(const struct snapshot *s, const struct key *key, size_t i)
{
	const struct bound *b = key->own != NULL ? key->own : &s->policy.bound[key->bound];

	check_slice(key->id, S("corp#alice"), "%s: id", claims[i].why);
	check_slice(key->tenant, claims[i].tenant, "%s: tenant", claims[i].why);
	check_slice(key->role, claims[i].role, "%s: role", claims[i].why);
	check_int(b->ceiling.level, claims[i].level, "%s: level", claims[i].why);
	for (uint32_t w = 0; w < 3; w++)
		check_int(policy_set_has(b->workloads, w), strchr(claims[i].workloads,
		    (int)('1' + w)) != NULL, "%s: workload %u", claims[i].why, w + 1);
	check(policy_set_has(b->models, 0) && !policy_set_has(b->models, 1) &&
	    key->models == b->models, "%s: models are the issuer's", claims[i].why);
	check(key->limits.any && key->number != 0, "%s: it has limits", claims[i].why);
}

static enum flaw
passport_of(const struct snapshot *s, struct slice text, struct passport *out)
{
	struct jwt jwt;

	check_or_stop(jwt_read(&arena, token_of(&arena, &signer, H, text), &jwt) == FLAW_none,
	    "a token is read");
	return passport_read(&arena, s, &s->issuer[0], &jwt, out);
}

static void
check_claims(void)
{
	struct snapshot *s = load(full);

	for (size_t i = 0; i < COUNT_OF(claims); i++) {
		struct passport p;
		struct key key;
		enum flaw got = passport_of(s, claims[i].claims, &p);

		check_slice(flaw_name(got), flaw_name(claims[i].want), "%s", claims[i].why);
		if (got != FLAW_none)
			continue;
		check_int(passport_bind(&arena, s, &p, &key), FLAW_none, "%s: bound",
		    claims[i].why);
		check_bound(s, &key, i);
	}
	snapshot_unref(s);
}

/* A request that is under way meets a newer configuration. */
static void
check_newer(void)
{
	static const struct { const char *why, *line, *instead; enum flaw want; } cases[] = {
		{ "the same", "issuer: i\n", "issuer: i\n", FLAW_none },
		{ "another issuer", "issuer: i\n", "issuer: j\n", FLAW_issuer_unknown },
		{ "no such tenant", "[acme, beta]", "[beta]", FLAW_tenant_unknown },
		{ "no such role", "boss: admin, ", "", FLAW_role_unknown },
		{ "another role", "boss: admin, ", "boss: clerk, ", FLAW_none },
		{ "no such level", "zones:", "levels: [public, confidential, regulated]\nzones:",
		    FLAW_ceiling_unknown },
		{ "not this workload", "[w1, w2]", "[w1]", FLAW_workload_unknown },
	};
	struct snapshot *s = load(full);
	struct passport p;

	check_or_stop(passport_of(s, claims[0].claims, &p) == FLAW_none, "a passport");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct snapshot *newer = load_with(cases[i].line, cases[i].instead);
		struct key key;

		check_slice(flaw_name(passport_bind(&arena, newer, &p, &key)),
		    flaw_name(cases[i].want), "newer: %s", cases[i].why);
		snapshot_unref(newer);
	}
	snapshot_unref(s);
}

/* ---- what is remembered ---- */

struct scene {
	struct loop	 loop;
	struct desk	 desk;
	struct trust	*trust;
	struct snapshot	*snapshot, *newer;
	uint64_t	 verified;
};

static void
publish(struct scene *s, const struct signer *by, nanos now)
{
	struct fetched f = { .fresh_s = UINT32_MAX };
	const char *why = "";
	char room[512];
	struct text t;

	text_init(&t, room, sizeof room);
	text_put(&t, S("{\"keys\":["));
	put_jwk(&arena, &t, by, S("k"), S(""));
	text_put(&t, S("]}"));
	check_or_stop(jwks_read(text_slice(&t), &f.set, &why) == ERR_OK, "keys: %s", why);
	text_init(&f.why, f.room, sizeof f.room);
	check_or_stop(trust_begin(s->trust, &s->snapshot->issuer[0], now), "keys are due");
	(void)trust_end(s->trust, &s->snapshot->issuer[0], &f, now);
}

static enum err
show(struct scene *s, struct fiber *f, struct slice token, int64_t wall, struct bearer *out)
{
	const struct bearer_ask ask = {
		f, s->snapshot, &arena, token, wall, s->loop.now + NANOS_PER_S,
	};

	return bearer_find(&s->desk, &ask, out);
}

/* How many signatures were verified since this was last asked. */
static int64_t
verified(struct scene *s)
{
	struct slice name = S("\ntrivium_tokens_verified_total ");
	char room[TRUST_METRICS_BYTES];
	uint64_t before = s->verified;
	struct slice rest;
	struct text t;

	text_init(&t, room, sizeof room);
	trust_put_metrics(s->trust, &t);
	rest = text_slice(&t);
	rest = slice_cut(rest, slice_find(rest, name) + name.len, rest.len);
	must(slice_number(slice_cut(rest, 0, slice_find(rest, S("\n"))), &s->verified));
	return (int64_t)(s->verified - before);
}

static struct slice
token_for(const char *sub, const char *exp)
{
	char room[256];
	struct text t;

	text_init(&t, room, sizeof room);
	text_put(&t, S("{\"iss\":\"i\",\"aud\":\"g\",\"t\":\"acme\",\"sub\":\""));
	text_put(&t, slice_of(sub, strlen(sub)));
	text_put(&t, S("\",\"exp\":"));
	text_put(&t, slice_of(exp, strlen(exp)));
	text_put_char(&t, '}');
	return token_of(&arena, &signer, H, text_slice(&t));
}

static void
check_memory(struct scene *s, struct fiber *f)
{
	struct slice token = token_for("alice", "1700000100");
	struct bearer b;

	check_int(show(s, f, token, NOW, &b), ERR_ISSUER_DOWN, "without keys");
	publish(s, &signer, s->loop.now);
	for (unsigned i = 0; i < 3; i++) {
		check_int(show(s, f, token, NOW, &b), ERR_OK, "showing it, time %u", i);
		check_slice(b.key->id, S("corp#alice"), "whose it is, time %u", i);
	}
	check_int(verified(s), 1, "costs one signature");
	check_int(show(s, f, token, NOW + 159, &b), ERR_OK, "until it expires");
	check_int(verified(s), 0, "it is remembered");
	check_int(show(s, f, token, NOW + 160, &b), ERR_TOKEN_REFUSED, "but not then");
	check_slice(flaw_name(b.flaw), S("expired"), "for that reason");
	check_int(verified(s), 1, "it was looked at anew");
	check_int(show(s, f, slice_cut(token, 0, token.len - 1), NOW, &b), ERR_TOKEN_REFUSED,
	    "a letter less is another token");
	check_int(show(s, f, S("a.b.c"), NOW, &b), ERR_TOKEN_REFUSED, "nonsense is refused");
}

static void
check_withdrawn(struct scene *s, struct fiber *f)
{
	struct slice token = token_for("alice", "1700000100");
	struct snapshot *before = s->snapshot;
	struct bearer b;

	check_int(show(s, f, token, NOW, &b), ERR_OK, "a token is remembered");
	(void)verified(s);
	s->snapshot = s->newer;
	check_int(show(s, f, token, NOW, &b), ERR_OK, "under another configuration");
	check_int(verified(s), 1, "it is verified anew");
	s->snapshot = before;
	publish(s, &other, s->loop.now + (nanos)s->snapshot->issuer[0].refresh_s * NANOS_PER_S);
	check_int(show(s, f, token, NOW, &b), ERR_TOKEN_REFUSED, "its key is withdrawn");
	check_slice(flaw_name(b.flaw), S("signature"), "and so it is");
}

/* More tokens than there is room for: memory is bounded, and each is good all the same. */
static void
check_flood(struct scene *s, struct fiber *f)
{
	unsigned good = 0;
	struct bearer b;

	publish(s, &signer, s->loop.now + 2 *
	    (nanos)s->snapshot->issuer[0].refresh_s * NANOS_PER_S);
	for (unsigned i = 0; i < PASSPORTS_MAX + 512; i++) {
		char name[16];

		snprintf(name, sizeof name, "n%u", i);
		good += show(s, f, token_for(name, "1700000100"), NOW, &b) == ERR_OK;
		arena_reset(&arena);
	}
	check_int(good, PASSPORTS_MAX + 512, "each of very many is good");
	check(s->desk.use >= PASSPORTS_MAX, "and was remembered for a while");
}

static void
scene_main(struct fiber *f, void *arg)
{
	struct scene *s = arg;

	check_memory(s, f);
	check_withdrawn(s, f);
	check_flood(s, f);
	loop_stop(&s->loop);
}

static void
check_desk(void)
{
	struct scene s = { .trust = trust_new() };

	s.snapshot = load(full);
	s.newer = load_with("[acme, beta]", "[acme]");
	desk_init(&s.desk, s.trust);
	check_or_stop(loop_open(&s.loop, NULL) == ERR_OK, "a loop");
	check_or_stop(fiber_start(&s.loop, "scene", scene_main, &s) == ERR_OK, "a fiber");
	loop_run(&s.loop);
	loop_close(&s.loop);
	desk_release(&s.desk);
	trust_free(s.trust);
	snapshot_unref(s.snapshot);
	snapshot_unref(s.newer);
}

int
main(void)
{
	memory_init(&memory);
	arena_init(&arena, &memory.memory, 1 << 26);
	signer = signer_made(VERIFY_EDDSA, 0);
	other = signer_made(VERIFY_EDDSA, 0);
	check_claims();
	check_newer();
	check_desk();
	EVP_PKEY_free(signer.pair);
	EVP_PKEY_free(other.pair);
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
