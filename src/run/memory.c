/* SPDX-License-Identifier: Apache-2.0 */
#include "run/memory.h"

#include <stdlib.h>

#include "core/limit.h"
#include "core/must.h"

#define SMALL_BYTES	4096
#define LARGE_BYTES	((size_t)CLIENT_BUFFER_BYTES)

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

static void
free_list(void *block)
{
	while (block != NULL) {
		void *next = *(void **)block;

		free(block);
		block = next;
	}
}

void
memory_release(struct memory_pool *pool)
{
	must(pool->bytes == 0);
	free_list(pool->small);
	free_list(pool->large);
	memory_init(pool);
}

static void *
pop(void **list, size_t *count)
{
	void *block = *list;

	if (block != NULL) {
		*list = *(void **)block;
		--*count;
	}
	return block;
}

static void
push(void **list, size_t *count, void *block)
{
	*(void **)block = *list;
	*list = block;
	++*count;
}

void *
memory_take(struct memory_pool *pool, size_t bytes, size_t *got)
{
	void *block = NULL;

	if (pool->fail_at == 1)
		return NULL;
	if (pool->fail_at > 0)
		pool->fail_at--;
	if (bytes <= SMALL_BYTES) {
		bytes = SMALL_BYTES;
		block = pop(&pool->small, &pool->small_count);
	} else if (bytes > LARGE_BYTES / 2 && bytes <= LARGE_BYTES) {
		bytes = LARGE_BYTES;
		block = pop(&pool->large, &pool->large_count);
	}
	if (block == NULL)
		block = malloc(bytes);
	if (block == NULL)
		return NULL;
	pool->bytes += bytes;
	*got = bytes;
	return block;
}

void
memory_give(struct memory_pool *pool, void *block, size_t bytes)
{
	if (block == NULL)
		return;
	must(bytes <= pool->bytes);
	pool->bytes -= bytes;
	if (MAY_KEEP && bytes == SMALL_BYTES && pool->small_count < MEMORY_SMALL_KEPT)
		push(&pool->small, &pool->small_count, block);
	else if (MAY_KEEP && bytes == LARGE_BYTES && pool->large_count < MEMORY_LARGE_KEPT)
		push(&pool->large, &pool->large_count, block);
	else
		free(block);
}
