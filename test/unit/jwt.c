/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/jwt.h"

#include "check.h"
#include "core/limit.h"
#include "run/memory.h"
#include "signing.h"

/*
 * Tokens of attackers, each refused for its own reason.  Where they are from:
 *
 *   RFC 8725 (JSON Web Token Best Current Practices), section 2: none (2.1), an HMAC under the
 *   public key (2.1, 3.1), weak keys (2.2, 3.2), another curve (2.4, 3.4), texts that are not
 *   UTF-8 (2.6), somebody else's audience or issuer (2.7 to 2.9), types (3.11);
 *   McLean, "Critical vulnerabilities in JSON Web Token libraries" (2015): none, RS256 to HS256;
 *   none in mixed spelling (CVE-2020-28042 and its kin); a key in the header (CVE-2018-0114);
 *   paths and SQL in kid, URLs in jku and x5u (PortSwigger Web Security Academy, JWT attacks);
 *   R = S = 0 (CVE-2022-21449); nested JSON and large tokens (RFC 8725, 3.10 and CWE-400);
 *   RFC 7515, 4.1.11 and RFC 7797: crit and b64; RFC 7519, 4 and 7.2: duplicate claims, dates.
 */

static struct memory_pool memory;
static struct arena arena;

enum who { BIG, EC, ED, OTHER, SMALL, P384, WHO_COUNT };
static struct signer signer[WHO_COUNT];

#define NOW	1700000000
static const struct slice audience[] = { { "gateway", 7 }, { "api://second", 12 } };
static const struct jwt_terms terms = { audience, COUNT_OF(audience), NOW, 60 };

static struct slice
key_set(void)
{
	struct text t;

	text_init(&t, arena_bytes(&arena, 16384), 16384);
	text_put(&t, S("{\"keys\":["));
	put_jwk(&arena, &t, &signer[BIG], S("rsa"), S(",\"use\":\"sig\",\"x5c\":[\"junk\"]"));
	text_put_char(&t, ',');
	put_jwk(&arena, &t, &signer[EC], S("ec"), S(",\"alg\":\"ES256\""));
	text_put_char(&t, ',');
	put_jwk(&arena, &t, &signer[ED], S("ed"), S(""));
	text_put_char(&t, ',');
	put_jwk(&arena, &t, &signer[BIG], S("only-pss"), S(",\"alg\":\"PS256\""));
	text_put_char(&t, ',');
	put_jwk(&arena, &t, &signer[SMALL], S("small"), S(""));
	text_put_char(&t, ',');
	put_jwk(&arena, &t, &signer[P384], S("p384"), S(""));
	text_put(&t, S(",{\"kid\":\"shared\",\"kty\":\"oct\",\"k\":\"AAAA\"}]}"));
	check_or_stop(!text_overflowed(&t), "the set has room");
	return text_slice(&t);
}

#define GOOD	"\"iss\":\"https://id.example\",\"aud\":\"gateway\",\"exp\":1700000100"
#define H(alg, kid)	S("{\"alg\":\"" alg "\",\"kid\":\"" kid "\"}")

static const struct attack {
	const char	*why;
	struct slice	 header, claims;
	enum who	 who;
	enum flaw	 want;
} attacks[] = {
	{ "RS256", H("RS256", "rsa"), S("{" GOOD "}"), BIG, FLAW_none },
	{ "ES256", H("ES256", "ec"), S("{" GOOD "}"), EC, FLAW_none },
	{ "EdDSA", H("EdDSA", "ed"), S("{" GOOD "}"), ED, FLAW_none },
	{ "typ JWT", S("{\"alg\":\"EdDSA\",\"typ\":\"jwt\",\"kid\":\"ed\"}"), S("{" GOOD "}"), ED,
	    FLAW_none },
	{ "typ at+jwt (RFC 9068)", S("{\"alg\":\"EdDSA\",\"typ\":\"application/at+JWT\",\"kid\":"
	    "\"ed\"}"), S("{" GOOD "}"), ED, FLAW_none },
	{ "no kid, and one key that fits", S("{\"alg\":\"EdDSA\"}"), S("{" GOOD "}"), ED,
	    FLAW_none },
	{ "a kid in escapes is the same kid", S("{\"alg\":\"EdDSA\",\"kid\":\"\\u0065d\"}"),
	    S("{" GOOD "}"), ED, FLAW_none },
	{ "one of several audiences", H("EdDSA", "ed"), S("{\"iss\":\"i\",\"aud\":[1,\"x\",\""
	    "api://second\"],\"exp\":1700000100,\"nbf\":1,\"iat\":1700000059.75}"), ED,
	    FLAW_none },
	{ "expired, within the leeway", H("EdDSA", "ed"), S("{\"iss\":\"i\",\"aud\":\"gateway\","
	    "\"exp\":1699999941}"), ED, FLAW_none },

	/* The algorithm */
	{ "none", S("{\"alg\":\"none\"}"), S("{" GOOD "}"), BIG, FLAW_alg_none },
	{ "None", S("{\"alg\":\"None\"}"), S("{" GOOD "}"), BIG, FLAW_alg_none },
	{ "NONE", S("{\"alg\":\"NONE\"}"), S("{" GOOD "}"), BIG, FLAW_alg_none },
	{ "nOnE", S("{\"alg\":\"nOnE\"}"), S("{" GOOD "}"), BIG, FLAW_alg_none },
	{ "none in escapes", S("{\"alg\":\"\\u006eone\"}"), S("{" GOOD "}"), BIG,
	    FLAW_alg_none },
	{ "none with a space", S("{\"alg\":\"none \"}"), S("{" GOOD "}"), BIG,
	    FLAW_alg_unknown },
	{ "none and a NUL", S("{\"alg\":\"none\\u0000\"}"), S("{" GOOD "}"), BIG,
	    FLAW_alg_unknown },
	{ "no algorithm", S("{\"kid\":\"rsa\"}"), S("{" GOOD "}"), BIG, FLAW_alg_missing },
	{ "an empty algorithm", H("", "rsa"), S("{" GOOD "}"), BIG, FLAW_alg_unknown },
	{ "an algorithm that is no text", S("{\"alg\":null}"), S("{" GOOD "}"), BIG,
	    FLAW_header },
	{ "a list of algorithms", S("{\"alg\":[\"RS256\"]}"), S("{" GOOD "}"), BIG,
	    FLAW_header },
	{ "HS256", H("HS256", "shared"), S("{" GOOD "}"), BIG, FLAW_alg_symmetric },
	{ "hs512", H("hs512", "rsa"), S("{" GOOD "}"), BIG, FLAW_alg_symmetric },
	{ "RS512", H("RS512", "rsa"), S("{" GOOD "}"), BIG, FLAW_alg_unknown },
	{ "rs256", H("rs256", "rsa"), S("{" GOOD "}"), BIG, FLAW_alg_unknown },
	{ "ES256K", H("ES256K", "ec"), S("{" GOOD "}"), EC, FLAW_alg_unknown },
	{ "dir, of JWE", H("dir", "rsa"), S("{" GOOD "}"), BIG, FLAW_alg_unknown },
	{ "an algorithm of another type than the key", H("ES256", "rsa"), S("{" GOOD "}"), EC,
	    FLAW_alg_mismatch },
	{ "EdDSA under an RSA key", H("EdDSA", "rsa"), S("{" GOOD "}"), ED, FLAW_alg_mismatch },
	{ "RS256 under a key that is for PS256", H("RS256", "only-pss"), S("{" GOOD "}"), BIG,
	    FLAW_alg_mismatch },
	{ "PS256 that was signed as RS256", H("PS256", "rsa"), S("{" GOOD "}"), BIG,
	    FLAW_signature },

	/* The key */
	{ "a key of 1,024 bits, which is not kept", H("RS256", "small"), S("{" GOOD "}"), SMALL,
	    FLAW_kid_unknown },
	{ "a key of another curve", H("ES256", "p384"), S("{" GOOD "}"), P384,
	    FLAW_kid_unknown },
	{ "a shared key", H("RS256", "shared"), S("{" GOOD "}"), BIG, FLAW_kid_unknown },
	{ "an unknown kid", H("RS256", "new"), S("{" GOOD "}"), BIG, FLAW_kid_unknown },
	{ "an empty kid", H("RS256", ""), S("{" GOOD "}"), BIG, FLAW_kid_unknown },
	{ "a path in kid", H("RS256", "../../../../dev/null"), S("{" GOOD "}"), BIG,
	    FLAW_kid_unknown },
	{ "SQL in kid", H("RS256", "x' UNION SELECT 'aaa"), S("{" GOOD "}"), BIG,
	    FLAW_kid_unknown },
	{ "a command in kid", H("RS256", "rsa; sleep 10"), S("{" GOOD "}"), BIG,
	    FLAW_kid_unknown },
	{ "a NUL in kid", S("{\"alg\":\"RS256\",\"kid\":\"rsa\\u0000\"}"), S("{" GOOD "}"), BIG,
	    FLAW_kid_unknown },
	{ "a kid that is a number", S("{\"alg\":\"RS256\",\"kid\":1}"), S("{" GOOD "}"), BIG,
	    FLAW_header },
	{ "no kid, and two keys that fit", S("{\"alg\":\"PS256\"}"), S("{" GOOD "}"), BIG,
	    FLAW_kid_missing },
	{ "another key under a good kid", H("RS256", "rsa"), S("{" GOOD "}"), OTHER,
	    FLAW_signature },

	/* The header */
	{ "two algorithms", S("{\"alg\":\"RS256\",\"alg\":\"none\",\"kid\":\"rsa\"}"),
	    S("{" GOOD "}"), BIG, FLAW_header },
	{ "two algorithms, one in escapes", S("{\"alg\":\"RS256\",\"\\u0061lg\":\"none\"}"),
	    S("{" GOOD "}"), BIG, FLAW_header },
	{ "two kids", S("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"kid\":\"x\"}"), S("{" GOOD "}"), BIG,
	    FLAW_header },
	{ "a header that is no object", S("[\"RS256\"]"), S("{" GOOD "}"), BIG, FLAW_header },
	{ "an empty header", S(""), S("{" GOOD "}"), BIG, FLAW_header },
	{ "a header with more behind it", S("{\"alg\":\"RS256\"}{}"), S("{" GOOD "}"), BIG,
	    FLAW_header },
	{ "a header that is not UTF-8", S("{\"alg\":\"RS256\",\"x\":\"\377\"}"), S("{" GOOD "}"),
	    BIG, FLAW_header },
	{ "a header in UTF-16", S("{\0\"\0a\0l\0g\0\"\0"), S("{" GOOD "}"), BIG, FLAW_header },
	{ "a mark before the header", S("\357\273\277{\"alg\":\"RS256\"}"), S("{" GOOD "}"), BIG,
	    FLAW_header },
	{ "half of a surrogate", S("{\"alg\":\"RS256\",\"kid\":\"\\ud800\"}"), S("{" GOOD "}"),
	    BIG, FLAW_header },
	{ "crit", S("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[\"exp\"],\"exp\":1}"),
	    S("{" GOOD "}"), BIG, FLAW_critical },
	{ "an empty crit", S("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"crit\":[]}"), S("{" GOOD "}"),
	    BIG, FLAW_critical },
	{ "b64 without crit", S("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"b64\":false}"),
	    S("{" GOOD "}"), BIG, FLAW_critical },
	{ "a logout token", S("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":\"logout+jwt\"}"),
	    S("{" GOOD "}"), BIG, FLAW_type },
	{ "a proof of possession", S("{\"alg\":\"ES256\",\"kid\":\"ec\",\"typ\":\"dpop+jwt\"}"),
	    S("{" GOOD "}"), EC, FLAW_type },
	{ "a type that is no text", S("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"typ\":[]}"),
	    S("{" GOOD "}"), BIG, FLAW_header },

	/* The claims */
	{ "two issuers", H("RS256", "rsa"), S("{\"iss\":\"a\"," GOOD "}"), BIG, FLAW_claims },
	{ "two audiences, one in escapes", H("RS256", "rsa"), S("{" GOOD ",\"a\\u0075d\":\"x\"}"),
	    BIG, FLAW_claims },
	{ "claims within claims, twice", H("RS256", "rsa"), S("{" GOOD ",\"x\":{\"r\":1,\"r\":2}}"),
	    BIG, FLAW_claims },
	{ "claims that are no object", H("RS256", "rsa"), S("\"https://id.example\""), BIG,
	    FLAW_claims },
	{ "claims that are not UTF-8", H("RS256", "rsa"), S("{" GOOD ",\"n\":\"\300\257\"}"), BIG,
	    FLAW_claims },
	{ "claims with more behind them", H("RS256", "rsa"), S("{" GOOD "} x"), BIG,
	    FLAW_claims },
	{ "no issuer", H("RS256", "rsa"), S("{\"aud\":\"gateway\",\"exp\":1700000100}"), BIG,
	    FLAW_issuer_missing },
	{ "a list of issuers", H("RS256", "rsa"), S("{\"iss\":[\"https://id.example\"]}"), BIG,
	    FLAW_claims },
	{ "no audience", H("RS256", "rsa"), S("{\"iss\":\"i\",\"exp\":1700000100}"), BIG,
	    FLAW_audience },
	{ "another audience", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway2\",\"exp\":"
	    "1700000100}"), BIG, FLAW_audience },
	{ "a part of an audience", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gate\",\"exp\":"
	    "1700000100}"), BIG, FLAW_audience },
	{ "no audience in a list", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":[],\"exp\":"
	    "1700000100}"), BIG, FLAW_audience },
	{ "an audience in a list in a list", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":"
	    "[[\"gateway\"]],\"exp\":1700000100}"), BIG, FLAW_audience },
	{ "an audience as a name", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":{\"gateway\":1},"
	    "\"exp\":1700000100}"), BIG, FLAW_audience },
	{ "no end", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\"}"), BIG,
	    FLAW_exp_missing },
	{ "expired", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\",\"exp\":1699999940}"),
	    BIG, FLAW_expired },
	{ "expired long ago", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\",\"exp\":0}"),
	    BIG, FLAW_expired },
	{ "an end in words", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\",\"exp\":"
	    "\"1700000100\"}"), BIG, FLAW_time },
	{ "an end with an exponent", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\","
	    "\"exp\":17e8}"), BIG, FLAW_time },
	{ "an end beyond all numbers", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\","
	    "\"exp\":99999999999999999999}"), BIG, FLAW_time },
	{ "an end before 1970", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\",\"exp\":"
	    "-1}"), BIG, FLAW_time },
	{ "an end that is true", H("RS256", "rsa"), S("{\"iss\":\"i\",\"aud\":\"gateway\",\"exp\":"
	    "true}"), BIG, FLAW_time },
	{ "not yet", H("RS256", "rsa"), S("{" GOOD ",\"nbf\":1700000061}"), BIG, FLAW_not_yet },
	{ "made in the future", H("RS256", "rsa"), S("{" GOOD ",\"iat\":1700000061}"), BIG,
	    FLAW_issued_later },
	{ "a start in words", H("RS256", "rsa"), S("{" GOOD ",\"nbf\":\"now\"}"), BIG,
	    FLAW_time },
};

static enum flaw
judge(const struct jwks *keys, struct slice token)
{
	struct jwt jwt;
	int64_t expires;
	enum flaw r = jwt_read(&arena, token, &jwt);

	if (r == FLAW_none)
		r = jwt_verify(&jwt, keys, 15);
	return r == FLAW_none ? jwt_check(&arena, &jwt, &terms, &expires) : r;
}

static void
check_flaw(enum flaw got, enum flaw want, const char *why)
{
	check_slice(flaw_name(got), flaw_name(want), "%s", why);
}

static void
check_attacks(const struct jwks *keys)
{
	for (size_t i = 0; i < COUNT_OF(attacks); i++) {
		const struct attack *a = &attacks[i];

		check_flaw(judge(keys, token_of(&arena, &signer[a->who], a->header,
		    a->claims)), a->want, a->why);
	}
}

/* ---- tokens whose letters are wrong ---- */

static struct slice
with(struct slice token, struct slice more)
{
	char *room = arena_bytes(&arena, token.len + more.len);

	memcpy(room, token.ptr, token.len);
	memcpy(room + token.len, more.ptr, more.len);
	return slice_of(room, token.len + more.len);
}

static void
check_letters(const struct jwks *keys)
{
	struct slice good = token_of(&arena, &signer[ED], H("EdDSA", "ed"), S("{" GOOD "}"));
	struct slice text = unsigned_token(&arena, H("EdDSA", "ed"), S("{" GOOD "}"));
	char *last = arena_bytes(&arena, good.len);
	const struct { const char *why; struct slice token; enum flaw want; } cases[] = {
		{ "as it is", good, FLAW_none },
		{ "nothing", S(""), FLAW_malformed },
		{ "one part", S("abc"), FLAW_malformed },
		{ "two parts", text, FLAW_malformed },
		{ "no signature", with(text, S(".")), FLAW_signature },
		{ "a fourth part", with(good, S(".AAAA")), FLAW_malformed },
		{ "a dot behind the end", with(good, S(".")), FLAW_malformed },
		{ "five parts: a JWE", S("eyJ9.a.b.c.d"), FLAW_encrypted },
		{ "dots alone", S(".."), FLAW_header },
		{ "a padded signature", with(good, S("==")), FLAW_encoding },
		{ "a line feed behind the end", with(good, S("\n")), FLAW_encoding },
		{ "a letter behind the end", with(good, S("A")), FLAW_signature },
		{ "bytes behind the signature", with(good, S("AAAA")), FLAW_signature },
		{ "a JSON serialization (RFC 7515, 7.2)", S("{\"payload\":\"e30\"}"),
		    FLAW_malformed },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_flaw(judge(keys, cases[i].token), cases[i].want, cases[i].why);
	/* Four bits of the last letter are left over: the same bytes in another spelling. */
	memcpy(last, good.ptr, good.len);
	last[good.len - 1]++;
	check_flaw(judge(keys, slice_of(last, good.len)), FLAW_encoding,
	    "another spelling of the signature");
}

/* ---- tokens that are forged otherwise ---- */

/* The public key is public: an HMAC under it proves nothing (RFC 8725, 2.1). */
static void
check_hmac(const struct jwks *keys)
{
	struct slice text = unsigned_token(&arena, H("HS256", "rsa"), S("{" GOOD "}"));
	unsigned char mac[32], n[256];
	BIGNUM *modulus = NULL;
	unsigned len;

	EVP_PKEY_get_bn_param(signer[BIG].pair, "n", &modulus);
	BN_bn2binpad(modulus, n, sizeof n);
	HMAC(EVP_sha256(), n, sizeof n, (const unsigned char *)text.ptr, text.len, mac, &len);
	BN_free(modulus);
	check_flaw(judge(keys, joined(&arena, text, letters_of(&arena, slice_of((char *)mac,
	    len)))), FLAW_alg_symmetric, "an HMAC under the public key");
}

static void
check_forged(const struct jwks *keys)
{
	static const char zeros[64];
	struct slice text = unsigned_token(&arena, H("ES256", "ec"), S("{" GOOD "}"));
	struct slice own, header;
	struct text t;

	check_flaw(judge(keys, joined(&arena, text, letters_of(&arena, slice_of(zeros, 64)))),
	    FLAW_signature, "R = S = 0 (CVE-2022-21449)");
	text_init(&t, arena_bytes(&arena, 4096), 4096);
	text_put(&t, S("{\"alg\":\"RS256\",\"kid\":\"rsa\",\"jku\":\"https://evil.example/keys\","
	    "\"x5u\":\"https://evil.example/cert\",\"x5c\":[\"MIIB\"],\"jwk\":"));
	put_jwk(&arena, &t, &signer[OTHER], S("rsa"), S(""));
	text_put_char(&t, '}');
	header = text_slice(&t);
	own = token_of(&arena, &signer[OTHER], header, S("{" GOOD "}"));
	check_flaw(judge(keys, own), FLAW_signature,
	    "a key of its own in jwk, jku, x5u and x5c (CVE-2018-0114)");
	check_flaw(judge(keys, token_of(&arena, &signer[BIG], header, S("{" GOOD "}"))),
	    FLAW_none, "which are not looked at where the signature is good");
}

static void
check_large(const struct jwks *keys)
{
	size_t bytes = 1 << 20, before;
	char *room = malloc(bytes);
	struct slice token = token_of(&arena, &signer[ED], H("EdDSA", "ed"), S("{" GOOD "}"));

	memset(room, 'A', bytes);
	before = arena.bytes;
	check_flaw(judge(keys, slice_of(room, bytes)), FLAW_too_large, "1 MiB");
	check_flaw(judge(keys, slice_of(room, JWT_BYTES_MAX + 1)), FLAW_too_large,
	    "a byte too many");
	check_int((int64_t)arena.bytes, (int64_t)before, "nothing was decoded for that");
	memset(room, '[', bytes);
	check_flaw(judge(keys, joined(&arena, joined(&arena, letters_of(&arena,
	    H("EdDSA", "ed")), letters_of(&arena, slice_of(room, 8000))),
	    slice_cut(token, token.len - 86, token.len))), FLAW_claims, "8,000 brackets");
	free(room);
}

/* Each letter of a good token, changed to each of some others: never is it taken. */
static void
check_flipped(const struct jwks *keys)
{
	struct slice good = token_of(&arena, &signer[EC], H("ES256", "ec"), S("{" GOOD "}"));
	char *room = arena_bytes(&arena, good.len);
	unsigned taken = 0;

	memcpy(room, good.ptr, good.len);
	for (size_t i = 0; i < good.len; i++) {
		for (const char *c = "A_.z=\n\200"; *c != '\0'; c++) {
			room[i] = *c;
			taken += *c != good.ptr[i] &&
			    judge(keys, slice_of(room, good.len)) == FLAW_none;
		}
		room[i] = good.ptr[i];
	}
	check_int(taken, 0, "no changed letter is taken");
}

static void
check_allowed(const struct jwks *keys)
{
	struct jwt jwt;

	check_or_stop(jwt_read(&arena, token_of(&arena, &signer[BIG], H("RS256", "rsa"),
	    S("{" GOOD "}")), &jwt) == FLAW_none, "a token is read");
	check_flaw(jwt_verify(&jwt, keys, 1U << VERIFY_ES256 | 1U << VERIFY_PS256),
	    FLAW_alg_forbidden, "an algorithm that the issuer's row does not have");
	check_flaw(jwt_verify(&jwt, keys, 1U << VERIFY_RS256), FLAW_none, "and with it");
}

static void
check_claims(const struct jwks *keys)
{
	static const struct { const char *path, *value; } cases[] = {
		{ "sub", "\"s\"" }, { "a.b", "\"exact\"" }, { "c.d.e", "1" }, { "c.d", "{\"e\":1}" },
		{ "https://x.y/z", "\"url\"" }, { "c.x", NULL }, { "c.", NULL }, { ".c", NULL },
		{ "", NULL }, { "sub.x", NULL }, { "c..d", NULL },
	};
	struct jwt jwt;

	(void)keys;
	check_or_stop(jwt_read(&arena, token_of(&arena, &signer[ED], H("EdDSA", "ed"),
	    S("{\"iss\":\"i\",\"sub\":\"s\",\"a\":{\"b\":2},\"a.b\":\"exact\",\"c\":{\"d\":{\"e\":"
	    "1}},"
	    "\"https://x.y/z\":\"url\"}")), &jwt) == FLAW_none, "a token is read");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		uint32_t node = jwt_claim(&jwt, slice_of(cases[i].path, strlen(cases[i].path)));
		const char *value = cases[i].value;

		check_int(node != 0, value != NULL, "the claim `%s` is there", cases[i].path);
		if (node != 0 && value != NULL)
			check_slice(json_raw(&jwt.claims, node), slice_of(value, strlen(value)),
			    "the claim `%s`", cases[i].path);
	}
}

int
main(void)
{
	struct jwks *keys = NULL;
	const char *why = "";

	memory_init(&memory);
	arena_init(&arena, &memory.memory, 1 << 24);
	signer[BIG] = signer_made(VERIFY_RS256, 2048);
	signer[EC] = signer_made(VERIFY_ES256, 256);
	signer[ED] = signer_made(VERIFY_EDDSA, 0);
	signer[OTHER] = signer_made(VERIFY_RS256, 2048);
	signer[SMALL] = signer_made(VERIFY_RS256, 1024);
	signer[P384] = signer_made(VERIFY_ES256, 384);
	check_or_stop(jwks_read(key_set(), &keys, &why) == ERR_OK, "a set of keys: %s", why);
	check_int(jwks_count(keys), 4, "strong keys of known types are kept");
	check_attacks(keys);
	check_letters(keys);
	check_hmac(keys);
	check_forged(keys);
	check_large(keys);
	check_flipped(keys);
	check_allowed(keys);
	check_claims(keys);
	jwks_unref(keys);
	for (unsigned i = 0; i < WHO_COUNT; i++)
		EVP_PKEY_free(signer[i].pair);
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
