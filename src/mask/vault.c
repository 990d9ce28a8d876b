/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/vault.h"

#include "core/limit.h"

#define ROOM_MIN	8
#define FORMS		(1u << TOKEN_FORM_BITS)

/* So many codes are tried for a value: 256 ways of writing it, or as good as no end of luck. */
#define ATTEMPTS_MAX	8

void
vault_init(struct vault *v, struct arena *a, struct hash_key key, nanos expires_wall)
{
	*v = (struct vault){ .arena = a, .key = key, .expires_wall = expires_wall };
}

/* ---- a word's table ---- */

/* Where an id belongs if nobody stands there: tables are in the order of the ids. */
static uint32_t
home(const struct vault_word *w, uint64_t id)
{
	return (uint32_t)(id * w->room >> TOKEN_ID_BITS);
}

static uint32_t
slots(uint32_t room)
{
	return room + room / 2;
}

static uint64_t
id_at(const struct vault *v, const struct vault_word *w, uint32_t slot)
{
	return v->entry[w->slot[slot] - 1].id;
}

const struct vault_entry *
vault_find(const struct vault *v, const struct vault_word *w, uint64_t id)
{
	if (w->count == 0)
		return NULL;
	for (uint32_t i = home(w, id); i < slots(w->room) && w->slot[i] != 0; i++)
		if (id_at(v, w, i) >= id)
			return id_at(v, w, i) == id ? &v->entry[w->slot[i] - 1] : NULL;
	return NULL;
}

bool
vault_has(const struct vault *v, const struct vault_word *w, uint64_t low, uint64_t high)
{
	if (w->count == 0)
		return false;
	for (uint32_t i = home(w, low), last = home(w, high); i < slots(w->room); i++) {
		if (w->slot[i] == 0 && i >= last)
			return false;
		if (w->slot[i] != 0 && id_at(v, w, i) >= low)
			return id_at(v, w, i) <= high;
	}
	return false;
}

/* At most half of the room is taken, so that even if all of it is pushed behind it has place. */
static void
put(const struct vault *v, struct vault_word *w, uint32_t entry)
{
	uint64_t id = v->entry[entry].id;
	uint32_t i = home(w, id), one = entry + 1;

	while (w->slot[i] != 0 && id_at(v, w, i) < id)
		i++;
	for (; one != 0; i++) {
		uint32_t pushed = w->slot[i];

		must(i < slots(w->room));
		w->slot[i] = one;
		one = pushed;
	}
	w->count++;
}

static bool
grow_table(struct vault *v, struct vault_word *w)
{
	struct vault_word old = *w;

	if (w->count < w->room / 2)
		return true;
	w->room = w->room == 0 ? ROOM_MIN : 2 * w->room;
	w->slot = arena_zero(v->arena, slots(w->room) * sizeof *w->slot);
	if (w->slot == NULL) {
		*w = old;
		return false;
	}
	w->count = 0;
	for (uint32_t i = 0; old.room > 0 && i < slots(old.room); i++)
		if (old.slot[i] != 0)
			put(v, w, old.slot[i] - 1);
	return true;
}

/* ---- words ---- */

static void
mark_word(struct vault *v, struct slice word)
{
	v->firsts |= 1u << (word.ptr[0] & 31);
	v->pairs[word.ptr[word.len - 2] & 31] |= 1u << (word.ptr[word.len - 1] & 31);
}

/* From a number that is a power of 2, or none, to twice as many. */
static bool
grow_words(struct vault *v)
{
	uint32_t room = v->word_count == 0 ? ROOM_MIN : 2 * v->word_count;
	struct vault_word *word;

	if (v->word_count % ROOM_MIN != 0 || (v->word_count & (v->word_count - 1)) != 0)
		return true;
	word = arena_alloc(v->arena, room * sizeof *word);
	if (word == NULL)
		return false;
	if (v->word_count > 0)
		memcpy(word, v->word, v->word_count * sizeof *word);
	v->word = word;
	return true;
}

enum err
vault_word(struct vault *v, struct slice word, uint32_t *index)
{
	struct slice kept;

	must(token_is_word(word));
	for (uint32_t i = 0; i < v->word_count; i++)
		if (slice_eq(v->word[i].word, word)) {
			*index = i;
			return ERR_OK;
		}
	if (v->word_count == VAULT_WORDS_MAX)
		return ERR_VAULT_FULL;
	kept = arena_copy(v->arena, word);
	if (!grow_words(v) || arena_overflowed(v->arena))
		return ERR_MEMORY;
	mark_word(v, kept);
	v->word[v->word_count] = (struct vault_word){ .word = kept };
	*index = v->word_count++;
	return ERR_OK;
}

/* ---- entries ---- */

static bool
grow_entries(struct vault *v)
{
	uint32_t room = v->room == 0 ? ROOM_MIN : 2 * v->room;
	struct vault_entry *entry;

	if (v->count < v->room)
		return true;
	entry = arena_alloc(v->arena, room * sizeof *entry);
	if (entry == NULL)
		return false;
	if (v->count > 0)
		memcpy(entry, v->entry, v->count * sizeof *entry);
	v->entry = entry;
	v->room = room;
	return true;
}

enum err
vault_add(struct vault *v, uint32_t word, uint64_t id, struct slice value)
{
	struct vault_word *w = &v->word[word];
	struct vault_entry e = { .id = id, .word = word };
	char token[TOKEN_BYTES_MAX];

	if (v->count == VAULT_TOKENS_MAX || value.len > VAULT_BYTES_MAX - v->value_bytes)
		return ERR_VAULT_FULL;
	if (!grow_entries(v) || !grow_table(v, w))
		return ERR_MEMORY;
	e.value = arena_copy(v->arena, value);
	e.token = arena_copy(v->arena, slice_of(token, token_spell(token, w->word, id)));
	if (arena_overflowed(v->arena))
		return ERR_MEMORY;
	v->value_bytes += value.len;
	v->entry[v->count] = e;
	put(v, w, v->count++);
	return ERR_OK;
}

/* What stands under a code already: ways of writing one value. */
struct known {
	const struct vault_entry	*same;		/* just this one */
	const struct vault_entry	*other;		/* any */
	uint32_t			 forms;		/* that are taken */
};

static struct known
look(const struct vault *v, const struct vault_word *w, uint64_t code, struct slice value)
{
	struct known k = { 0 };

	for (unsigned form = 0; form < FORMS; form++) {
		const struct vault_entry *e = vault_find(v, w, code << TOKEN_FORM_BITS | form);

		if (e == NULL)
			continue;
		k.forms |= 1u << form;
		k.other = e;
		if (slice_eq(e->value, value))
			k.same = e;
	}
	return k;
}

static bool
collides(const struct vault *v, const struct known *k, struct slice canonical)
{
	return k->forms == UINT32_MAX || (k->other != NULL &&
	    !slice_eq(token_canonical(v->arena, k->other->value), canonical));
}

enum err
vault_mint(struct vault *v, struct slice word, struct slice value, struct slice *token)
{
	struct slice canonical = token_canonical(v->arena, value);
	unsigned form = token_form(&v->key, value);
	uint32_t index = 0;
	enum err e = vault_word(v, word, &index);

	must(value.len > 0);
	for (unsigned attempt = 0; e == ERR_OK && attempt < ATTEMPTS_MAX; attempt++) {
		uint64_t code = token_code(v->arena, &v->key, word, canonical, attempt);
		struct known k = look(v, &v->word[index], code, value);

		if (k.same != NULL) {
			*token = k.same->token;
			return ERR_OK;
		}
		if (collides(v, &k, canonical))
			continue;
		if (arena_overflowed(v->arena))
			return ERR_MEMORY;
		while ((k.forms >> form & 1) != 0)
			form = (form + 1) % FORMS;
		e = vault_add(v, index, code << TOKEN_FORM_BITS | form, value);
		if (e == ERR_OK)
			*token = v->entry[v->count - 1].token;
		return e;
	}
	return e != ERR_OK ? e : arena_overflowed(v->arena) ? ERR_MEMORY : ERR_VAULT_FULL;
}

enum err
vault_merge(struct vault *v, const struct vault *from)
{
	enum err e = ERR_OK;

	must(memcmp(&v->key, &from->key, sizeof v->key) == 0);
	for (uint32_t i = 0; i < from->count && e == ERR_OK; i++) {
		const struct vault_entry *one = &from->entry[i];
		struct slice token;

		e = vault_mint(v, from->word[one->word].word, one->value, &token);
	}
	return e;
}
