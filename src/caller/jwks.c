/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/jwks.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/base64.h"
#include "core/json.h"
#include "core/limit.h"
#include "run/heap.h"

struct jwk {
	struct slice		 kid;		/* absent: ptr is NULL */
	struct verify_key	*key;
	unsigned		 algorithms;	/* set; what its own `alg` leaves of its type's */
};

struct jwks {
	_Atomic(uint64_t)	 references;
	struct arena		 arena;
	struct slice		 text;
	uint32_t		 count;
	struct jwk		 key[JWKS_KEYS_MAX];
};

/* By enum verify_algorithm. */
static const struct slice algorithm_name[VERIFY_ALGORITHMS] = {
	[VERIFY_RS256] = { "RS256", 5 },
	[VERIFY_PS256] = { "PS256", 5 },
	[VERIFY_ES256] = { "ES256", 5 },
	[VERIFY_EDDSA] = { "EdDSA", 5 },
};

bool
jwks_algorithm(struct slice name, enum verify_algorithm *out)
{
	for (unsigned i = 0; i < VERIFY_ALGORITHMS; i++) {
		if (!slice_eq(name, algorithm_name[i]))
			continue;
		*out = (enum verify_algorithm)i;
		return true;
	}
	return false;
}

/* ---- reading ---- */

struct reading {
	struct jwks	*set;
	struct json	 json;
	struct arena	 scratch;
};

/* The text of a member; absent where there is none or it is no string. */
static struct slice
text_at(struct reading *r, uint32_t object, struct slice name)
{
	uint32_t node = json_member(&r->json, object, name);

	if (node == 0 || json_type(&r->json, node) != JSON_STRING)
		return slice_of(NULL, 0);
	return json_string(&r->scratch, &r->json, node);
}

/* The bytes of a member in base64url; empty where there are none. */
static struct slice
bytes_at(struct reading *r, uint32_t object, struct slice name)
{
	struct slice bytes;

	if (!base64_url_read(&r->scratch, text_at(r, object, name), &bytes))
		return slice_of(NULL, 0);
	return bytes;
}

static bool
lists_verify(const struct json *j, uint32_t list)
{
	if (json_type(j, list) != JSON_ARRAY)
		return false;
	for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i].next)
		if (json_is(j, i, S("verify")))
			return true;
	return false;
}

/* Is it there to verify signatures, and is only its public half told? */
static bool
is_for_verifying(const struct json *j, uint32_t object)
{
	uint32_t use = json_member(j, object, S("use"));
	uint32_t operations = json_member(j, object, S("key_ops"));

	return (use == 0 || json_is(j, use, S("sig"))) &&
	    (operations == 0 || lists_verify(j, operations)) &&
	    json_member(j, object, S("d")) == 0 && json_member(j, object, S("k")) == 0;
}

static struct verify_key *
make_key(struct reading *r, uint32_t object)
{
	struct slice type = text_at(r, object, S("kty")), curve = text_at(r, object, S("crv"));

	if (slice_eq(type, S("RSA")))
		return verify_key_rsa(bytes_at(r, object, S("n")), bytes_at(r, object, S("e")));
	if (slice_eq(type, S("EC")) && slice_eq(curve, S("P-256")))
		return verify_key_p256(bytes_at(r, object, S("x")), bytes_at(r, object, S("y")));
	if (slice_eq(type, S("OKP")) && slice_eq(curve, S("Ed25519")))
		return verify_key_ed25519(bytes_at(r, object, S("x")));
	return NULL;
}

/* The algorithms of its type, or of these the one that it names itself. */
static unsigned
algorithms_of(struct reading *r, uint32_t object, const struct verify_key *key)
{
	enum verify_algorithm only;
	unsigned set = 0;

	for (unsigned i = 0; i < VERIFY_ALGORITHMS; i++)
		if (verify_key_fits(key, (enum verify_algorithm)i))
			set |= 1U << i;
	if (json_member(&r->json, object, S("alg")) == 0)
		return set;
	return jwks_algorithm(text_at(r, object, S("alg")), &only) ? set & 1U << only : 0;
}

/* Keeps one key if it can be used. */
static void
read_key(struct reading *r, uint32_t object)
{
	struct jwk *jwk = &r->set->key[r->set->count];
	struct slice kid = text_at(r, object, S("kid"));
	bool named = json_member(&r->json, object, S("kid")) != 0;

	if (!is_for_verifying(&r->json, object) || kid.len > KID_BYTES_MAX ||
	    (named && kid.ptr == NULL) || (jwk->key = make_key(r, object)) == NULL)
		return;
	jwk->algorithms = algorithms_of(r, object, jwk->key);
	if (jwk->algorithms == 0) {
		verify_key_free(jwk->key);
		return;
	}
	jwk->kid = named ? arena_copy(&r->set->arena, kid) : slice_of(NULL, 0);
	if (named && jwk->kid.ptr == NULL)
		jwk->kid = S("");
	r->set->count++;
}

/* What is wrong with the set, or NULL. */
static const char *
read_set(struct reading *r, struct slice text)
{
	const struct json *j = &r->json;
	struct json_fault fault;
	uint32_t list;

	if (json_parse(&r->scratch, text, JSON_DUPLICATES_REFUSED, &r->json, &fault) != ERR_OK)
		return "it is not JSON in UTF-8 whose names are all different";
	list = json_member(j, 0, S("keys"));
	if (list == 0 || json_type(j, list) != JSON_ARRAY)
		return "it has no list of `keys`";
	if (j->node[list].count > JWKS_KEYS_MAX)
		return "it has more than 64 keys";
	for (uint32_t i = list + 1; i < j->node[list].next; i = j->node[i].next)
		read_key(r, i);
	return r->set->count > 0 ? NULL : "none of its keys can verify a token";
}

enum err
jwks_read(struct slice text, struct jwks **out, const char **why)
{
	struct reading r = { .set = calloc(1, sizeof *r.set) };
	const char *wrong;
	bool overflowed;

	if (r.set == NULL)
		return ERR_MEMORY;
	atomic_init(&r.set->references, 1);
	arena_init(&r.set->arena, heap_memory(), JWKS_ARENA_MAX);
	arena_init(&r.scratch, heap_memory(), JWKS_ARENA_MAX);
	r.set->text = arena_copy(&r.set->arena, text);
	wrong = text.len > JWKS_BYTES_MAX ? "it is longer than 262144 bytes" : read_set(&r, text);
	overflowed = arena_overflowed(&r.scratch) || arena_overflowed(&r.set->arena);
	arena_release(&r.scratch);
	if (!overflowed && wrong == NULL) {
		*out = r.set;
		return ERR_OK;
	}
	jwks_unref(r.set);
	if (overflowed)
		return ERR_MEMORY;
	*why = wrong;
	return ERR_JSON_MALFORMED;
}

struct jwks *
jwks_ref(struct jwks *set)
{
	must(atomic_fetch_add_explicit(&set->references, 1, memory_order_relaxed) > 0);
	return set;
}

void
jwks_unref(struct jwks *set)
{
	if (set == NULL ||
	    atomic_fetch_sub_explicit(&set->references, 1, memory_order_acq_rel) > 1)
		return;
	for (uint32_t i = 0; i < set->count; i++)
		verify_key_free(set->key[i].key);
	arena_release(&set->arena);
	free(set);
}

struct slice
jwks_text(const struct jwks *set)
{
	return set->text;
}

uint32_t
jwks_count(const struct jwks *set)
{
	return set->count;
}

/* ---- finding ---- */

static bool
is_named(const struct jwk *jwk, struct slice kid)
{
	return jwk->kid.ptr != NULL && slice_eq(jwk->kid, kid);
}

/* Without a name, one key fits or nobody knows which is meant. */
static enum flaw
find_only(const struct jwks *set, enum verify_algorithm algorithm, const struct verify_key **out)
{
	const struct jwk *found = NULL;

	for (uint32_t i = 0; i < set->count; i++) {
		if ((set->key[i].algorithms >> algorithm & 1) == 0)
			continue;
		if (found != NULL)
			return FLAW_kid_missing;
		found = &set->key[i];
	}
	if (found == NULL)
		return FLAW_kid_missing;
	*out = found->key;
	return FLAW_none;
}

enum flaw
jwks_find(const struct jwks *set, struct slice kid, enum verify_algorithm algorithm,
    const struct verify_key **out)
{
	enum flaw r = FLAW_kid_unknown;

	if (kid.ptr == NULL)
		return find_only(set, algorithm, out);
	for (uint32_t i = 0; i < set->count; i++) {
		if (!is_named(&set->key[i], kid))
			continue;
		if ((set->key[i].algorithms >> algorithm & 1) != 0) {
			*out = set->key[i].key;
			return FLAW_none;
		}
		r = FLAW_alg_mismatch;
	}
	return r;
}
