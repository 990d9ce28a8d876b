/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include <stddef.h>

#include "blocks.h"
#include "check.h"
#include "random.h"

/* Pieces of many sizes keep what was written to them, and do not touch each other. */
static void
test_pieces(void)
{
	struct blocks blocks = BLOCKS;
	struct random r = { 1 };
	struct { unsigned char *ptr; size_t len; } piece[2000];
	unsigned misaligned = 0, changed = 0, dirty = 0;
	struct arena a;

	arena_init(&a, &blocks.memory, SIZE_MAX);
	for (size_t i = 0; i < COUNT_OF(piece); i++) {
		size_t len = random_below(&r, i % 50 == 0 ? 20000 : 200);
		bool text = random_below(&r, 2) == 0;

		piece[i].len = len;
		piece[i].ptr = text ? (unsigned char *)arena_bytes(&a, len) : arena_zero(&a, len);
		misaligned += !text && (uintptr_t)piece[i].ptr % _Alignof(max_align_t) != 0;
		for (size_t k = 0; k < len && !text; k++)
			dirty += piece[i].ptr[k] != 0;
		memset(piece[i].ptr, (int)(i & 255), len);
	}
	for (size_t i = 0; i < COUNT_OF(piece); i++)
		for (size_t k = 0; k < piece[i].len; k++)
			changed += piece[i].ptr[k] != (i & 255);
	check_int(misaligned, 0, "objects are aligned for anything");
	check_int(dirty, 0, "arena_zero() clears");
	check_int(changed, 0, "no piece touches another");
	check(!arena_overflowed(&a), "nothing overflowed");
	check(a.bytes == blocks.bytes, "the arena knows how much it took");
	arena_reset(&a);
	check_int((int64_t)blocks.out, 0, "a reset gives every block back");
	check(arena_alloc(&a, 10) != NULL, "and the arena can be used again");
	arena_release(&a);
	check_int((int64_t)blocks.out, 0, "so does a release");
}

static void
test_few_blocks(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, SIZE_MAX);
	check_int((int64_t)blocks.taken, 0, "an arena that is not used takes nothing");
	for (unsigned i = 0; i < 1000; i++)
		(void)arena_bytes(&a, 16);
	check(blocks.taken <= 12, "small pieces share blocks (%zu)", blocks.taken);
	arena_release(&a);
}

static void
test_ceiling(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;
	size_t got = 0;

	arena_init(&a, &blocks.memory, 10000);
	while (arena_bytes(&a, 100) != NULL)
		got += 100;
	check(got >= 5000 && got <= 10000, "an arena of 10000 bytes gives nearly them (%zu)", got);
	check(blocks.bytes <= 10000, "and takes no more than its ceiling (%zu)", blocks.bytes);
	check(arena_overflowed(&a), "then it is overflowed");
	check(arena_bytes(&a, 1) == NULL, "for good, even for what would fit");
	check(arena_copy(&a, S("abc")).ptr == NULL, "a copy is empty then");
	arena_reset(&a);
	check(!arena_overflowed(&a) && arena_bytes(&a, 1) != NULL, "until it is reset");
	arena_reset(&a);
	check(arena_alloc(&a, 10001) == NULL && arena_overflowed(&a), "more than the ceiling");
	arena_reset(&a);
	check(arena_alloc(&a, SIZE_MAX) == NULL && arena_overflowed(&a), "more than there can be");
	arena_reset(&a);
	check(arena_alloc(&a, SIZE_MAX - 8) == NULL && arena_overflowed(&a), "nearly as much");
	arena_release(&a);
	check_int((int64_t)blocks.out, 0, "all came back");
}

static void
test_refusal(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	blocks.left = 1;
	arena_init(&a, &blocks.memory, SIZE_MAX);
	check(arena_bytes(&a, 100) != NULL, "one block is there");
	check(arena_bytes(&a, 100000) == NULL && arena_overflowed(&a), "another is refused");
	check(arena_bytes(&a, 1) == NULL, "and the arena is overflowed for good");
	arena_release(&a);
	check_int((int64_t)blocks.out, 0, "what was taken came back");
}

static void
without_memory(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, SIZE_MAX);
	arena_release(&a);
	(void)arena_alloc(&a, 1);
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;
	struct slice copy;
	char text[] = "text";

	test_pieces();
	test_few_blocks();
	test_ceiling();
	test_refusal();
	arena_init(&a, &blocks.memory, SIZE_MAX);
	copy = arena_copy(&a, slice_of(text, 4));
	text[0] = 'T';
	check_slice(copy, S("text"), "a copy is its own");
	check(arena_copy(&a, S("")).len == 0 && !arena_overflowed(&a), "nothing can be copied");
	arena_release(&a);
	check_must(without_memory, "an arena that was released may not be used");
	return check_done();
}
