/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwks - any bytes as the keys that an issuer publishes.
 *
 * A set that is read has keys, as many as may be at most, and each of them is found again by
 * the name that it has in the text, for an algorithm that fits it.  A set with a shared secret
 * in it (`k`) or a private half (`d`) keeps none of that.
 */
#include "caller/jwks.h"

#include "core/json.h"
#include "core/limit.h"

#include "fuzz.h"

/* For each name in the text: what is found fits, and was told without secrets. */
static uint32_t
check_key(struct arena *a, const struct json *j, uint32_t at, const struct jwks *set)
{
	uint32_t kid = json_member(j, at, S("kid")), found = 0;
	struct slice name;

	if (kid == 0 || json_type(j, kid) != JSON_STRING)
		return 0;
	name = json_string(a, j, kid);
	for (unsigned i = 0; i < VERIFY_ALGORITHMS; i++) {
		enum verify_algorithm algorithm = (enum verify_algorithm)i;
		const struct verify_key *key = NULL;
		enum flaw r = jwks_find(set, name, algorithm, &key);

		FUZZ_CHECK(r == FLAW_none || r == FLAW_kid_unknown ||
		    r == FLAW_alg_mismatch);
		FUZZ_CHECK((key != NULL) == (r == FLAW_none));
		if (r == FLAW_none)
			FUZZ_CHECK(verify_key_fits(key, algorithm));
		found += r == FLAW_none;
	}
	return found;
}

static void
check_set(struct slice text, const struct jwks *set)
{
	uint32_t list, usable = 0;
	struct json_fault fault;
	struct arena arena;
	struct json j;

	fuzz_arena(&arena);
	FUZZ_CHECK(json_parse(&arena, text, JSON_DUPLICATES_REFUSED, &j, &fault) == ERR_OK);
	list = json_member(&j, 0, S("keys"));
	FUZZ_CHECK(list != 0 && json_type(&j, list) == JSON_ARRAY);
	FUZZ_CHECK(j.node[list].count <= JWKS_KEYS_MAX && j.node[list].count >= jwks_count(set));
	for (uint32_t i = list + 1; i < j.node[list].next; i = j.node[i].next) {
		(void)check_key(&arena, &j, i, set);
		usable += json_member(&j, i, S("d")) == 0 && json_member(&j, i, S("k")) == 0 &&
		    !json_is(&j, json_member(&j, i, S("use")), S("enc"));
	}
	FUZZ_CHECK(jwks_count(set) <= usable);
	arena_release(&arena);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice text = fuzz_exact(slice_of((const char *)data, size));
	struct jwks *set = NULL;
	const char *why = NULL;
	enum err e = jwks_read(text, &set, &why);

	FUZZ_CHECK(e == ERR_OK || e == ERR_MEMORY || why != NULL);
	if (e == ERR_OK) {
		FUZZ_CHECK(jwks_count(set) > 0 && jwks_count(set) <= JWKS_KEYS_MAX);
		FUZZ_CHECK(size <= JWKS_BYTES_MAX && slice_eq(jwks_text(set), text));
		check_set(text, set);
		jwks_unref(set);
	}
	free((char *)text.ptr);
	return 0;
}
