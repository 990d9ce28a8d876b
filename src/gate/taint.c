/* SPDX-License-Identifier: Apache-2.0 */
#include "gate/taint.h"

#include "core/limit.h"
#include "gate/request.h"
#include "store/conversation_row.h"

static struct hash_digest
digest_of(const struct request *r, struct slice what, struct slice id)
{
	struct slice part[] = {
		what, r->record.tenant, r->key == NULL ? slice_of(NULL, 0) : r->key->id, id,
	};

	return hash_parts(conversations_key(r->gate->conversations), part,
	    sizeof part / sizeof part[0]);
}

static struct slice
bytes_of_digest(const struct hash_digest *d)
{
	return slice_of((const char *)d->word, sizeof d->word);
}

/* A level or a kind that the configuration no longer has: it may be anything. */
static void
join_unknown(const struct snapshot *s, struct label *label)
{
	uint32_t opaque;

	must(snapshot_kind(s, S("opaque"), &opaque));
	label->level = s->level_count - 1;
	label->kinds |= UINT64_C(1) << opaque;
}

static struct label
read_label(const struct snapshot *s, struct slice words)
{
	struct label label = LABEL_PUBLIC;

	while (words.len > 0) {
		size_t end = slice_find(words, S(","));
		struct slice word = slice_trim(slice_cut(words, 0, end));

		if (!snapshot_label_word(s, word, &label))
			join_unknown(s, &label);
		words = slice_cut(words, end < words.len ? end + 1 : end, words.len);
	}
	return label;
}

enum err
taint_open(struct request *r)
{
	struct slice id = r->x->head.field[HEADER_TRIVIUM_CONVERSATION];
	struct taint *t;
	enum err e;

	if (id.ptr == NULL)
		return ERR_OK;
	if (id.len == 0 || id.len > NAME_BYTES_MAX)
		return request_fail(r, ERR_HEADER_VALUE, S("x-trivium-conversation"),
		    S("x-trivium-conversation must be 1 to 128 bytes long"));
	if ((t = arena_zero(&r->arena, sizeof *t)) == NULL)
		return ERR_MEMORY;
	t->id = arena_copy(&r->arena, id);
	t->digest = digest_of(r, S("conversation"), id);
	e = conversation_get(r->gate->conversations, t->digest, gate_wall(r->gate), &r->arena,
	    &t->kept);
	if (e != ERR_OK)
		return e;
	t->label = read_label(r->snapshot, t->kept.taint);
	r->facts.label = label_join(r->facts.label, t->label);
	r->taint = t;
	return ERR_OK;
}

enum err
taint_keys(struct request *r, struct cover_keys *out)
{
	struct taint *t = r->taint;
	struct hash_digest one;

	*out = (struct cover_keys){ .wall = gate_wall(r->gate) };
	out->expires_wall = out->wall + (nanos)CONVERSATION_KEEP_S * NANOS_PER_S;
	if (t == NULL) {
		one = digest_of(r, S("request"), slice_of(r->record.id, sizeof r->record.id));
		out->tokens = (struct hash_key){ { one.word[0], one.word[1] } };
		return ERR_OK;
	}
	if (!t->sealed && !aead_init(&t->aead, conversations_master(r->gate->conversations),
	    r->record.tenant, bytes_of_digest(&t->digest)))
		return ERR_MEMORY;
	t->sealed = true;
	out->tokens = t->aead.tokens;
	out->seal = &t->aead.seal;
	out->owner = (struct vault_owner){ r->record.tenant, bytes_of_digest(&t->digest) };
	out->sealed = t->kept.vault;
	return ERR_OK;
}

/* The label of what was sent so far, and is sent now: what was masked is not. */
static struct label
label_now(const struct request *r)
{
	return label_join(r->taint->label, r->facts.label);
}

static bool
is_new(const struct request *r, struct label label)
{
	const struct taint *t = r->taint;

	return label.level != t->label.level || label.kinds != t->label.kinds ||
	    (r->cover != NULL && r->cover->vault.count > 0);
}

struct keeping {
	struct conversation_row	row;
	nanos			wall;
};

static enum err
keep_row(struct store *s, void *arg)
{
	const struct keeping *k = arg;
	enum err e = conversation_row_sweep(s, k->wall);

	return e == ERR_OK ? conversation_row_put(s, &k->row, k->wall) : e;
}

/* Before anything is sent: what a crash forgets would be taken for a clean conversation. */
static enum err
put_on_disk(struct request *r, const struct conversation *next, const struct cover_keys *keys)
{
	struct keeping k = {
		.row = { r->taint->digest, *next, keys->expires_wall },
		.wall = keys->wall,
	};

	k.row.conversation.version++;
	return book_write(r->gate->book, r->fiber, keep_row, &k, NULL);
}

/* What is hidden lives as long as the conversation; the time is sealed with it, so all is again. */
static enum err
seal(struct request *r, const struct cover_keys *keys, struct slice *out)
{
	char nonce[SEAL_NONCE_BYTES];
	struct vault kept, *vault = &kept;
	enum err e;

	if (r->cover != NULL && r->cover->vault.count > 0) {
		vault = &r->cover->vault;
	} else {
		*out = keys->sealed;
		if (out->len == 0)
			return ERR_OK;
		vault_init(vault, &r->arena, keys->tokens, keys->expires_wall);
		e = vault_open(vault, keys->seal, &keys->owner, keys->sealed, keys->wall);
		if (e != ERR_OK)
			return e;
	}
	vault->expires_wall = keys->expires_wall;
	kernel_random(nonce, sizeof nonce);
	return vault_seal(vault, keys->seal, &keys->owner, nonce, out);
}

static enum err
put_once(struct request *r, struct label label)
{
	const size_t room_bytes = 64 + KIND_MAX * (NAME_BYTES_MAX + 2);
	struct taint *t = r->taint;
	struct conversation next = { .version = t->kept.version };
	char *room = arena_bytes(&r->arena, room_bytes);
	struct cover_keys keys;
	struct text words;
	enum err e;

	if (room == NULL)
		return ERR_MEMORY;
	if ((e = taint_keys(r, &keys)) != ERR_OK)
		return e;
	text_init(&words, room, room_bytes);
	explain_put_label(&words, &r->snapshot->vocabulary, label);
	next.taint = text_slice(&words);
	if ((e = seal(r, &keys, &next.vault)) != ERR_OK)
		return e;
	e = conversation_put(r->gate->conversations, t->digest, &next, keys.wall,
	    keys.expires_wall);
	return e == ERR_OK && r->gate->book != NULL ? put_on_disk(r, &next, &keys) : e;
}

/* Somebody else was quicker: what he hid is joined to what is hidden here. */
static enum err
merge(struct request *r)
{
	struct taint *t = r->taint;
	struct cover_keys keys;
	struct vault theirs;
	enum err e = conversation_get(r->gate->conversations, t->digest, gate_wall(r->gate),
	    &r->arena, &t->kept);

	if (e != ERR_OK || (e = taint_keys(r, &keys)) != ERR_OK)
		return e;
	t->label = label_join(t->label, read_label(r->snapshot, t->kept.taint));
	if (r->cover == NULL || t->kept.vault.len == 0)
		return ERR_OK;
	vault_init(&theirs, &r->arena, keys.tokens, keys.expires_wall);
	e = vault_open(&theirs, keys.seal, &keys.owner, t->kept.vault, keys.wall);
	return e == ERR_OK ? vault_merge(&r->cover->vault, &theirs) : e;
}

enum err
taint_keep(struct request *r)
{
	enum err e = ERR_OK;

	if (r->taint == NULL || !is_new(r, label_now(r)))
		return ERR_OK;
	for (unsigned i = 0; i < CONVERSATION_TRIES_MAX; i++) {
		e = put_once(r, label_now(r));
		if (e != ERR_CONVERSATION_STALE)
			return e;
		if ((e = merge(r)) != ERR_OK)
			return e;
	}
	return ERR_CONVERSATION_STALE;
}

void
taint_release(struct taint *t)
{
	if (t != NULL && t->sealed)
		aead_release(&t->aead);
}
