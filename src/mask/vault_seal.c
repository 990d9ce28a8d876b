/* SPDX-License-Identifier: Apache-2.0 */
/* How a vault is written down: as bytes that say nothing without their key. */
#include "core/limit.h"
#include "core/text.h"
#include "mask/vault.h"

/*
 * All numbers little-endian.
 *
 *	| version 1 | expires 8 | nonce 12 | sealed ... | tag 16 |
 *
 * Sealed are the words, then the tokens in the order in which they were made:
 *
 *	| words 2 | (length 1, word) ... | tokens 4 | (word 1, id 6, length 4, value) ... |
 *
 * Bound to it: version and expires as they stand, then tenant and conversation, each
 * with its length, so that no two pairs of names are the same bytes.
 */
#define VERSION		1
#define HEAD_BYTES	(1 + 8 + SEAL_NONCE_BYTES)
#define TOKEN_HEAD	(1 + 6 + 4)
#define OWNER_HEAD	(1 + 8 + 4 + 4)

static void
put_number(struct text *t, uint64_t n, unsigned bytes)
{
	for (unsigned i = 0; i < bytes; i++)
		text_put_char(t, (char)(n >> 8 * i & 255));
}

/* What the bytes are bound to; the empty slice without memory. */
static struct slice
bound(struct arena *a, const struct vault_owner *o, nanos expires_wall)
{
	size_t bytes = OWNER_HEAD + o->tenant.len + o->conversation.len;
	char *room = arena_bytes(a, bytes);
	struct text t;

	if (room == NULL)
		return slice_of(NULL, 0);
	text_init(&t, room, bytes);
	put_number(&t, VERSION, 1);
	put_number(&t, (uint64_t)expires_wall, 8);
	put_number(&t, o->tenant.len, 4);
	text_put(&t, o->tenant);
	put_number(&t, o->conversation.len, 4);
	text_put(&t, o->conversation);
	must(!text_overflowed(&t) && t.len == bytes);
	return text_slice(&t);
}

static void
put_vault(struct text *t, const struct vault *v)
{
	put_number(t, v->word_count, 2);
	for (uint32_t i = 0; i < v->word_count; i++) {
		put_number(t, v->word[i].word.len, 1);
		text_put(t, v->word[i].word);
	}
	put_number(t, v->count, 4);
	for (uint32_t i = 0; i < v->count; i++) {
		const struct vault_entry *e = &v->entry[i];

		put_number(t, e->word, 1);
		put_number(t, e->id, 6);
		put_number(t, e->value.len, 4);
		text_put(t, e->value);
	}
}

enum err
vault_seal(const struct vault *v, const struct seal *seal, const struct vault_owner *owner,
    const char nonce[static SEAL_NONCE_BYTES], struct slice *out)
{
	size_t inside = 2 + v->word_count * (1 + TOKEN_WORD_MAX) + 4 + v->count * TOKEN_HEAD +
	    v->value_bytes;
	size_t bytes = HEAD_BYTES + inside + SEAL_TAG_BYTES;
	char *plain = arena_bytes(v->arena, inside), *made = arena_bytes(v->arena, bytes);
	struct slice with = bound(v->arena, owner, v->expires_wall);
	struct text text, head;

	if (plain == NULL || made == NULL || with.ptr == NULL)
		return ERR_MEMORY;
	text_init(&text, plain, inside);
	put_vault(&text, v);
	text_init(&head, made, HEAD_BYTES);
	text_put(&head, slice_cut(with, 0, 1 + 8));
	text_put(&head, slice_of(nonce, SEAL_NONCE_BYTES));
	must(!text_overflowed(&text) && !text_overflowed(&head));
	if (!seal->close(seal, nonce, with, text_slice(&text), made + HEAD_BYTES))
		return ERR_VAULT_BROKEN;
	*out = slice_of(made, HEAD_BYTES + text.len + SEAL_TAG_BYTES);
	return ERR_OK;
}

/* ---- back ---- */

/* A number of so many bytes from the front; false if there are not as many. */
static bool
get_number(struct slice *s, unsigned bytes, uint64_t *n)
{
	if (s->len < bytes)
		return false;
	*n = 0;
	for (unsigned i = 0; i < bytes; i++)
		*n |= (uint64_t)(unsigned char)s->ptr[i] << 8 * i;
	*s = slice_cut(*s, bytes, s->len);
	return true;
}

static bool
get_bytes(struct slice *s, uint64_t bytes, struct slice *out)
{
	if (s->len < bytes)
		return false;
	*out = slice_cut(*s, 0, bytes);
	*s = slice_cut(*s, bytes, s->len);
	return true;
}

static enum err
get_words(struct vault *v, struct slice *s)
{
	uint64_t count, bytes;
	enum err e = ERR_OK;

	if (!get_number(s, 2, &count))
		return ERR_VAULT_BROKEN;
	for (uint32_t i = 0, index; i < count && e == ERR_OK; i++) {
		struct slice word;

		if (!get_number(s, 1, &bytes) || !get_bytes(s, bytes, &word) ||
		    !token_is_word(word))
			return ERR_VAULT_BROKEN;
		e = vault_word(v, word, &index);
		if (e == ERR_OK && index != i)
			return ERR_VAULT_BROKEN;
	}
	return e;
}

static enum err
get_tokens(struct vault *v, struct slice *s)
{
	uint64_t count, word, id, bytes;
	enum err e = ERR_OK;

	if (!get_number(s, 4, &count))
		return ERR_VAULT_BROKEN;
	for (uint64_t i = 0; i < count && e == ERR_OK; i++) {
		struct slice value;

		if (!get_number(s, 1, &word) || word >= v->word_count || !get_number(s, 6, &id) ||
		    id >> TOKEN_ID_BITS != 0 || !get_number(s, 4, &bytes) || bytes == 0 ||
		    !get_bytes(s, bytes, &value) || vault_find(v, &v->word[word], id) != NULL)
			return ERR_VAULT_BROKEN;
		e = vault_add(v, (uint32_t)word, id, value);
	}
	return e;
}

enum err
vault_open(struct vault *v, const struct seal *seal, const struct vault_owner *owner,
    struct slice sealed, nanos wall)
{
	struct slice rest = sealed, nonce, with, plain;
	uint64_t version, expires;
	enum err e;
	char *room;

	must(v->count == 0 && v->word_count == 0);
	if (!get_number(&rest, 1, &version) || version != VERSION ||
	    !get_number(&rest, 8, &expires) || !get_bytes(&rest, SEAL_NONCE_BYTES, &nonce) ||
	    rest.len < SEAL_TAG_BYTES)
		return ERR_VAULT_BROKEN;
	with = bound(v->arena, owner, (nanos)expires);
	room = arena_bytes(v->arena, rest.len);
	if (with.ptr == NULL || room == NULL)
		return ERR_MEMORY;
	if (!seal->open(seal, nonce.ptr, with, rest, room))
		return ERR_VAULT_FOREIGN;
	if (wall >= (nanos)expires)
		return ERR_VAULT_EXPIRED;
	plain = slice_of(room, rest.len - SEAL_TAG_BYTES);
	v->expires_wall = (nanos)expires;
	e = get_words(v, &plain);
	if (e == ERR_OK)
		e = get_tokens(v, &plain);
	return e == ERR_OK && plain.len > 0 ? ERR_VAULT_BROKEN : e;
}
