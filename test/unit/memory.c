/* SPDX-License-Identifier: Apache-2.0 */
#include "run/memory.h"

#include "core/limit.h"

#include "check.h"

static const struct size_case {
	size_t		 bytes, want;
	const char	*why;
} sizes[] = {
	{ 1, 4096, "a byte takes a small block" },
	{ 4096, 4096, "a small block holds 4 KiB" },
	{ 4097, 4097, "one byte more has a size of its own" },
	{ CLIENT_BUFFER_BYTES / 2 + 1, CLIENT_BUFFER_BYTES, "more than half a buffer is a buffer" },
	{ CLIENT_BUFFER_BYTES, CLIENT_BUFFER_BYTES, "a buffer" },
	{ CLIENT_BUFFER_BYTES + 1, CLIENT_BUFFER_BYTES + 1, "more than a buffer is a size of its own" },
	{ 1 << 20, 1 << 20, "a mebibyte" },
};

static void
check_sizes(void)
{
	struct memory_pool pool;

	memory_init(&pool);
	for (size_t i = 0; i < COUNT_OF(sizes); i++) {
		size_t got = 0;
		char *block = memory_take(&pool, sizes[i].bytes, &got);

		check_or_stop(block != NULL, "%s: given", sizes[i].why);
		check_int((int64_t)got, (int64_t)sizes[i].want, "%s", sizes[i].why);
		memset(block, 0x5a, got);
		check_int((int64_t)pool.bytes, (int64_t)got, "%s: counted", sizes[i].why);
		memory_give(&pool, block, got);
		check_int((int64_t)pool.bytes, 0, "%s: counted back", sizes[i].why);
	}
	memory_release(&pool);
}

static void
check_kept(void)
{
	static void *block[2 * MEMORY_KEPT_BYTES / 4096];
	struct memory_pool pool;
	size_t got;

	memory_init(&pool);
	for (size_t i = 0; i < COUNT_OF(block); i++)
		block[i] = memory_take(&pool, 100, &got);
	for (size_t i = 0; i < COUNT_OF(block); i++)
		memory_give(&pool, block[i], 4096);
	check(pool.kept_bytes <= MEMORY_KEPT_BYTES, "a pool keeps a bounded number of free blocks");
	check_int((int64_t)pool.bytes, 0, "and counts none of them as used");
	memory_release(&pool);
	check(pool.kept[0] == NULL && pool.kept_bytes == 0, "released, it keeps nothing");
}

static void
check_failing(void)
{
	struct memory_pool pool;
	size_t got = 0;
	void *first, *second;

	memory_init(&pool);
	pool.fail_at = 2;
	first = memory_take(&pool, 10, &got);
	check(first != NULL, "fail_at 2: the first is given");
	memory_give(&pool, first, got);
	got = 7;
	second = memory_take(&pool, 10, &got);
	check(second == NULL, "the second is refused");
	check_int((int64_t)got, 7, "and says no size");
	check(memory_take(&pool, 10, &got) == NULL, "as is every one after it");
	pool.fail_at = 0;
	second = memory_take(&pool, 10, &got);
	check(second != NULL, "until the test says otherwise");
	memory_give(&pool, second, got);
	memory_release(&pool);
}

static void
check_arena(void)
{
	struct memory_pool pool;
	struct arena arena;

	memory_init(&pool);
	arena_init(&arena, &pool.memory, 1 << 20);
	for (int i = 0; i < 1000; i++)
		must(arena_alloc(&arena, 500) != NULL);
	check(pool.bytes >= 500000, "an arena's blocks come from the pool");
	arena_release(&arena);
	check_int((int64_t)pool.bytes, 0, "and go back to it");
	pool.fail_at = 1;
	arena_init(&arena, &pool.memory, 1 << 20);
	check(arena_alloc(&arena, 1) == NULL && arena_overflowed(&arena),
	    "a refused block marks the arena");
	arena_release(&arena);
	memory_release(&pool);
}

static void
release_too_early(void)
{
	struct memory_pool pool;
	size_t got;

	memory_init(&pool);
	must(memory_take(&pool, 1, &got) != NULL);
	memory_release(&pool);
}

int
main(void)
{
	check_sizes();
	check_kept();
	check_failing();
	check_arena();
	check_must(release_too_early, "a pool is not released while blocks are out");
	return check_done();
}
