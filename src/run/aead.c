/* SPDX-License-Identifier: Apache-2.0 */
#include "run/aead.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/kdf.h>

#define MADE_BYTES	(AEAD_KEY_BYTES + sizeof(struct hash_key))
#define USE		"trivium vault 1"

/* All of that which no two uses share: lengths keep the names apart. */
static bool
add_info(EVP_PKEY_CTX *c, struct slice s)
{
	unsigned char length[4];

	if (s.len > INT_MAX)
		return false;
	for (unsigned i = 0; i < 4; i++)
		length[i] = (unsigned char)(s.len >> 8 * i);
	return EVP_PKEY_CTX_add1_hkdf_info(c, length, 4) > 0 && (s.len == 0 ||
	    EVP_PKEY_CTX_add1_hkdf_info(c, (const unsigned char *)s.ptr, (int)s.len) > 0);
}

static bool
derive(EVP_PKEY_CTX *c, struct slice master, struct slice tenant, struct slice conversation,
    unsigned char made[static MADE_BYTES])
{
	size_t bytes = MADE_BYTES;

	return EVP_PKEY_derive_init(c) > 0 &&
	    EVP_PKEY_CTX_set_hkdf_md(c, EVP_sha256()) > 0 &&
	    EVP_PKEY_CTX_set1_hkdf_key(c, (const unsigned char *)master.ptr,
		(int)master.len) > 0 &&
	    add_info(c, S(USE)) && add_info(c, tenant) && add_info(c, conversation) &&
	    EVP_PKEY_derive(c, made, &bytes) > 0 && bytes == MADE_BYTES;
}

static const unsigned char *
bytes_of(struct slice s)
{
	return (const unsigned char *)s.ptr;
}

/* A cipher that has key, nonce and what the text is bound to; NULL if it cannot be had. */
static EVP_CIPHER_CTX *
begin(const struct aead *a, const char *nonce, struct slice with, bool close)
{
	EVP_CIPHER_CTX *c = with.len > INT_MAX ? NULL : EVP_CIPHER_CTX_new();
	int n;

	if (c != NULL && EVP_CipherInit_ex(c, EVP_aes_256_gcm(), NULL, a->key,
		(const unsigned char *)nonce, close) > 0 &&
	    EVP_CipherUpdate(c, NULL, &n, bytes_of(with), (int)with.len) > 0)
		return c;
	EVP_CIPHER_CTX_free(c);
	return NULL;
}

static bool
close_with(EVP_CIPHER_CTX *c, struct slice text, unsigned char *made)
{
	unsigned char *tag = made + text.len;
	int n;

	return text.len <= INT_MAX &&
	    EVP_EncryptUpdate(c, made, &n, bytes_of(text), (int)text.len) > 0 &&
	    EVP_EncryptFinal_ex(c, tag, &n) > 0 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_GET_TAG, SEAL_TAG_BYTES, tag) > 0;
}

static bool
open_with(EVP_CIPHER_CTX *c, struct slice text, unsigned char tag[static SEAL_TAG_BYTES],
    unsigned char *made)
{
	int n;

	return text.len <= INT_MAX &&
	    EVP_DecryptUpdate(c, made, &n, bytes_of(text), (int)text.len) > 0 &&
	    EVP_CIPHER_CTX_ctrl(c, EVP_CTRL_AEAD_SET_TAG, SEAL_TAG_BYTES, tag) > 0 &&
	    EVP_DecryptFinal_ex(c, made + text.len, &n) > 0;
}

static bool
aead_close(const struct seal *s, const char *nonce, struct slice with, struct slice text,
    char *made)
{
	EVP_CIPHER_CTX *c = begin((const struct aead *)s, nonce, with, true);
	bool ok = c != NULL && close_with(c, text, (unsigned char *)made);

	EVP_CIPHER_CTX_free(c);
	return ok;
}

static bool
aead_open(const struct seal *s, const char *nonce, struct slice with, struct slice sealed,
    char *made)
{
	unsigned char tag[SEAL_TAG_BYTES];
	EVP_CIPHER_CTX *c;
	struct slice text;
	bool ok;

	if (sealed.len < sizeof tag)
		return false;
	text = slice_cut(sealed, 0, sealed.len - sizeof tag);
	memcpy(tag, sealed.ptr + text.len, sizeof tag);
	c = begin((const struct aead *)s, nonce, with, false);
	ok = c != NULL && open_with(c, text, tag, (unsigned char *)made);
	EVP_CIPHER_CTX_free(c);
	if (!ok)
		OPENSSL_cleanse(made, text.len);
	/* Or the next look at a TLS connection would take what is left for its own. */
	ERR_clear_error();
	return ok;
}

bool
aead_init(struct aead *a, struct slice master, struct slice tenant, struct slice conversation)
{
	EVP_PKEY_CTX *c = EVP_PKEY_CTX_new_id(EVP_PKEY_HKDF, NULL);
	unsigned char made[MADE_BYTES];
	bool ok;

	must(master.len == AEAD_KEY_BYTES);
	ok = c != NULL && derive(c, master, tenant, conversation, made);
	EVP_PKEY_CTX_free(c);
	if (!ok)
		return false;
	a->seal = (struct seal){ aead_close, aead_open };
	memcpy(a->key, made, sizeof a->key);
	memcpy(&a->tokens, made + sizeof a->key, sizeof a->tokens);
	OPENSSL_cleanse(made, sizeof made);
	return true;
}

void
aead_release(struct aead *a)
{
	OPENSSL_cleanse(a, sizeof *a);
}
