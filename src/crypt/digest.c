/* SPDX-License-Identifier: Apache-2.0 */
#include "crypt/digest.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>

bool
digester_init(struct digester *d)
{
	d->method = EVP_MD_fetch(NULL, "SHA256", NULL);
	d->context = EVP_MD_CTX_new();
	if (d->method != NULL && d->context != NULL)
		return true;
	digester_release(d);
	return false;
}

void
digester_release(struct digester *d)
{
	EVP_MD_CTX_free(d->context);
	EVP_MD_free(d->method);
	*d = (struct digester){ 0 };
}

/* A digest of what is in memory cannot fail once its context is there. */
static void
begin(struct digester *d)
{
	must(EVP_DigestInit_ex2(d->context, d->method, NULL) == 1);
}

static void
add(struct digester *d, const void *bytes, size_t len)
{
	must(EVP_DigestUpdate(d->context, bytes, len) == 1);
}

static void
finish(struct digester *d, uint8_t *out)
{
	unsigned bytes = 0;

	must(EVP_DigestFinal_ex(d->context, out, &bytes) == 1 && bytes == DIGEST_BYTES);
}

void
digest_bytes(struct digester *d, struct slice s, uint8_t out[static DIGEST_BYTES])
{
	begin(d);
	add(d, s.ptr, s.len);
	finish(d, out);
}

void
digest_leaf(struct digester *d, struct slice entry, uint8_t out[static DIGEST_BYTES])
{
	begin(d);
	add(d, "\0", 1);
	add(d, entry.ptr, entry.len);
	finish(d, out);
}

void
digest_node(struct digester *d, const uint8_t left[static DIGEST_BYTES],
    const uint8_t right[static DIGEST_BYTES], uint8_t out[static DIGEST_BYTES])
{
	begin(d);
	add(d, "\1", 1);
	add(d, left, DIGEST_BYTES);
	add(d, right, DIGEST_BYTES);
	finish(d, out);
}

bool
digest_hmac(struct slice key, struct slice bytes, uint8_t out[static DIGEST_BYTES])
{
	unsigned len = 0;

	if (key.len > INT32_MAX)
		return false;
	return HMAC(EVP_sha256(), key.ptr, (int)key.len, (const unsigned char *)bytes.ptr,
	    bytes.len, out, &len) != NULL && len == DIGEST_BYTES;
}

bool
digest_same(const uint8_t a[static DIGEST_BYTES], const uint8_t b[static DIGEST_BYTES])
{
	return CRYPTO_memcmp(a, b, DIGEST_BYTES) == 0;
}
