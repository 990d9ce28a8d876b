/* SPDX-License-Identifier: Apache-2.0 */
#include "store/conversation.h"

#include "blocks.h"
#include "check.h"
#include "core/limit.h"
#include "store/conversation_row.h"

enum { NOW = 1000, LATER = 2000, END = 3000 };

static const char master[32] = "a master key of a unit test, ok";

static struct hash_digest
digest(uint64_t n)
{
	return (struct hash_digest){ { n, ~n } };
}

static struct conversation
get(struct conversations *c, uint64_t n, nanos wall, struct arena *a)
{
	struct conversation out;

	must(conversation_get(c, digest(n), wall, a, &out) == ERR_OK);
	return out;
}

static enum err
put(struct conversations *c, uint64_t n, uint64_t version, const char *taint, nanos wall)
{
	struct conversation in = { version, slice_of(taint, strlen(taint)), S("sealed") };

	return conversation_put(c, digest(n), &in, wall, wall + END);
}

static void
test_one(struct conversations *c, struct arena *a)
{
	struct conversation one = get(c, 1, NOW, a);

	check_int((int64_t)one.version, 0, "there is none at first");
	check(put(c, 1, 0, "internal", NOW) == ERR_OK, "it is put");
	one = get(c, 1, NOW, a);
	check_slice(one.taint, S("internal"), "and has its taint");
	check_slice(one.vault, S("sealed"), "and its vault");
	check(put(c, 1, 0, "public", NOW) == ERR_CONVERSATION_STALE,
	    "who has not seen it does not overwrite it");
	check_slice(get(c, 1, NOW, a).taint, S("internal"), "it is what it was");
	check(put(c, 1, one.version, "regulated, phi", NOW) == ERR_OK, "who has seen it does");
	check(put(c, 1, one.version, "public", NOW) == ERR_CONVERSATION_STALE,
	    "of two who have seen the same only one does");
	check_slice(get(c, 1, LATER, a).taint, S("regulated, phi"), "it stays a while");
	check_int((int64_t)get(c, 2, NOW, a).version, 0, "another is another");
	check_int((int64_t)get(c, 1, NOW + END, a).version, 0, "its time is over");
	check(put(c, 1, 0, "public", NOW + END) == ERR_OK, "and then it begins anew");
}

static void
test_full(struct conversations *c, struct arena *a)
{
	uint64_t n = 10;
	struct conversation one;

	while (put(c, n, 0, "internal", NOW) == ERR_OK)
		n++;
	check_int((int64_t)n, 10 + CONVERSATIONS_MAX - 1, "so many are kept, with the one before");
	check(put(c, n, 0, "internal", NOW) == ERR_CONVERSATION_FULL, "and not one more");
	one = get(c, 10, NOW, a);
	check(put(c, 10, one.version, "regulated", NOW) == ERR_OK, "one that is there goes on");
	for (unsigned i = 0; i < 4096; i++)
		(void)!put(c, n + 1 + i, 0, "internal", NOW + 2 * END);
	check_int((int64_t)get(c, 10, NOW + 2 * END, a).version, 0, "those whose time is over go");
	check(put(c, n, 0, "internal", NOW + 2 * END) == ERR_OK, "and there is room again");
}

static void
keep_row(struct store *s, uint64_t n, uint64_t version, const char *taint, nanos wall)
{
	struct conversation_row row = {
		digest(n), { version, slice_of(taint, strlen(taint)), S("sealed") }, wall + END,
	};

	must(conversation_row_put(s, &row, wall) == ERR_OK);
}

/* What one process kept, another has. */
static void
test_rows(struct arena *a)
{
	struct conversations *c = conversations_new(master);
	struct store *s = NULL;
	char room[256];
	struct text why;

	text_init(&why, room, sizeof room);
	must(store_open(&s, NULL, STORE_WRITE, &why) == ERR_OK);
	keep_row(s, 1, 2, "regulated, phi", NOW);
	keep_row(s, 1, 1, "internal", NOW);
	keep_row(s, 2, 7, "internal", NOW);
	keep_row(s, 3, 9, "regulated", NOW - END);
	keep_row(s, 2, 1, "confidential", NOW + END);
	check(conversation_row_load(s, c, NOW + END - 1) == ERR_OK, "rows are loaded");
	check_slice(get(c, 1, NOW, a).taint, S("regulated, phi"), "an older version is no newer");
	check_int((int64_t)get(c, 1, NOW, a).version, 2, "the version goes on");
	check_slice(get(c, 1, NOW, a).vault, S("sealed"), "with its vault");
	check_slice(get(c, 2, NOW + END, a).taint, S("confidential"),
	    "one whose time was over begins anew");
	check_int((int64_t)get(c, 3, NOW - END, a).version, 0, "what is over is not loaded");
	check(put(c, 1, 2, "regulated, phi", NOW) == ERR_OK, "and they go on from there");
	check(conversation_row_sweep(s, NOW) == ERR_OK, "what is over is removed");
	conversations_free(c);
	c = conversations_new(master);
	check(conversation_row_load(s, c, 0) == ERR_OK &&
	    get(c, 3, 0, a).version == 0 && get(c, 1, 0, a).version == 2, "and nothing else");
	conversations_free(c);
	store_close(s);
}

int
main(void)
{
	struct conversations *c = conversations_new(master);
	struct blocks blocks = BLOCKS;
	struct arena a;

	check_or_stop(c != NULL, "there is memory");
	arena_init(&a, &blocks.memory, 1 << 24);
	check_slice(conversations_master(c), slice_of(master, sizeof master), "the key is kept");
	test_one(c, &a);
	test_full(c, &a);
	test_rows(&a);
	conversations_free(c);
	arena_release(&a);
	return check_done();
}
