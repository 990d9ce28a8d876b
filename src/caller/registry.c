/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/registry.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "core/hash.h"
#include "run/kernel.h"
#include "run/lock.h"

#define SHARDS		64
#define PLACE_SLOTS	16		/* two cache lines */
#define PLACES_MAX	(UINT32_MAX / SHARDS)

struct row {
	uint32_t		bytes;
	bool			suspended;	/* its tenant is */
	char			packed[];
};

/* A slot is 0, or 32 bits of the id's hash and the number of its row, from 1. */
struct shard {
	struct lock		 lock;
	uint64_t		*slot;		/* [places * PLACE_SLOTS] */
	struct row		**row;
	uint32_t		 places;	/* a power of two */
	uint32_t		 count, room;	/* rows; [0] is nobody's */
};

struct tenant {
	struct tenant		*next;
	size_t			 bytes;
	char			 name[];
};

struct registry {
	struct shard		shard[SHARDS];
	struct hash_key		hash_key;
	uint8_t			pepper[MAC_BYTES];
	_Atomic(uint64_t)	count[2];	/* by owner */
	struct lock		suspending;
	struct tenant		*suspended;
};

static struct grant_head
head_of(const struct row *row)
{
	struct grant_head head;

	memcpy(&head, row->packed, sizeof head);
	return head;
}

static bool
has_id(const struct row *row, const struct key_id *id)
{
	struct grant_head head = head_of(row);

	return key_id_same(&head.id, id);
}

/* Callers and operators have different ids even where the letters are the same. */
static uint64_t
hash_of(const struct registry *r, uint8_t owner, const struct key_id *id)
{
	char bytes[KEY_ID_BYTES + 1];

	memcpy(bytes, id->letter, KEY_ID_BYTES);
	bytes[KEY_ID_BYTES] = (char)owner;
	return hash_64(&r->hash_key, slice_of(bytes, sizeof bytes));
}

static struct shard *
shard_of(struct registry *r, uint64_t hash)
{
	return &r->shard[hash % SHARDS];
}

static uint64_t *
place_of(const struct shard *s, uint64_t hash)
{
	return &s->slot[((uint32_t)hash / SHARDS & (s->places - 1)) * PLACE_SLOTS];
}

/*
 * The number of the row, from 1, or 0.  All slots are looked at, and what is found is selected
 * without a branch.
 */
static uint32_t
number_of(const struct shard *s, uint64_t hash)
{
	const uint64_t *slot = place_of(s, hash);
	uint32_t tag = (uint32_t)(hash >> 32), number = 0;

	for (unsigned i = 0; i < PLACE_SLOTS; i++) {
		uint32_t same = (uint32_t)(slot[i] >> 32) == tag ? UINT32_MAX : 0;

		number |= (uint32_t)slot[i] & same;
	}
	return number;
}

/* ---- to make and to change ---- */

/* With a row that is nobody's, so that there is always one to compare with. */
static bool
shard_open(struct shard *s)
{
	s->places = 1;
	s->slot = calloc(PLACE_SLOTS, sizeof *s->slot);
	s->row = calloc(4, sizeof(struct row *));
	if (s->slot == NULL || s->row == NULL)
		return false;
	s->room = 4;
	s->row[0] = calloc(1, sizeof(struct row) + sizeof(struct grant_head));
	s->count = s->row[0] != NULL;
	return s->count > 0;
}

struct registry *
registry_new(struct slice pepper)
{
	struct registry *r = calloc(1, sizeof *r);

	must(pepper.len == MAC_BYTES);
	if (r == NULL)
		return NULL;
	memcpy(r->pepper, pepper.ptr, sizeof r->pepper);
	kernel_random(&r->hash_key, sizeof r->hash_key);
	lock_init(&r->suspending);
	for (unsigned i = 0; i < SHARDS; i++)
		lock_init(&r->shard[i].lock);
	for (unsigned i = 0; i < SHARDS; i++)
		if (!shard_open(&r->shard[i])) {
			registry_free(r);
			return NULL;
		}
	return r;
}

/* With four keys to a place hardly one of them has more than its sixteen slots. */
static void
shard_expect(struct shard *s, uint64_t keys)
{
	uint32_t places = s->places;
	uint64_t *slot;

	while (places < PLACES_MAX / 2 && places < keys / 4)
		places *= 2;
	slot = calloc((size_t)places * PLACE_SLOTS, sizeof *slot);
	if (slot == NULL)
		return;
	free(s->slot);
	s->slot = slot;
	s->places = places;
}

void
registry_expect(struct registry *r, uint64_t keys)
{
	for (unsigned i = 0; i < SHARDS; i++) {
		must(r->shard[i].count == 1);
		shard_expect(&r->shard[i], keys / SHARDS);
	}
}

static void
shard_release(struct shard *s)
{
	for (uint32_t i = 0; i < s->count; i++)
		free(s->row[i]);
	free(s->row);
	free(s->slot);
	lock_release(&s->lock);
}

void
registry_free(struct registry *r)
{
	struct tenant *next;

	if (r == NULL)
		return;
	for (unsigned i = 0; i < SHARDS; i++)
		shard_release(&r->shard[i]);
	for (struct tenant *t = r->suspended; t != NULL; t = next) {
		next = t->next;
		free(t);
	}
	lock_release(&r->suspending);
	explicit_bzero(r, sizeof *r);
	free(r);
}

bool
registry_mac(const struct registry *r, struct mac *m)
{
	return mac_init(m, slice_of((const char *)r->pepper, sizeof r->pepper));
}

/* False if the place is full, or has a row that only more places tell apart. */
static bool
enter(struct shard *s, uint64_t hash, uint32_t number)
{
	uint64_t *slot = place_of(s, hash), *room = NULL;

	for (unsigned i = 0; i < PLACE_SLOTS; i++) {
		if (slot[i] == 0 && room == NULL)
			room = &slot[i];
		if (slot[i] != 0 && slot[i] >> 32 == hash >> 32)
			return false;
	}
	if (room == NULL)
		return false;
	*room = hash >> 32 << 32 | number;
	return true;
}

/* The same rows in twice as many places, or four times, until each has room. */
static enum err
grow(const struct registry *r, struct shard *s)
{
	struct shard wide = *s;

	for (wide.places = s->places * 2; wide.places <= PLACES_MAX; wide.places *= 2) {
		uint32_t i = 1;

		wide.slot = calloc((size_t)wide.places * PLACE_SLOTS, sizeof *wide.slot);
		if (wide.slot == NULL)
			return ERR_MEMORY;
		for (; i < s->count; i++) {
			struct grant_head head = head_of(s->row[i]);

			if (!enter(&wide, hash_of(r, head.owner, &head.id), i + 1))
				break;
		}
		if (i == s->count) {
			/* Never the whole: others wait at its lock, and would never be woken. */
			free(s->slot);
			s->slot = wide.slot;
			s->places = wide.places;
			return ERR_OK;
		}
		free(wide.slot);
	}
	return ERR_MEMORY;
}

static enum err
add(struct registry *r, struct shard *s, uint64_t hash, struct row *row)
{
	struct row **more;

	if (s->count == s->room) {
		s->room *= 2;
		more = realloc(s->row, s->room * sizeof(struct row *));
		if (more == NULL) {
			s->room = s->count;
			return ERR_MEMORY;
		}
		s->row = more;
	}
	while (!enter(s, hash, s->count + 1)) {
		enum err e = grow(r, s);

		if (e != ERR_OK)
			return e;
	}
	s->row[s->count++] = row;
	atomic_fetch_add_explicit(&r->count[head_of(row).owner], 1, memory_order_relaxed);
	return ERR_OK;
}

static struct tenant **
suspended_at(struct registry *r, struct slice name)
{
	struct tenant **at = &r->suspended;

	while (*at != NULL && !slice_eq(slice_of((*at)->name, (*at)->bytes), name))
		at = &(*at)->next;
	return at;
}

static bool
is_suspended(struct registry *r, const struct grant *g)
{
	return g->head.owner == KEY_CALLER && *suspended_at(r, g->text[GRANT_tenant]) != NULL;
}

/* Under r->suspending, so that a tenant is not suspended between the look and the row. */
static enum err
put(struct registry *r, const struct grant *g, struct slice packed)
{
	uint64_t hash = hash_of(r, g->head.owner, &g->head.id);
	struct shard *s = shard_of(r, hash);
	struct row *row = malloc(sizeof *row + packed.len), *old = NULL;
	enum err e = ERR_OK;
	uint32_t number;

	if (row == NULL)
		return ERR_MEMORY;
	row->bytes = (uint32_t)packed.len;
	row->suspended = is_suspended(r, g);
	memcpy(row->packed, packed.ptr, packed.len);
	lock_take(&s->lock);
	number = number_of(s, hash);
	if (number != 0 && has_id(s->row[number - 1], &g->head.id)) {
		old = s->row[number - 1];
		s->row[number - 1] = row;
	} else if ((e = add(r, s, hash, row)) != ERR_OK) {
		old = row;
	}
	lock_give(&s->lock);
	free(old);
	return e;
}

enum err
registry_put(struct registry *r, struct slice packed)
{
	struct grant g;
	enum err e;

	must(grant_unpack(packed, &g) && packed.len <= UINT32_MAX);
	lock_take(&r->suspending);
	e = put(r, &g, packed);
	lock_give(&r->suspending);
	return e;
}

static void
suspend_rows(struct shard *s, struct slice tenant, bool suspend)
{
	struct grant g;

	lock_take(&s->lock);
	for (uint32_t i = 1; i < s->count; i++) {
		struct row *row = s->row[i];

		must(grant_unpack(slice_of(row->packed, row->bytes), &g));
		if (g.head.owner == KEY_CALLER && slice_eq(g.text[GRANT_tenant], tenant))
			row->suspended = suspend;
	}
	lock_give(&s->lock);
}

enum err
registry_suspend(struct registry *r, struct slice name, bool suspend)
{
	struct tenant *t = malloc(sizeof *t + name.len), **at;

	if (t == NULL)
		return ERR_MEMORY;
	*t = (struct tenant){ .bytes = name.len };
	memcpy(t->name, name.ptr, name.len);
	lock_take(&r->suspending);
	at = suspended_at(r, name);
	if (suspend && *at == NULL) {
		*at = t;
		t = NULL;
	} else if (!suspend && *at != NULL) {
		free(t);
		t = *at;
		*at = t->next;
	}
	for (unsigned i = 0; i < SHARDS; i++)
		suspend_rows(&r->shard[i], name, suspend);
	lock_give(&r->suspending);
	free(t);
	return ERR_OK;
}

uint64_t
registry_count(const struct registry *r, enum key_owner owner)
{
	return atomic_load_explicit(&r->count[owner], memory_order_relaxed);
}

/* ---- to find ---- */

/*
 * Under the shard's lock: the row of an id, or of somebody else.  Which of them is computed, not
 * branched on: a processor that guesses would read somebody else's before it has looked.
 */
static const struct row *
row_at(const struct shard *s, uint64_t hash)
{
	uint32_t number = number_of(s, hash);
	uint32_t other = (uint32_t)((uint64_t)s->count * (hash >> 32) >> 32) + 1;
	uint32_t absent = (uint32_t)(((uint64_t)number - 1) >> 32);

	return s->row[(number | (other & absent)) - 1];
}

/* Has the row this id, and this code?  All of it is compared, always. */
static bool
is_key_of(const struct grant_head *h, const struct key_id *id, const uint8_t code[static MAC_BYTES],
    nanos wall)
{
	unsigned same = (unsigned)key_id_same(&h->id, id) & (unsigned)(h->created != 0);
	unsigned now = mac_same(h->mac[0], code), before = mac_same(h->mac[1], code);

	return (same & (now | (before & (unsigned)(wall < h->before_until)))) != 0;
}

enum err
registry_find(struct registry *r, struct mac *m, const struct presented *p, struct arena *arena,
    struct grant *out)
{
	uint8_t code[MAC_BYTES];
	enum err e = ERR_KEY_UNKNOWN;
	struct slice packed = { 0 };
	enum key_owner owner;
	struct key_id id;
	uint64_t hash;

	if (!key_read(p->text, &owner, &id) || owner != p->owner)
		return ERR_KEY_UNKNOWN;
	mac_bytes(m, p->text, code);
	hash = hash_of(r, (uint8_t)owner, &id);
	struct shard *s = shard_of(r, hash);

	lock_take(&s->lock);
	const struct row *row = row_at(s, hash);
	struct grant_head head = head_of(row);

	if (is_key_of(&head, &id, code, p->wall)) {
		e = row->suspended ? ERR_TENANT_SUSPENDED : grant_state(&head, p->wall);
		if (e == ERR_OK)
			packed = arena_copy(arena, slice_of(row->packed, row->bytes));
	}
	lock_give(&s->lock);
	if (e == ERR_OK && packed.len == 0)
		return ERR_MEMORY;
	if (e == ERR_OK)
		must(grant_unpack(packed, out));
	return e;
}

bool
registry_is_good(struct registry *r, enum key_owner owner, const struct key_id *id, nanos wall)
{
	uint64_t hash = hash_of(r, (uint8_t)owner, id);
	struct shard *s = shard_of(r, hash);
	struct grant_head head;
	bool suspended;

	lock_take(&s->lock);
	const struct row *row = row_at(s, hash);

	head = head_of(row);
	suspended = row->suspended;
	lock_give(&s->lock);
	return key_id_same(&head.id, id) && head.owner == (uint8_t)owner && head.created != 0 &&
	    !suspended && grant_state(&head, wall) == ERR_OK;
}

enum err
registry_get(struct registry *r, enum key_owner owner, const struct key_id *id,
    struct arena *arena, struct grant *out)
{
	uint64_t hash = hash_of(r, (uint8_t)owner, id);
	struct shard *s = shard_of(r, hash);
	struct slice packed = { 0 };
	bool found;

	lock_take(&s->lock);
	const struct row *row = row_at(s, hash);
	struct grant_head head = head_of(row);

	found = key_id_same(&head.id, id) && head.owner == (uint8_t)owner && head.created != 0;
	if (found)
		packed = arena_copy(arena, slice_of(row->packed, row->bytes));
	lock_give(&s->lock);
	if (!found)
		return ERR_KEY_UNKNOWN;
	if (packed.len == 0)
		return ERR_MEMORY;
	must(grant_unpack(packed, out));
	return ERR_OK;
}
