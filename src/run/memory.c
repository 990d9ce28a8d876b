/* SPDX-License-Identifier: Apache-2.0 */
#include "run/memory.h"

#include <malloc.h>
#include <stdlib.h>

#include "core/limit.h"
#include "core/must.h"

#define SMALLEST_BYTES	((size_t)4096)

/* Under AddressSanitizer nothing is kept, so that it sees a use after the end. */
#if defined(__SANITIZE_ADDRESS__)
#define MAY_KEEP	false
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define MAY_KEEP	false
#endif
#endif
#ifndef MAY_KEEP
#define MAY_KEEP	true
#endif

static void *
take(struct memory *memory, size_t *bytes)
{
	return memory_take((struct memory_pool *)memory, *bytes, bytes);
}

static void
give(struct memory *memory, void *block, size_t bytes)
{
	memory_give((struct memory_pool *)memory, block, bytes);
}

void
memory_init(struct memory_pool *pool)
{
	_Static_assert(offsetof(struct memory_pool, memory) == 0, "take() and give() rely on it");
	*pool = (struct memory_pool){ .memory = { .take = take, .give = give } };
}

void
memory_release(struct memory_pool *pool)
{
	must(pool->bytes == 0);
	for (int i = 0; i < MEMORY_SIZES; i++)
		while (pool->kept[i] != NULL) {
			void *next = *(void **)pool->kept[i];

			free(pool->kept[i]);
			pool->kept[i] = next;
		}
	memory_init(pool);
}

/* The size that a wish is rounded up to, as an index; MEMORY_SIZES if it is larger than all. */
static int
size_of(size_t bytes)
{
	int i = 0;

	while (i < MEMORY_SIZES && bytes > SMALLEST_BYTES << i)
		i++;
	return i;
}

void *
memory_take(struct memory_pool *pool, size_t bytes, size_t *got)
{
	int i = size_of(bytes);
	void *block = NULL;

	if (pool->fail_at == 1)
		return NULL;
	if (pool->fail_at > 0)
		pool->fail_at--;
	if (i < MEMORY_SIZES) {
		bytes = SMALLEST_BYTES << i;
		block = pool->kept[i];
	}
	if (block != NULL) {
		pool->kept[i] = *(void **)block;
		pool->kept_bytes -= bytes;
	} else if ((block = malloc(bytes)) == NULL) {
		return NULL;
	}
	pool->bytes += bytes;
	*got = bytes;
	return block;
}

void
memory_give(struct memory_pool *pool, void *block, size_t bytes)
{
	int i = size_of(bytes);

	if (block == NULL)
		return;
	must(bytes <= pool->bytes);
	pool->bytes -= bytes;
	if (!MAY_KEEP || i == MEMORY_SIZES || bytes != SMALLEST_BYTES << i ||
	    pool->kept_bytes + bytes > MEMORY_KEPT_BYTES) {
		pool->freed += bytes;
		free(block);
		return;
	}
	*(void **)block = pool->kept[i];
	pool->kept[i] = block;
	pool->kept_bytes += bytes;
}

/* Between blocks in use the C library keeps what is free; only this finds it there. */
void
memory_trim(struct memory_pool *pool)
{
	if (pool->freed < MEMORY_TRIM_BYTES)
		return;
	pool->freed = 0;
	(void)malloc_trim(0);
}
