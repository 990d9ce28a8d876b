/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/verify.h"

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "check.h"
#include "core/base64.h"
#include "run/memory.h"

/*
 * Signatures of RFC 7515 (A.2, A.3) and RFC 8037 (A.4), with their public keys; what needs a
 * private key is signed here, with one that is made here.
 */

static struct memory_pool memory;
static struct arena arena;

static struct slice
decoded(struct slice letters)
{
	struct slice out = { NULL, 0 };

	check_or_stop(base64_url_read(&arena, letters, &out), "a vector is base64url");
	return out;
}

#define CLAIMS								\
	"eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFt"	\
	"cGxlLmNvbS9pc19yb290Ijp0cnVlfQ"
#define RSA_N								\
	"ofgWCuLjybRlzo0tZWJjNiuSfb4p4fAkd_wWJcyQoTbji9k0l8W26mPddxHmfHQp-Vaw-4qPCJrcS2mJPMEzP1Pt" \
	"0Bm4d4QlL-yRT-SFd2lZS-pCgNMsD1W_YpRPEwOWvG6b32690r2jZ47soMZo9wGzjb_7OMg0LOL-bSf63kpaSHSX" \
	"ndS5z5rexMdbBYUsLA9e-KXBdQOS-UTo7WTBEMa2R2CapHg665xsmtdVMTBQY4uDZlxvb3qCo5ZwKh9kG4LT6_I5" \
	"IhlJH7aGhyxXFvUK-DWNmoudF8NAco9_h9iaGNj8q2ethFkMLs91kzk2PAcDTW9gb54h4FRWyuXpoQ"
#define RSA_SIGNATURE							\
	"cC4hiUPoj9Eetdgtv3hF80EGrhuB__dzERat0XF9g2VtQgr9PJbu3XOiZj5RZmh7AAuHIm4Bh-0Qc_lF5YKt_O8W" \
	"2Fp5jujGbds9uJdbF9CUAr7t1dnZcAcQjbKBYNX4BAynRFdiuB--f_nZLgrnbyTyWzO75vRK5h6xBArLIARNPvkS" \
	"jtQBMHlb1L07Qe7K0GarZRmB_eSN9383LcOLn6_dO--xi12jzDwusC-eOkHWEsqtFZESc6BfI7noOPqvhJ1phCnv" \
	"Wh6IeYI2w9QOYEUipUTI8np6LbgGY9Fs98rqVt5AXLIhWkWywlVmtVrBp0igcN_IoypGlUPQGe77Rw"
#define EC_X		"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU"
#define EC_Y		"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0"
#define EC_SIGNATURE							\
	"DtEhU3ljbEg8L38VWAfUAqOyKAM6-Xx-F4GawxaepmXFCgfTjDxw5djxLa8ISlSApmWQxfKTUJqPP3-Kg6NU1Q"
#define ED_X		"11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"
#define ED_SIGNATURE							\
	"hgyY0il_MGCjP0JzlnLWG1PPOt7-09PGcvMg3AIbQR6dWbhijcNR4ki4iylGjg5BhVsPt9g7sVvpAr_MuM0KAg"

static const struct vector {
	const char		*why;
	enum verify_algorithm	 algorithm;
	struct slice		 message, signature;
} vectors[] = {
	{ "RFC 7515 A.2", VERIFY_RS256, S("eyJhbGciOiJSUzI1NiJ9." CLAIMS), S(RSA_SIGNATURE) },
	{ "RFC 7515 A.3", VERIFY_ES256, S("eyJhbGciOiJFUzI1NiJ9." CLAIMS), S(EC_SIGNATURE) },
	{ "RFC 8037 A.4", VERIFY_EDDSA, S("eyJhbGciOiJFZERTQSJ9."
	    "RXhhbXBsZSBvZiBFZDI1NTE5IHNpZ25pbmc"), S(ED_SIGNATURE) },
};

static struct verify_key *
key_of(enum verify_algorithm algorithm)
{
	switch (algorithm) {
	case VERIFY_ES256:
		return verify_key_p256(decoded(S(EC_X)), decoded(S(EC_Y)));
	case VERIFY_EDDSA:
		return verify_key_ed25519(decoded(S(ED_X)));
	default:
		return verify_key_rsa(decoded(S(RSA_N)), decoded(S("AQAB")));
	}
}

/* Every bit of a signature counts, and no byte may be missing or too many. */
static void
check_changed(const struct verify_key *key, const struct vector *v)
{
	struct slice signature = decoded(v->signature);
	char *room = arena_bytes(&arena, signature.len + 1);
	unsigned taken = 0;

	memcpy(room, signature.ptr, signature.len);
	room[signature.len] = 0;
	for (size_t i = 0; i < signature.len; i++) {
		room[i] ^= (char)(1 << i % 8);
		taken += verify_signature(key, v->algorithm, v->message,
		    slice_of(room, signature.len));
		room[i] ^= (char)(1 << i % 8);
	}
	check_int(taken, 0, "%s: no changed byte is taken", v->why);
	check(!verify_signature(key, v->algorithm, v->message, slice_of(room, signature.len - 1)),
	    "%s: a byte less", v->why);
	check(!verify_signature(key, v->algorithm, v->message, slice_of(room, signature.len + 1)),
	    "%s: a byte more", v->why);
	check(!verify_signature(key, v->algorithm, v->message, S("")), "%s: no signature", v->why);
	check(!verify_signature(key, v->algorithm, slice_cut(v->message, 1, v->message.len),
	    signature), "%s: another message", v->why);
}

static void
check_vectors(void)
{
	for (size_t i = 0; i < COUNT_OF(vectors); i++) {
		const struct vector *v = &vectors[i];
		struct verify_key *key = key_of(v->algorithm);

		check_or_stop(key != NULL, "%s: a key", v->why);
		check(verify_signature(key, v->algorithm, v->message, decoded(v->signature)),
		    "%s: verifies", v->why);
		for (unsigned a = 0; a < VERIFY_ALGORITHMS; a++)
			if (a != v->algorithm)
				check(!verify_signature(key, (enum verify_algorithm)a, v->message,
				    decoded(v->signature)), "%s: not as algorithm %u", v->why, a);
		check_changed(key, v);
		verify_key_free(key);
	}
}

/* "Psychic signatures" (CVE-2022-21449) and their kin: R or S that no honest signer makes. */
static void
check_pairs(void)
{
	static const unsigned char order[32] = {
		0xff, 0xff, 0xff, 0xff, 0, 0, 0, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff,
		0xbc, 0xe6, 0xfa, 0xad, 0xa7, 0x17, 0x9e, 0x84, 0xf3, 0xb9, 0xca, 0xc2, 0xfc, 0x63,
		0x25, 0x51,
	};
	struct verify_key *key = key_of(VERIFY_ES256);
	struct slice good = decoded(S(EC_SIGNATURE));
	unsigned char pair[64];

	for (unsigned i = 0; i < 9; i++) {
		memcpy(pair, good.ptr, sizeof pair);
		/* Each half: as it was, zero, the order of the group. */
		if (i % 3 > 0)
			memset(pair, 0, 32);
		if (i % 3 == 2)
			memcpy(pair, order, 32);
		if (i / 3 > 0)
			memset(pair + 32, 0, 32);
		if (i / 3 == 2)
			memcpy(pair + 32, order, 32);
		check_int(verify_signature(key, VERIFY_ES256, vectors[1].message,
		    slice_of((char *)pair, sizeof pair)), i == 0, "R and S: case %u", i);
	}
	verify_key_free(key);
}

/* S + L says the same as S; RFC 8032, 5.1.7, refuses it, so that a token has one signature. */
static void
check_malleable(void)
{
	static const unsigned char order[32] = {
		0xed, 0xd3, 0xf5, 0x5c, 0x1a, 0x63, 0x12, 0x58, 0xd6, 0x9c, 0xf7, 0xa2, 0xde, 0xf9,
		0xde, 0x14, [31] = 0x10,
	};
	struct verify_key *key = key_of(VERIFY_EDDSA);
	struct slice good = decoded(S(ED_SIGNATURE));
	unsigned char other[64];
	unsigned carry = 0;

	memcpy(other, good.ptr, sizeof other);
	for (unsigned i = 0; i < 32; i++) {
		carry += other[32 + i] + order[i];
		other[32 + i] = (unsigned char)carry;
		carry >>= 8;
	}
	check(!verify_signature(key, VERIFY_EDDSA, vectors[2].message,
	    slice_of((char *)other, sizeof other)), "Ed25519: S + L is refused");
	verify_key_free(key);
}

static struct slice
filled(char c, size_t len)
{
	char *room = arena_bytes(&arena, len);

	memset(room, c, len);
	return slice_of(room, len);
}

static void
check_none(struct verify_key *key, const char *why)
{
	check(key == NULL, "no key: %s", why);
	verify_key_free(key);
}

static void
check_keys(void)
{
	struct slice n = decoded(S(RSA_N)), e = decoded(S("AQAB"));
	struct slice x = decoded(S(EC_X)), y = decoded(S(EC_Y));
	char *even = arena_bytes(&arena, n.len);

	memcpy(even, n.ptr, n.len);
	even[n.len - 1] &= ~1;
	check_none(verify_key_rsa(slice_cut(n, 0, 128), e), "RSA of 1,024 bits");
	check_none(verify_key_rsa(slice_cut(n, 0, 255), e), "RSA of 2,040 bits");
	check_none(verify_key_rsa(filled(0x7f, 256), e), "RSA of 2,047 bits");
	check_none(verify_key_rsa(filled(0, 256), e), "a modulus of zeros");
	check_none(verify_key_rsa(filled(-1, 1025), e), "a modulus of 8,200 bits");
	check_none(verify_key_rsa(slice_of(even, n.len), e), "an even modulus");
	check_none(verify_key_rsa(n, S("\001")), "an exponent that changes nothing");
	check_none(verify_key_rsa(n, S("\003")), "an exponent of 3");
	check_none(verify_key_rsa(n, S("\001\000\000")), "an even exponent");
	check_none(verify_key_rsa(n, S("")), "no exponent");
	check_none(verify_key_rsa(n, filled(1, 9)), "an exponent of nine bytes");
	check_none(verify_key_p256(y, x), "a point that is not on the curve");
	check_none(verify_key_p256(filled(0, 32), filled(0, 32)), "a point of zeros");
	check_none(verify_key_p256(filled(-1, 32), y), "a coordinate beyond the field");
	check_none(verify_key_p256(slice_cut(x, 0, 31), y), "a short coordinate");
	check_none(verify_key_p256(filled(1, 48), filled(1, 48)), "coordinates of P-384");
	check_none(verify_key_ed25519(slice_cut(x, 0, 31)), "an Ed25519 key of 31 bytes");
	check_none(verify_key_ed25519(filled(1, 57)), "a key of Ed448");
}

/* Signs with the library, and a salt of `salt` bytes where there is one. */
static struct slice
pss_sign(EVP_PKEY *key, struct slice message, int salt)
{
	unsigned char *room = arena_alloc(&arena, 512);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings;
	size_t len = 512;

	check_or_stop(EVP_DigestSignInit(c, &settings, EVP_sha256(), NULL, key) > 0 &&
	    EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) > 0 &&
	    EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, salt) > 0 &&
	    EVP_DigestSign(c, room, &len, (const unsigned char *)message.ptr, message.len) > 0,
	    "the library signs with a salt of %d bytes", salt);
	EVP_MD_CTX_free(c);
	return slice_of((char *)room, len);
}

static void
check_pss(void)
{
	EVP_PKEY *pair = EVP_RSA_gen(2048);
	struct slice message = S("header.claims"), signature;
	unsigned char bytes[256];
	struct verify_key *key;
	BIGNUM *n = NULL;

	check_or_stop(pair != NULL && EVP_PKEY_get_bn_param(pair, "n", &n) > 0 &&
	    BN_bn2binpad(n, bytes, sizeof bytes) == sizeof bytes, "a key is made");
	key = verify_key_rsa(slice_of((char *)bytes, sizeof bytes), S("\001\000\001"));
	signature = pss_sign(pair, message, RSA_PSS_SALTLEN_DIGEST);
	check(verify_signature(key, VERIFY_PS256, message, signature), "PS256 verifies");
	check(!verify_signature(key, VERIFY_RS256, message, signature), "and is no RS256");
	check(!verify_signature(key, VERIFY_PS256, message, pss_sign(pair, message, 0)),
	    "PS256 without salt is none");
	check(!verify_signature(key, VERIFY_PS256, message, pss_sign(pair, message, 100)),
	    "PS256 with a longer salt is none");
	verify_key_free(key);
	BN_free(n);
	EVP_PKEY_free(pair);
}

int
main(void)
{
	memory_init(&memory);
	arena_init(&arena, &memory.memory, 1 << 20);
	check_vectors();
	check_pairs();
	check_malleable();
	check_keys();
	check_pss();
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
