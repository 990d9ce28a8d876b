/* SPDX-License-Identifier: Apache-2.0 */
#include "run/memory.h"

#include "core/limit.h"

#include "check.h"

static const struct size_case {
	size_t		 bytes, want;
	const char	*why;
} sizes[] = {
	{ 1, 4096, "a byte takes the smallest block" },
	{ 4096, 4096, "which holds 4 KiB" },
	{ 4097, 8192, "one byte more takes the next" },
	{ 8192, 8192, "of 8 KiB" },
	{ 8193, 16384, "then 16 KiB" },
	{ CLIENT_BUFFER_BYTES, CLIENT_BUFFER_BYTES, "a buffer is a size of its own" },
	{ CLIENT_BUFFER_BYTES + 1, 65536, "then 64 KiB" },
	{ 65536, 65536, "the largest that is kept" },
	{ 65537, 65537, "larger ones are as large as they are asked for" },
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
check_reused(void)
{
	struct memory_pool pool;
	size_t got;
	void *small, *large, *small_again, *middle, *large_again;

	memory_init(&pool);
	small = memory_take(&pool, 4096, &got);
	large = memory_take(&pool, 65536, &got);
	memset(large, 1, 65536);
	memory_give(&pool, small, 4096);
	memory_give(&pool, large, 65536);
	small_again = memory_take(&pool, 100, &got);
	middle = memory_take(&pool, 5000, &got);
	large_again = memory_take(&pool, 40000, &got);
	check(middle != small && middle != large, "a free block serves its own size alone");
	memset(middle, 2, 8192);
	memset(small_again, 3, 4096);
	memset(large_again, 4, 65536);
	check(*(char *)middle == 2 && *(char *)small_again == 3 && *(char *)large_again == 4,
	    "and nobody else's");
	memory_give(&pool, small_again, 4096);
	memory_give(&pool, middle, 8192);
	memory_give(&pool, large_again, 65536);
	memory_release(&pool);
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
	check_reused();
	check_failing();
	check_arena();
	check_must(release_too_early, "a pool is not released while blocks are out");
	return check_done();
}
