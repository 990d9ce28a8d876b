/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/aead.h"

#include <limits.h>
#include <openssl/crypto.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "core/text.h"

#define DIGEST_BYTES	32
#define USE		"trivium vault 1"
#define INFO_BYTES_MAX	1024

static const unsigned char *
bytes_of(struct slice s)
{
	return (const unsigned char *)s.ptr;
}

/*
 * HKDF-Expand (RFC 5869, 2.3) with the master key as its key, which is as good as random (3.3).
 * By hand, since the library takes six times as long to find its own.
 */
struct expand {
	struct slice	master;
	struct text	info;
	unsigned char	block[DIGEST_BYTES];
	char		room[DIGEST_BYTES + INFO_BYTES_MAX];
};

/* What no two uses share: lengths keep the names apart. */
static void
put_info(struct text *t, struct slice s)
{
	for (unsigned i = 0; i < 4; i++)
		text_put_char(t, (char)(s.len >> 8 * i));
	text_put(t, s);
}

/* The next block: of the one before, what the use is, and its number. */
static bool
expand(struct expand *e, char number)
{
	struct text t = e->info;
	unsigned bytes = 0;

	text_put_char(&t, number);
	if (text_overflowed(&t))
		return false;
	if (number > 1)
		memcpy(e->room, e->block, DIGEST_BYTES);
	else
		t = (struct text){ t.ptr + DIGEST_BYTES, t.len - DIGEST_BYTES, t.cap, false };
	return HMAC(EVP_sha256(), e->master.ptr, (int)e->master.len, bytes_of(text_slice(&t)),
	    t.len, e->block, &bytes) != NULL && bytes == DIGEST_BYTES;
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
	struct expand e = { .master = master };
	bool ok;

	must(master.len == AEAD_KEY_BYTES);
	text_init(&e.info, e.room, sizeof e.room);
	e.info.len = DIGEST_BYTES;
	text_put(&e.info, S(USE));
	put_info(&e.info, tenant);
	put_info(&e.info, conversation);
	ok = expand(&e, 1);
	if (ok) {
		a->seal = (struct seal){ aead_close, aead_open };
		memcpy(a->key, e.block, sizeof a->key);
		ok = expand(&e, 2);
		memcpy(&a->tokens, e.block, sizeof a->tokens);
	}
	OPENSSL_cleanse(&e, sizeof e);
	ERR_clear_error();
	return ok;
}

void
aead_release(struct aead *a)
{
	OPENSSL_cleanse(a, sizeof *a);
}
