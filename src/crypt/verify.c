/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/verify.h"

#include <openssl/core_names.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <openssl/rsa.h>
#include <stdlib.h>

#define RSA_BYTES_MIN		256	/* 2,048 bits: RFC 7518, 3.3 */
#define RSA_BYTES_MAX		1024	/* beyond, a signature costs more than it is worth */
#define EXPONENT_BYTES_MAX	8
#define EXPONENT_MIN		65537	/* FIPS 186-5, 5.1 */
#define COORDINATE_BYTES	32
#define PAIR_BYTES		(2 * COORDINATE_BYTES)

/* SEQUENCE { INTEGER r, INTEGER s }, each with a zero before it where it would be negative. */
#define DER_BYTES_MAX		(2 + 2 * (3 + COORDINATE_BYTES))

enum family { FAMILY_RSA, FAMILY_P256, FAMILY_ED25519 };

struct verify_key {
	enum family	 family;
	EVP_PKEY	*pkey;
};

static const unsigned char *
bytes_of(struct slice s)
{
	return (const unsigned char *)s.ptr;
}

/* Takes the library's key.  What the library says of a bad one must not be heard by TLS. */
static struct verify_key *
key_new(enum family family, EVP_PKEY *pkey)
{
	struct verify_key *k = pkey == NULL ? NULL : malloc(sizeof *k);

	if (k == NULL)
		EVP_PKEY_free(pkey);
	else
		*k = (struct verify_key){ family, pkey };
	ERR_clear_error();
	return k;
}

void
verify_key_free(struct verify_key *k)
{
	if (k == NULL)
		return;
	EVP_PKEY_free(k->pkey);
	free(k);
}

/* A public key of named numbers, checked as far as the library can; NULL if it is none. */
static EVP_PKEY *
pkey_of(const char *type, OSSL_PARAM *params)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_from_name(NULL, type, NULL), *check = NULL;
	EVP_PKEY *pkey = NULL;

	if (c != NULL && EVP_PKEY_fromdata_init(c) > 0 &&
	    EVP_PKEY_fromdata(c, &pkey, EVP_PKEY_PUBLIC_KEY, params) > 0)
		check = EVP_PKEY_CTX_new_from_pkey(NULL, pkey, NULL);
	if (check == NULL || EVP_PKEY_public_check(check) <= 0) {
		EVP_PKEY_free(pkey);
		pkey = NULL;
	}
	EVP_PKEY_CTX_free(check);
	EVP_PKEY_CTX_free(c);
	return pkey;
}

/* The library takes numbers in the machine's order, least byte first on all that we run on. */
static void
turn(struct slice number, unsigned char *out)
{
	for (size_t i = 0; i < number.len; i++)
		out[i] = bytes_of(number)[number.len - 1 - i];
}

static bool
is_good_exponent(struct slice e)
{
	uint64_t value = 0;

	if (e.len == 0 || e.len > EXPONENT_BYTES_MAX || e.ptr[0] == 0)
		return false;
	for (size_t i = 0; i < e.len; i++)
		value = value << 8 | bytes_of(e)[i];
	return value >= EXPONENT_MIN && value % 2 == 1;
}

struct verify_key *
verify_key_rsa(struct slice n, struct slice e)
{
	unsigned char modulus[RSA_BYTES_MAX], exponent[EXPONENT_BYTES_MAX];

	_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "turn() says so");
	/* 2,048 bits are 256 bytes of which the first has its highest bit. */
	if (n.len < RSA_BYTES_MIN || n.len > RSA_BYTES_MAX || n.ptr[0] == 0 ||
	    (n.len == RSA_BYTES_MIN && bytes_of(n)[0] < 0x80) ||
	    bytes_of(n)[n.len - 1] % 2 == 0 || !is_good_exponent(e))
		return NULL;
	turn(n, modulus);
	turn(e, exponent);

	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_N, modulus, n.len),
		OSSL_PARAM_construct_BN(OSSL_PKEY_PARAM_RSA_E, exponent, e.len),
		OSSL_PARAM_construct_end(),
	};

	return key_new(FAMILY_RSA, pkey_of("RSA", params));
}

struct verify_key *
verify_key_p256(struct slice x, struct slice y)
{
	unsigned char point[1 + PAIR_BYTES] = { 4 };	/* uncompressed: SEC 1, 2.3.3 */
	char curve[] = "prime256v1";

	if (x.len != COORDINATE_BYTES || y.len != COORDINATE_BYTES)
		return NULL;
	memcpy(point + 1, x.ptr, x.len);
	memcpy(point + 1 + x.len, y.ptr, y.len);

	OSSL_PARAM params[] = {
		OSSL_PARAM_construct_utf8_string(OSSL_PKEY_PARAM_GROUP_NAME, curve, 0),
		OSSL_PARAM_construct_octet_string(OSSL_PKEY_PARAM_PUB_KEY, point, sizeof point),
		OSSL_PARAM_construct_end(),
	};

	return key_new(FAMILY_P256, pkey_of("EC", params));
}

struct verify_key *
verify_key_ed25519(struct slice x)
{
	if (x.len != COORDINATE_BYTES)
		return NULL;
	return key_new(FAMILY_ED25519, EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL,
	    bytes_of(x), x.len));
}

bool
verify_key_fits(const struct verify_key *k, enum verify_algorithm algorithm)
{
	switch (algorithm) {
	case VERIFY_RS256:
	case VERIFY_PS256:
		return k->family == FAMILY_RSA;
	case VERIFY_ES256:
		return k->family == FAMILY_P256;
	case VERIFY_EDDSA:
		return k->family == FAMILY_ED25519;
	default:
		return false;
	}
}

/* One positive INTEGER of DER, without zeros that it does not need (X.690, 8.3); its length. */
static size_t
put_integer(const unsigned char *number, unsigned char *out)
{
	size_t from = 0, zero;

	while (from < COORDINATE_BYTES - 1 && number[from] == 0)
		from++;
	zero = number[from] >= 0x80;
	out[0] = 2;
	out[1] = (unsigned char)(COORDINATE_BYTES - from + zero);
	out[2] = 0;
	memcpy(out + 2 + zero, number + from, COORDINATE_BYTES - from);
	return 2 + zero + COORDINATE_BYTES - from;
}

static bool
is_zero(const unsigned char *number)
{
	unsigned char any = 0;

	for (size_t i = 0; i < COORDINATE_BYTES; i++)
		any |= number[i];
	return any == 0;
}

/* R and S as the library wants them; their length, or 0 where one is zero, as none may be. */
static size_t
der_of(struct slice pair, unsigned char out[static DER_BYTES_MAX])
{
	size_t len = 2;

	if (is_zero(bytes_of(pair)) || is_zero(bytes_of(pair) + COORDINATE_BYTES))
		return 0;
	len += put_integer(bytes_of(pair), out + len);
	len += put_integer(bytes_of(pair) + COORDINATE_BYTES, out + len);
	out[0] = 0x30;
	out[1] = (unsigned char)(len - 2);
	return len;
}

/* PSS with a salt as long as the digest, and nothing else (RFC 7518, 3.5). */
static bool
set_padding(EVP_PKEY_CTX *c, enum verify_algorithm algorithm)
{
	if (algorithm == VERIFY_RS256)
		return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PADDING) > 0;
	if (algorithm == VERIFY_PS256)
		return EVP_PKEY_CTX_set_rsa_padding(c, RSA_PKCS1_PSS_PADDING) > 0 &&
		    EVP_PKEY_CTX_set_rsa_mgf1_md(c, EVP_sha256()) > 0 &&
		    EVP_PKEY_CTX_set_rsa_pss_saltlen(c, RSA_PSS_SALTLEN_DIGEST) > 0;
	return true;
}

/* A signature has one length, or it is none. */
static bool
is_long_enough(const struct verify_key *k, struct slice signature)
{
	return k->family == FAMILY_RSA ? signature.len == (size_t)EVP_PKEY_get_size(k->pkey)
	    : signature.len == PAIR_BYTES;
}

bool
verify_signature(const struct verify_key *k, enum verify_algorithm algorithm,
    struct slice message, struct slice signature)
{
	unsigned char der[DER_BYTES_MAX];
	EVP_PKEY_CTX *settings;
	EVP_MD_CTX *c;
	bool good;

	if (!verify_key_fits(k, algorithm) || !is_long_enough(k, signature))
		return false;
	if (algorithm == VERIFY_ES256)
		signature = slice_of((const char *)der, der_of(signature, der));
	if (signature.len == 0 || (c = EVP_MD_CTX_new()) == NULL)
		return false;
	good = EVP_DigestVerifyInit(c, &settings, algorithm == VERIFY_EDDSA ? NULL : EVP_sha256(),
	    NULL, k->pkey) > 0 && set_padding(settings, algorithm) &&
	    EVP_DigestVerify(c, bytes_of(signature), signature.len, bytes_of(message),
	    message.len) == 1;
	EVP_MD_CTX_free(c);
	/* Or the next look at a TLS connection would take what is left for its own. */
	ERR_clear_error();
	return good;
}
