/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/jwks.h"

#include "check.h"
#include "core/arena.h"
#include "core/limit.h"
#include "core/text.h"
#include "run/memory.h"

static struct memory_pool memory;
static struct arena arena;

/* The key of RFC 7517, A.1 (P-256), and that of RFC 8037, A.2. */
#define EC								\
	"\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\","	\
	"\"y\":\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\""
#define ED								\
	"\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo\""

static const struct { const char *why; struct slice text; uint32_t count; } sets[] = {
	{ "one key", S("{\"keys\":[{" EC "}]}"), 1 },
	{ "two keys, and names that nobody knows", S("{\"x\":1,\"keys\":[{" EC ",\"x5t\":\"a\"},{" ED
	    "}],\"y\":[]}"), 2 },
	{ "an unknown type is passed over", S("{\"keys\":[{\"kty\":\"XYZ\"},{" EC "}]}"), 1 },
	{ "what is no object is passed over", S("{\"keys\":[1,\"a\",null,[],{" EC "}]}"), 1 },
	{ "a shared key is passed over", S("{\"keys\":[{\"kty\":\"oct\",\"k\":\"AAAA\"},{" EC "}]}"),
	    1 },
	{ "a key for encryption", S("{\"keys\":[{" EC ",\"use\":\"enc\"}]}"), 0 },
	{ "a key for signatures", S("{\"keys\":[{" EC ",\"use\":\"sig\"}]}"), 1 },
	{ "a key that may verify", S("{\"keys\":[{" EC ",\"key_ops\":[\"sign\",\"verify\"]}]}"), 1 },
	{ "a key that may only sign", S("{\"keys\":[{" EC ",\"key_ops\":[\"sign\"]}]}"), 0 },
	{ "key_ops that is no list", S("{\"keys\":[{" EC ",\"key_ops\":\"verify\"}]}"), 0 },
	{ "its own algorithm", S("{\"keys\":[{" EC ",\"alg\":\"ES256\"}]}"), 1 },
	{ "an algorithm of another type", S("{\"keys\":[{" EC ",\"alg\":\"RS256\"}]}"), 0 },
	{ "an HMAC's algorithm", S("{\"keys\":[{" EC ",\"alg\":\"HS256\"}]}"), 0 },
	{ "an algorithm that is no text", S("{\"keys\":[{" EC ",\"alg\":1}]}"), 0 },
	{ "a kid that is no text", S("{\"keys\":[{" EC ",\"kid\":7}]}"), 0 },
	{ "its private half is told", S("{\"keys\":[{" EC ",\"d\":\"AAAA\"}]}"), 0 },
	{ "a point that is not on the curve", S("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":"
	    "\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":"
	    "\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\"}]}"), 0 },
	{ "the point of another curve's name", S("{\"keys\":[{\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":"
	    "\"MKBCTNIcKUSDii11ySs3526iDZ8AiTo7Tu6KPAqv7D4\",\"y\":"
	    "\"4Etl6SRW2YiLUrN5vfvVHuhp7x8PxltmWWlbbM4IFyM\"}]}"), 0 },
	{ "a padded coordinate", S("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":"
	    "\"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo=\"}]}"), 0 },
	{ "no coordinate", S("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed25519\"}]}"), 0 },
	{ "Ed448", S("{\"keys\":[{\"kty\":\"OKP\",\"crv\":\"Ed448\",\"x\":\"AAAA\"}]}"), 0 },
	{ "RSA without numbers", S("{\"keys\":[{\"kty\":\"RSA\"}]}"), 0 },
	{ "no keys", S("{\"keys\":[]}"), 0 },
	{ "keys that are no list", S("{\"keys\":{" EC "}}"), 0 },
	{ "a key that is alone", S("{" EC "}"), 0 },
	{ "a list", S("[{" EC "}]"), 0 },
	{ "two lists of keys", S("{\"keys\":[{" EC "}],\"keys\":[]}"), 0 },
	{ "a key with two names", S("{\"keys\":[{" EC ",\"kid\":\"a\",\"kid\":\"b\"}]}"), 0 },
	{ "not UTF-8", S("{\"keys\":[{" EC ",\"kid\":\"\377\"}]}"), 0 },
	{ "a page of HTML", S("<!doctype html><title>404</title>"), 0 },
	{ "nothing", S(""), 0 },
};

static void
check_sets(void)
{
	for (size_t i = 0; i < COUNT_OF(sets); i++) {
		struct jwks *set = NULL;
		const char *why = NULL;
		enum err e = jwks_read(sets[i].text, &set, &why);

		check_int(e == ERR_OK ? jwks_count(set) : 0, sets[i].count, "%s", sets[i].why);
		check(e == ERR_OK || why != NULL, "%s: what is wrong is said", sets[i].why);
		jwks_unref(set);
	}
}

/* A set of `count` keys {"kid":"0"}, {"kid":"1"} … */
static struct slice
many(uint32_t count)
{
	struct text t;

	text_init(&t, arena_bytes(&arena, 400000), 400000);
	text_put(&t, S("{\"keys\":["));
	for (uint32_t i = 0; i < count; i++) {
		text_put(&t, i > 0 ? S(",{\"kid\":\"") : S("{\"kid\":\""));
		text_put_number(&t, i);
		text_put(&t, S("\"," ED "}"));
	}
	text_put(&t, S("]}"));
	return text_slice(&t);
}

static struct slice
padded(struct slice text, size_t bytes)
{
	char *room = arena_bytes(&arena, bytes);

	memset(room, ' ', bytes);
	memcpy(room, text.ptr, text.len);
	return slice_of(room, bytes);
}

static void
check_bounds(void)
{
	const struct { const char *why; struct slice text; bool good; } cases[] = {
		{ "as many keys as may be", many(JWKS_KEYS_MAX), true },
		{ "one more", many(JWKS_KEYS_MAX + 1), false },
		{ "as many bytes as may be", padded(many(1), JWKS_BYTES_MAX), true },
		{ "one more byte", padded(many(1), JWKS_BYTES_MAX + 1), false },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct jwks *set = NULL;
		const char *why = "";

		check_int(jwks_read(cases[i].text, &set, &why) == ERR_OK, cases[i].good, "%s",
		    cases[i].why);
		jwks_unref(set);
	}
}

static void
check_find(void)
{
	struct slice text = S("{\"keys\":[{\"kid\":\"same\"," EC "},{\"kid\":\"same\"," ED "},{" ED
	    "},{\"kid\":\"\"," EC "}]}");
	static const struct {
		const char		*why;
		struct slice		 kid;
		enum verify_algorithm	 algorithm;
		enum flaw		 want;
	} cases[] = {
		{ "one name, two types: the first", S("same"), VERIFY_ES256, FLAW_none },
		{ "one name, two types: the second", S("same"), VERIFY_EDDSA, FLAW_none },
		{ "one name, two types: a third", S("same"), VERIFY_RS256, FLAW_alg_mismatch },
		{ "a name that is empty is a name", S(""), VERIFY_ES256, FLAW_none },
		{ "and no key without a name is meant", S(""), VERIFY_EDDSA, FLAW_alg_mismatch },
		{ "no such name", S("other"), VERIFY_ES256, FLAW_kid_unknown },
		{ "no name, and two that fit", { NULL, 0 }, VERIFY_ES256, FLAW_kid_missing },
		{ "no name, and none that fits", { NULL, 0 }, VERIFY_RS256, FLAW_kid_missing },
	};
	struct jwks *set = NULL;
	const char *why = "";

	check_or_stop(jwks_read(text, &set, &why) == ERR_OK, "a set: %s", why);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		const struct verify_key *key = NULL;
		enum flaw got = jwks_find(set, cases[i].kid, cases[i].algorithm, &key);

		check_slice(flaw_name(got), flaw_name(cases[i].want), "%s", cases[i].why);
		check_int(key != NULL && verify_key_fits(key, cases[i].algorithm),
		    cases[i].want == FLAW_none, "%s: a key that fits", cases[i].why);
	}
	jwks_unref(jwks_ref(set));
	check_slice(jwks_text(set), text, "the text is kept");
	jwks_unref(set);
}

int
main(void)
{
	memory_init(&memory);
	arena_init(&arena, &memory.memory, 1 << 24);
	check_sets();
	check_bounds();
	check_find();
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
