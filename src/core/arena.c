/* SPDX-License-Identifier: Apache-2.0 */
#include "core/arena.h"

#include "core/must.h"

#if defined(__SANITIZE_ADDRESS__)
#define FENCED 1
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define FENCED 1
#endif
#endif

#ifdef FENCED
void __asan_poison_memory_region(const volatile void *, size_t);
void __asan_unpoison_memory_region(const volatile void *, size_t);
#define FENCE_BYTES	16
#define fence(ptr, n)	__asan_poison_memory_region(ptr, n)
#define unfence(ptr, n)	__asan_unpoison_memory_region(ptr, n)
#else
#define FENCE_BYTES	0
#define fence(ptr, n)	((void)(ptr), (void)(n))
#define unfence(ptr, n)	((void)(ptr), (void)(n))
#endif

#define ALIGN		_Alignof(max_align_t)
#define BLOCK_BYTES	4096

/*
 *  newest ─▶ [ block | piece | piece | … free … ]   ptr, end point in here
 *              │
 *              ▼ older, full
 *            [ block | piece | … ]
 */
struct arena_block {
	struct arena_block	*older;
	size_t			 bytes;		/* this header included */
	_Alignas(max_align_t) char room[];
};

static bool take_block(struct arena *, size_t);

void
arena_init(struct arena *a, struct memory *memory, size_t bytes_max)
{
	*a = (struct arena){ .memory = memory, .bytes_max = bytes_max };
}

void
arena_reset(struct arena *a)
{
	struct arena_block *block = a->newest;

	while (block != NULL) {
		struct arena_block *older = block->older;

		unfence(block->room, block->bytes - sizeof *block);
		a->memory->give(a->memory, block, block->bytes);
		block = older;
	}
	arena_init(a, a->memory, a->bytes_max);
}

void
arena_release(struct arena *a)
{
	arena_reset(a);
	a->memory = NULL;
}

static void *
carve(struct arena *a, size_t bytes, size_t align)
{
	size_t pad = (size_t)(-(uintptr_t)a->ptr & (align - 1));
	size_t all;

	if (a->overflowed)
		return NULL;
	if (__builtin_add_overflow(bytes, pad + FENCE_BYTES, &all)) {
		a->overflowed = true;
		return NULL;
	}
	if (a->newest == NULL || all > (size_t)(a->end - a->ptr)) {
		if (!take_block(a, bytes))
			return NULL;
		pad = 0;
		all = bytes + FENCE_BYTES;
	}
	char *piece = a->ptr + pad;

	a->ptr += all;
	unfence(piece, bytes);
	return piece;
}

void *
arena_alloc(struct arena *a, size_t bytes)
{
	return carve(a, bytes, ALIGN);
}

void *
arena_zero(struct arena *a, size_t bytes)
{
	void *piece = arena_alloc(a, bytes);

	if (piece != NULL)
		memset(piece, 0, bytes);
	return piece;
}

char *
arena_bytes(struct arena *a, size_t bytes)
{
	return carve(a, bytes, 1);
}

struct slice
arena_copy(struct arena *a, struct slice s)
{
	char *piece = arena_bytes(a, s.len);

	if (piece == NULL)
		return slice_of(NULL, 0);
	if (s.len > 0)
		memcpy(piece, s.ptr, s.len);
	return slice_of(piece, s.len);
}

/* Makes room for `bytes` bytes at the front of a new block. */
static bool
take_block(struct arena *a, size_t bytes)
{
	size_t want;

	must(a->memory != NULL);
	if (__builtin_add_overflow(bytes, sizeof(struct arena_block) + FENCE_BYTES, &want) ||
	    want > a->bytes_max - a->bytes) {
		a->overflowed = true;
		return false;
	}
	if (want < BLOCK_BYTES)
		want = BLOCK_BYTES < a->bytes_max - a->bytes ? BLOCK_BYTES
		    : a->bytes_max - a->bytes;

	struct arena_block *block = a->memory->take(a->memory, &want);

	if (block == NULL) {
		a->overflowed = true;
		return false;
	}
	block->older = a->newest;
	block->bytes = want;
	a->newest = block;
	a->bytes += want < a->bytes_max - a->bytes ? want : a->bytes_max - a->bytes;
	a->ptr = block->room;
	a->end = (char *)block + want;
	fence(block->room, want - sizeof *block);
	return true;
}
