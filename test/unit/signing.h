/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_SIGNING_H
#define TEST_SIGNING_H

/*
 * signing - issuers of tokens, with keys that are made when the test runs.
 *
 * A signer has a key pair of one type; it says its public half as a JSON Web Key and signs
 * what it is given, good or not.  Everything lives in the test's arena but the pair.
 */

#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rsa.h>

#include "check.h"
#include "core/arena.h"
#include "core/text.h"
#include "crypt/verify.h"

struct signer {
	enum verify_algorithm	 algorithm;
	EVP_PKEY		*pair;
};

static inline struct signer
signer_made(enum verify_algorithm algorithm, unsigned bits)
{
	struct signer s = { .algorithm = algorithm };

	switch (algorithm) {
	case VERIFY_ES256:
		s.pair = EVP_EC_gen(bits == 384 ? "P-384" : "P-256");
		break;
	case VERIFY_EDDSA:
		s.pair = EVP_PKEY_Q_keygen(NULL, NULL, "ED25519");
		break;
	default:
		s.pair = EVP_RSA_gen(bits);
	}
	if (s.pair == NULL)
		abort();
	return s;
}

/* Letters of base64url, in the arena. */
static inline struct slice
letters_of(struct arena *a, struct slice bytes)
{
	static const char alphabet[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
	char *room = arena_bytes(a, bytes.len / 3 * 4 + 5);
	uint32_t group = 0;
	unsigned bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		group = group << 8 | (unsigned char)bytes.ptr[i];
		for (bits += 8; bits >= 6; bits -= 6)
			room[n++] = alphabet[group >> (bits - 6) & 63];
	}
	if (bits > 0)
		room[n++] = alphabet[group << (6 - bits) & 63];
	return slice_of(room, n);
}

static inline void
put_number(struct arena *a, struct text *t, EVP_PKEY *pair, const char *name, size_t width)
{
	unsigned char bytes[1024];
	BIGNUM *n = NULL;
	int len;

	if (EVP_PKEY_get_bn_param(pair, name, &n) <= 0)
		abort();
	len = width > 0 ? BN_bn2binpad(n, bytes, (int)width) : BN_bn2bin(n, bytes);
	text_put(t, letters_of(a, slice_of((char *)bytes, (size_t)len)));
	BN_free(n);
}

/* {"kid":…,"kty":…, …} with what `more` says, which begins with a comma. */
static inline void
put_jwk(struct arena *a, struct text *t, const struct signer *s, struct slice kid,
    struct slice more)
{
	size_t width = EVP_PKEY_get_bits(s->pair) == 384 ? 48 : 32;
	unsigned char raw[32];
	size_t len = sizeof raw;

	text_put(t, S("{\"kid\":\""));
	text_put(t, kid);
	switch (s->algorithm) {
	case VERIFY_ES256:
		text_put(t, width == 48 ? S("\",\"kty\":\"EC\",\"crv\":\"P-384\",\"x\":\"")
		    : S("\",\"kty\":\"EC\",\"crv\":\"P-256\",\"x\":\""));
		put_number(a, t, s->pair, OSSL_PKEY_PARAM_EC_PUB_X, width);
		text_put(t, S("\",\"y\":\""));
		put_number(a, t, s->pair, OSSL_PKEY_PARAM_EC_PUB_Y, width);
		break;
	case VERIFY_EDDSA:
		if (EVP_PKEY_get_raw_public_key(s->pair, raw, &len) <= 0)
			abort();
		text_put(t, S("\",\"kty\":\"OKP\",\"crv\":\"Ed25519\",\"x\":\""));
		text_put(t, letters_of(a, slice_of((char *)raw, len)));
		break;
	default:
		text_put(t, S("\",\"kty\":\"RSA\",\"e\":\""));
		put_number(a, t, s->pair, OSSL_PKEY_PARAM_RSA_E, 0);
		text_put(t, S("\",\"n\":\""));
		put_number(a, t, s->pair, OSSL_PKEY_PARAM_RSA_N, 0);
	}
	text_put_char(t, '"');
	text_put(t, more);
	text_put_char(t, '}');
}

/* DER of two INTEGERs into R and S of 32 bytes each. */
static inline size_t
pair_of(const unsigned char *der, unsigned char out[static 64])
{
	const unsigned char *p = der + 2;

	memset(out, 0, 64);
	for (unsigned i = 0; i < 2; i++) {
		size_t len = p[1], zero = len == 33;

		memcpy(out + 32 * i + 32 - (len - zero), p + 2 + zero, len - zero);
		p += 2 + len;
	}
	return 64;
}

static inline struct slice
signed_by(struct arena *a, const struct signer *s, struct slice message)
{
	unsigned char *room = arena_alloc(a, 1024), *pair = arena_alloc(a, 64);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	EVP_PKEY_CTX *settings;
	size_t len = 1024;
	bool ok = EVP_DigestSignInit(c, &settings, s->algorithm == VERIFY_EDDSA ? NULL
	    : EVP_sha256(), NULL, s->pair) > 0;

	if (s->algorithm == VERIFY_PS256)
		ok = ok && EVP_PKEY_CTX_set_rsa_padding(settings, RSA_PKCS1_PSS_PADDING) > 0 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(settings, RSA_PSS_SALTLEN_DIGEST) > 0;
	if (!ok || EVP_DigestSign(c, room, &len, (const unsigned char *)message.ptr,
		message.len) <= 0)
		abort();
	EVP_MD_CTX_free(c);
	if (s->algorithm != VERIFY_ES256 || EVP_PKEY_get_bits(s->pair) != 256)
		return slice_of((char *)room, len);
	return slice_of((char *)pair, pair_of(room, pair));
}

static inline struct slice
joined(struct arena *a, struct slice one, struct slice two)
{
	char *room = arena_bytes(a, one.len + two.len + 1);

	memcpy(room, one.ptr, one.len);
	room[one.len] = '.';
	memcpy(room + one.len + 1, two.ptr, two.len);
	return slice_of(room, one.len + two.len + 1);
}

/* header.claims, as it is signed. */
static inline struct slice
unsigned_token(struct arena *a, struct slice header, struct slice claims)
{
	return joined(a, letters_of(a, header), letters_of(a, claims));
}

static inline struct slice
token_of(struct arena *a, const struct signer *s, struct slice header, struct slice claims)
{
	struct slice text = unsigned_token(a, header, claims);

	return joined(a, text, letters_of(a, signed_by(a, s, text)));
}

#endif
