/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/registry.h"

#include <pthread.h>
#include <stdatomic.h>

#include "check.h"
#include "run/heap.h"

#define KEYS	2000
#define WALL	(1000 * NANOS_PER_S)

static const char pepper[MAC_BYTES] = "a pepper of thirty-two bytes ...";

struct made {
	char		text[KEY_TEXT_MAX];
	size_t		len;
	struct grant	grant;
};

static struct slice
text_of(const struct made *k)
{
	return slice_of(k->text, k->len);
}

static void
make(struct mac *m, enum key_owner owner, struct made *out)
{
	out->grant = (struct grant){
		.head = { .owner = (uint8_t)owner, .id = key_id_make(), .created = 1 },
		.text = { [GRANT_name] = S("of a test"), [GRANT_tenant] = S("acme") },
	};
	out->len = key_make(owner, &out->grant.head.id, out->text);
	mac_bytes(m, text_of(out), out->grant.head.mac[0]);
}

static enum err
put(struct registry *r, const struct grant *g)
{
	char room[1024];
	struct text t;

	text_init(&t, room, sizeof room);
	grant_pack(g, &t);
	must(!text_overflowed(&t));
	return registry_put(r, text_slice(&t));
}

struct stage {
	struct registry	*r;
	struct mac	 mac;
	struct arena	 arena;
	struct grant	 found;
};

static enum err
find_at(struct stage *s, enum key_owner owner, struct slice text, nanos wall)
{
	arena_reset(&s->arena);
	return registry_find(s->r, &s->mac, &(struct presented){ text, owner, wall }, &s->arena,
	    &s->found);
}

static enum err
find(struct stage *s, struct slice text)
{
	return find_at(s, KEY_CALLER, text, WALL);
}

static void
check_many(struct stage *s)
{
	static struct made key[KEYS];
	unsigned lost = 0, taken = 0;

	for (size_t i = 0; i < KEYS; i++) {
		make(&s->mac, KEY_CALLER, &key[i]);
		must(put(s->r, &key[i].grant) == ERR_OK);
	}
	for (size_t i = 0; i < KEYS; i++) {
		struct made other = key[i];

		lost += find(s, text_of(&key[i])) != ERR_OK ||
		    !key_id_same(&s->found.head.id, &key[i].grant.head.id);
		other.text[40] ^= 1;
		taken += find(s, text_of(&other)) != ERR_KEY_UNKNOWN;
		memcpy(other.text, key[i].text, other.len);
		other.text[5] = other.text[5] == '0' ? '1' : '0';
		taken += find(s, text_of(&other)) != ERR_KEY_UNKNOWN;
	}
	check_int(lost, 0, "each of %d keys is found", KEYS);
	check_int(taken, 0, "none with another secret, or another id, is");
	check_int((int64_t)registry_count(s->r, KEY_CALLER), KEYS, "they are counted");
}

static void
check_life(struct stage *s)
{
	struct made k, next;
	struct grant old;

	make(&s->mac, KEY_CALLER, &k);
	k.grant.head.expires = WALL + 1;
	must(put(s->r, &k.grant) == ERR_OK);
	check_int(find(s, text_of(&k)), ERR_OK, "a key is good until it expires");
	check_slice(s->found.text[GRANT_tenant], S("acme"), "what was said of it is found with it");
	check_int(find_at(s, KEY_CALLER, text_of(&k), WALL + 1), ERR_KEY_EXPIRED, "and then not");
	check_int(find_at(s, KEY_OPERATOR, text_of(&k), WALL), ERR_KEY_UNKNOWN,
	    "a caller's key is no operator's");

	next = k;
	next.len = key_make(KEY_CALLER, &k.grant.head.id, next.text);
	old = k.grant;
	old.head.expires = 0;
	memcpy(old.head.mac[1], old.head.mac[0], MAC_BYTES);
	mac_bytes(&s->mac, text_of(&next), old.head.mac[0]);
	old.head.before_until = WALL + 10;
	must(put(s->r, &old) == ERR_OK);
	check_int(find(s, text_of(&next)), ERR_OK, "after a rotation the new secret is good");
	check_int(find_at(s, KEY_CALLER, text_of(&k), WALL + 9), ERR_OK, "and the old one too");
	check_int(find_at(s, KEY_CALLER, text_of(&k), WALL + 10), ERR_KEY_UNKNOWN,
	    "until its time is over");
	check(registry_is_good(s->r, KEY_CALLER, &k.grant.head.id, WALL), "the key is good");

	must(registry_suspend(s->r, S("acme"), true) == ERR_OK);
	check_int(find(s, text_of(&next)), ERR_TENANT_SUSPENDED, "a suspended tenant is refused");
	make(&s->mac, KEY_CALLER, &k);
	must(put(s->r, &k.grant) == ERR_OK);
	check_int(find(s, text_of(&k)), ERR_TENANT_SUSPENDED, "so is a key of it that is new");
	must(registry_suspend(s->r, S("acme"), false) == ERR_OK);
	check_int(find(s, text_of(&k)), ERR_OK, "both are taken again");

	old.head.revoked = WALL;
	must(put(s->r, &old) == ERR_OK);
	check_int(find(s, text_of(&next)), ERR_KEY_REVOKED, "who has a revoked key is told");
	check(!registry_is_good(s->r, KEY_CALLER, &old.head.id, WALL), "a revoked key is not good");
	next.text[50] ^= 1;
	check_int(find(s, text_of(&next)), ERR_KEY_UNKNOWN, "who only knows its id is not");
}

static void
check_forms(struct stage *s)
{
	struct made k;
	struct slice whole;

	make(&s->mac, KEY_OPERATOR, &k);
	must(put(s->r, &k.grant) == ERR_OK);
	whole = text_of(&k);
	check_int(find_at(s, KEY_OPERATOR, whole, WALL), ERR_OK, "an operator's key is found");
	check_int(find(s, whole), ERR_KEY_UNKNOWN, "it is no caller's");
	for (size_t i = 0; i < whole.len; i++)
		if (find_at(s, KEY_OPERATOR, slice_cut(whole, 0, i), WALL) != ERR_KEY_UNKNOWN)
			check(false, "%zu bytes of a key are no key", i);
	check_int(find(s, S("")), ERR_KEY_UNKNOWN, "nothing is no key");
	check(key_is_whole(whole), "the check of a new key is right");
	k.text[30] = k.text[30] == 'a' ? 'b' : 'a';
	check(!key_is_whole(whole), "and wrong when a letter is another");
}

/* Room that was made for some is enough for them, and no end of it for others. */
static void
check_expected(void)
{
	static struct made k[2000];
	struct stage s = { .r = registry_new(slice_of(pepper, sizeof pepper)) };
	unsigned found = 0;

	must(s.r != NULL && registry_mac(s.r, &s.mac));
	arena_init(&s.arena, heap_memory(), 1 << 20);
	registry_expect(s.r, COUNT_OF(k) / 2);
	for (size_t i = 0; i < COUNT_OF(k); i++) {
		make(&s.mac, KEY_CALLER, &k[i]);
		must(put(s.r, &k[i].grant) == ERR_OK);
	}
	for (size_t i = 0; i < COUNT_OF(k); i++) {
		found += find(&s, text_of(&k[i])) == ERR_OK;
		arena_reset(&s.arena);
	}
	check_int(found, COUNT_OF(k), "twice as many keys as were expected are found");
	arena_release(&s.arena);
	mac_release(&s.mac);
	registry_free(s.r);
}

/* One thread puts while the others find: what was put once is never missed. */
struct race {
	struct stage		*stage;
	struct made		 key;
	_Atomic(bool)		 over;
	_Atomic(uint64_t)	 missed, found;
};

static void *
race_find(void *arg)
{
	struct race *race = arg;
	struct stage s = { .r = race->stage->r };

	must(registry_mac(s.r, &s.mac));
	arena_init(&s.arena, heap_memory(), 1 << 20);
	while (!race->over) {
		if (find(&s, text_of(&race->key)) == ERR_OK)
			race->found++;
		else
			race->missed++;
	}
	arena_release(&s.arena);
	mac_release(&s.mac);
	return NULL;
}

static void
check_race(struct stage *s)
{
	static struct race race;
	pthread_t thread[2];

	race.stage = s;
	make(&s->mac, KEY_CALLER, &race.key);
	must(put(s->r, &race.key.grant) == ERR_OK);
	for (size_t i = 0; i < COUNT_OF(thread); i++)
		must(pthread_create(&thread[i], NULL, race_find, &race) == 0);
	for (unsigned i = 0; i < 500; i++) {
		struct made k;

		make(&s->mac, KEY_CALLER, &k);
		must(put(s->r, &k.grant) == ERR_OK && put(s->r, &race.key.grant) == ERR_OK);
		/* A lock is not fair to who waits for one that spins on it. */
		usleep(20);
	}
	race.over = true;
	for (size_t i = 0; i < COUNT_OF(thread); i++)
		must(pthread_join(thread[i], NULL) == 0);
	check(race.found > 0 && race.missed == 0, "a key is found while others are put");
}

int
main(void)
{
	struct stage s = { .r = registry_new(slice_of(pepper, sizeof pepper)) };

	check_or_stop(s.r != NULL && registry_mac(s.r, &s.mac), "a registry is made");
	arena_init(&s.arena, heap_memory(), 1 << 20);
	check_int(find(&s, S("tv_0123456789abcdef_"
	    "0123456789012345678901234567890123456789012345678901123456")), ERR_KEY_UNKNOWN,
	    "nobody is known to an empty one");
	check_many(&s);
	check_life(&s);
	check_forms(&s);
	check_expected();
	check_race(&s);
	arena_release(&s.arena);
	mac_release(&s.mac);
	registry_free(s.r);
	return check_done();
}
