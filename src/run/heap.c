/* SPDX-License-Identifier: Apache-2.0 */
#include "run/heap.h"

#include <stdlib.h>

static void *
heap_take(struct memory *memory, size_t *bytes)
{
	(void)memory;
	return malloc(*bytes);
}

static void
heap_give(struct memory *memory, void *block, size_t bytes)
{
	(void)memory;
	explicit_bzero(block, bytes);
	free(block);
}

struct memory *
heap_memory(void)
{
	/* Two function pointers that nobody changes; arenas want a pointer without const. */
	static const struct memory heap = { heap_take, heap_give };

	return (struct memory *)(uintptr_t)&heap;
}
