/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/sign.h"

#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>

#define SEED_BYTES	32
#define DER_BYTES_MAX	64
#define LINE_BYTES	64

/* One kind of text: its words and what its DER begins with; the key's bytes are the rest. */
struct form {
	struct slice	begin, end, prefix;
};

/* RFC 8410, sections 7 and 4: the algorithm is 1.3.101.112, without parameters. */
static const struct form private_form = {
	S("-----BEGIN PRIVATE KEY-----\n"), S("-----END PRIVATE KEY-----"),
	S("\x30\x2e\x02\x01\x00\x30\x05\x06\x03\x2b\x65\x70\x04\x22\x04\x20"),
};
static const struct form public_form = {
	S("-----BEGIN PUBLIC KEY-----\n"), S("-----END PUBLIC KEY-----"),
	S("\x30\x2a\x30\x05\x06\x03\x2b\x65\x70\x03\x21\x00"),
};

static const unsigned char *
bytes_of(struct slice s)
{
	return (const unsigned char *)s.ptr;
}

static void
put_form(struct text *t, const struct form *f, const uint8_t key[static SEED_BYTES])
{
	unsigned char der[DER_BYTES_MAX], letters[DER_BYTES_MAX * 2];
	size_t len = f->prefix.len + SEED_BYTES;

	memcpy(der, f->prefix.ptr, f->prefix.len);
	memcpy(der + f->prefix.len, key, SEED_BYTES);
	len = (size_t)EVP_EncodeBlock(letters, der, (int)len);
	text_put(t, f->begin);
	text_put(t, slice_of((const char *)letters, len));
	text_put(t, S("\n"));
	text_put(t, f->end);
	text_put(t, S("\n"));
	OPENSSL_cleanse(der, sizeof der);
	OPENSSL_cleanse(letters, sizeof letters);
}

/* A key of either kind fits into one line of base64. */
static bool
read_form(struct slice pem, const struct form *f, uint8_t out[static SEED_BYTES])
{
	size_t len = f->prefix.len + SEED_BYTES;
	size_t begin = slice_find(pem, f->begin), letters = (len + 2) / 3 * 4;
	unsigned char der[DER_BYTES_MAX];
	struct slice rest;
	bool good;

	if (begin == pem.len)
		return false;
	rest = slice_cut(pem, begin + f->begin.len, pem.len);
	if (rest.len < letters || letters > LINE_BYTES)
		return false;
	good = EVP_DecodeBlock(der, bytes_of(rest), (int)letters) >= (int)len &&
	    memcmp(der, f->prefix.ptr, f->prefix.len) == 0 &&
	    slice_starts(slice_trim(slice_cut(rest, letters, rest.len)), S("\n")) &&
	    slice_find(rest, f->end) < rest.len;
	if (good)
		memcpy(out, der + f->prefix.len, SEED_BYTES);
	OPENSSL_cleanse(der, sizeof der);
	return good;
}

/* Takes the key, which may be NULL. */
static bool
take(struct signer *s, EVP_PKEY *key)
{
	size_t len = SIGN_PUBLIC_BYTES;

	s->key = key;
	if (key != NULL && EVP_PKEY_get_raw_public_key(key, s->public, &len) == 1 &&
	    len == SIGN_PUBLIC_BYTES)
		return true;
	signer_release(s);
	ERR_clear_error();
	return false;
}

bool
signer_make(struct signer *s)
{
	return take(s, EVP_PKEY_Q_keygen(NULL, NULL, "ED25519"));
}

bool
signer_read(struct signer *s, struct slice pem)
{
	uint8_t seed[SEED_BYTES];
	bool good;

	if (!read_form(pem, &private_form, seed))
		return false;
	good = take(s, EVP_PKEY_new_raw_private_key(EVP_PKEY_ED25519, NULL, seed, sizeof seed));
	OPENSSL_cleanse(seed, sizeof seed);
	return good;
}

bool
signer_put(struct text *t, const struct signer *s)
{
	uint8_t seed[SEED_BYTES];
	size_t len = sizeof seed;
	bool good = EVP_PKEY_get_raw_private_key(s->key, seed, &len) == 1 && len == sizeof seed;

	if (good)
		put_form(t, &private_form, seed);
	OPENSSL_cleanse(seed, sizeof seed);
	return good;
}

void
signer_release(struct signer *s)
{
	EVP_PKEY_free(s->key);
	*s = (struct signer){ 0 };
}

bool
signer_sign(const struct signer *s, struct slice bytes, uint8_t out[static SIGN_BYTES])
{
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	size_t len = SIGN_BYTES;
	bool good = c != NULL && EVP_DigestSignInit(c, NULL, NULL, NULL, s->key) == 1 &&
	    EVP_DigestSign(c, out, &len, bytes_of(bytes), bytes.len) == 1 && len == SIGN_BYTES;

	EVP_MD_CTX_free(c);
	ERR_clear_error();
	return good;
}

void
sign_put_public(struct text *t, const uint8_t key[static SIGN_PUBLIC_BYTES])
{
	put_form(t, &public_form, key);
}

bool
sign_read_public(struct slice pem, uint8_t out[static SIGN_PUBLIC_BYTES])
{
	return read_form(pem, &public_form, out);
}

bool
sign_check(const uint8_t key[static SIGN_PUBLIC_BYTES], struct slice bytes,
    const uint8_t signature[static SIGN_BYTES])
{
	EVP_PKEY *k = EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, NULL, key, SIGN_PUBLIC_BYTES);
	EVP_MD_CTX *c = EVP_MD_CTX_new();
	bool good = k != NULL && c != NULL && EVP_DigestVerifyInit(c, NULL, NULL, NULL, k) == 1 &&
	    EVP_DigestVerify(c, signature, SIGN_BYTES, bytes_of(bytes), bytes.len) == 1;

	EVP_MD_CTX_free(c);
	EVP_PKEY_free(k);
	ERR_clear_error();
	return good;
}
