/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/mac.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#define BLOCK_BYTES	64

/* A state that has taken the key, masked, as its first block. */
static bool
begin(void *context, struct slice key, uint8_t mask)
{
	uint8_t block[BLOCK_BYTES];
	bool done;

	for (size_t i = 0; i < sizeof block; i++)
		block[i] = (i < key.len ? (uint8_t)key.ptr[i] : 0) ^ mask;
	done = EVP_DigestInit_ex(context, EVP_sha256(), NULL) == 1 &&
	    EVP_DigestUpdate(context, block, sizeof block) == 1;
	OPENSSL_cleanse(block, sizeof block);
	return done;
}

bool
mac_init(struct mac *m, struct slice key)
{
	must(key.len <= BLOCK_BYTES);
	m->inner = EVP_MD_CTX_new();
	m->outer = EVP_MD_CTX_new();
	m->work = EVP_MD_CTX_new();
	if (m->inner != NULL && m->outer != NULL && m->work != NULL &&
	    begin(m->inner, key, 0x36) && begin(m->outer, key, 0x5c) &&
	    EVP_MD_CTX_copy_ex(m->work, m->inner) == 1)
		return true;
	mac_release(m);
	return false;
}

/* The library wipes a state that it frees. */
void
mac_release(struct mac *m)
{
	EVP_MD_CTX_free(m->inner);
	EVP_MD_CTX_free(m->outer);
	EVP_MD_CTX_free(m->work);
	*m = (struct mac){ 0 };
}

/* Copies into a context that had such a state before: nothing is looked up that could fail. */
static void
finish(struct mac *m, const void *from, struct slice s, uint8_t *out)
{
	unsigned bytes = 0;

	must(EVP_MD_CTX_copy_ex(m->work, from) == 1 &&
	    EVP_DigestUpdate(m->work, s.ptr, s.len) == 1 &&
	    EVP_DigestFinal_ex(m->work, out, &bytes) == 1 && bytes == MAC_BYTES);
}

void
mac_bytes(struct mac *m, struct slice s, uint8_t out[static MAC_BYTES])
{
	finish(m, m->inner, s, out);
	finish(m, m->outer, slice_of((const char *)out, MAC_BYTES), out);
}

bool
mac_same(const uint8_t a[static MAC_BYTES], const uint8_t b[static MAC_BYTES])
{
	return CRYPTO_memcmp(a, b, MAC_BYTES) == 0;
}
