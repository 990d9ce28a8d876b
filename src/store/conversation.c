/* SPDX-License-Identifier: Apache-2.0 */
#include "store/conversation.h"

#include <stdlib.h>

#include "core/limit.h"
#include "crypt/digest.h"
#include "run/lock.h"

#define BUCKETS		(1U << 14)
#define SWEEP_BUCKETS	8		/* looked through for what is over, with every put */

struct entry {
	struct entry		*next;
	struct hash_digest	 digest;
	nanos			 expires_wall;
	uint64_t		 version;
	uint32_t		 taint_bytes, vault_bytes;
	char			 bytes[];		/* taint, vault */
};

struct conversations {
	struct lock	 lock;
	char		 master[32];
	struct hash_key	 key;
	uint32_t	 count, swept;
	size_t		 bytes;
	struct entry	*bucket[BUCKETS];
};

struct conversations *
conversations_new(const char master[static 32])
{
	struct conversations *c = calloc(1, sizeof *c);
	uint8_t derived[DIGEST_BYTES];

	if (c == NULL)
		return NULL;
	if (!digest_hmac(slice_of(master, 32), S("trivium conversation 1"), derived)) {
		free(c);
		return NULL;
	}
	lock_init(&c->lock);
	memcpy(c->master, master, sizeof c->master);
	memcpy(c->key.word, derived, sizeof c->key.word);
	return c;
}

struct slice
conversations_master(const struct conversations *c)
{
	return slice_of(c->master, sizeof c->master);
}

const struct hash_key *
conversations_key(const struct conversations *c)
{
	return &c->key;
}

static size_t
entry_bytes(const struct entry *e)
{
	return sizeof *e + e->taint_bytes + e->vault_bytes;
}

static void
drop(struct conversations *c, struct entry **at)
{
	struct entry *e = *at;

	*at = e->next;
	c->count--;
	c->bytes -= entry_bytes(e);
	free(e);
}

void
conversations_free(struct conversations *c)
{
	if (c == NULL)
		return;
	for (uint32_t i = 0; i < BUCKETS; i++)
		while (c->bucket[i] != NULL)
			drop(c, &c->bucket[i]);
	lock_release(&c->lock);
	explicit_bzero(c->master, sizeof c->master);
	free(c);
}

static struct entry **
find(struct conversations *c, struct hash_digest d)
{
	struct entry **at = &c->bucket[d.word[0] % BUCKETS];

	while (*at != NULL && ((*at)->digest.word[0] != d.word[0] ||
	    (*at)->digest.word[1] != d.word[1]))
		at = &(*at)->next;
	return at;
}

static void
sweep(struct conversations *c, nanos wall)
{
	for (unsigned i = 0; i < SWEEP_BUCKETS; i++) {
		struct entry **at = &c->bucket[c->swept++ % BUCKETS];

		while (*at != NULL) {
			if ((*at)->expires_wall <= wall)
				drop(c, at);
			else
				at = &(*at)->next;
		}
	}
}

enum err
conversation_get(struct conversations *c, struct hash_digest digest, nanos wall,
    struct arena *a, struct conversation *out)
{
	struct entry *e;

	*out = (struct conversation){ 0 };
	lock_take(&c->lock);
	e = *find(c, digest);
	if (e != NULL && e->expires_wall > wall) {
		out->version = e->version;
		out->taint = arena_copy(a, slice_of(e->bytes, e->taint_bytes));
		out->vault = arena_copy(a, slice_of(e->bytes + e->taint_bytes, e->vault_bytes));
	}
	lock_give(&c->lock);
	return arena_overflowed(a) ? ERR_MEMORY : ERR_OK;
}

static struct entry *
entry_new(struct hash_digest digest, const struct conversation *in, nanos expires_wall)
{
	struct entry *e = malloc(sizeof *e + in->taint.len + in->vault.len);

	if (e == NULL)
		return NULL;
	*e = (struct entry){
		.digest = digest,
		.expires_wall = expires_wall,
		.version = in->version + 1,
		.taint_bytes = (uint32_t)in->taint.len,
		.vault_bytes = (uint32_t)in->vault.len,
	};
	if (in->taint.len > 0)
		memcpy(e->bytes, in->taint.ptr, in->taint.len);
	if (in->vault.len > 0)
		memcpy(e->bytes + in->taint.len, in->vault.ptr, in->vault.len);
	return e;
}

/* Under the lock: *old is what is dropped. */
static enum err
put(struct conversations *c, struct entry *e, nanos wall)
{
	struct entry **at = find(c, e->digest);
	size_t bytes = c->bytes + entry_bytes(e);
	uint64_t version = 0;

	if (*at != NULL && (*at)->expires_wall > wall)
		version = (*at)->version;
	if (version + 1 != e->version)
		return ERR_CONVERSATION_STALE;
	if (*at != NULL)
		bytes -= entry_bytes(*at);
	if (bytes > CONVERSATIONS_BYTES_MAX || (*at == NULL && c->count >= CONVERSATIONS_MAX))
		return ERR_CONVERSATION_FULL;
	if (*at != NULL)
		drop(c, at);
	e->next = *at;
	*at = e;
	c->count++;
	c->bytes += entry_bytes(e);
	return ERR_OK;
}

enum err
conversation_put(struct conversations *c, struct hash_digest digest,
    const struct conversation *in, nanos wall, nanos expires_wall)
{
	struct entry *e = entry_new(digest, in, expires_wall);
	enum err err;

	if (e == NULL)
		return ERR_MEMORY;
	lock_take(&c->lock);
	sweep(c, wall);
	err = put(c, e, wall);
	lock_give(&c->lock);
	if (err != ERR_OK)
		free(e);
	return err;
}

enum err
conversation_load(struct conversations *c, struct hash_digest digest,
    const struct conversation *in, nanos wall, nanos expires_wall)
{
	struct entry *e = entry_new(digest, in, expires_wall);
	enum err err;

	if (e == NULL)
		return ERR_MEMORY;
	/* entry_new() counts the version that a put makes of it; this one was made already. */
	e->version = 1;
	lock_take(&c->lock);
	err = put(c, e, wall);
	e->version = in->version;
	lock_give(&c->lock);
	if (err != ERR_OK)
		free(e);
	return err;
}
