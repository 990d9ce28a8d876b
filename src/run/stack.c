/* SPDX-License-Identifier: Apache-2.0 */
#include "run/stack.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "core/limit.h"

#ifndef MADV_GUARD_INSTALL
#define MADV_GUARD_INSTALL 102
#endif

#define PAGE_BYTES	4096

_Static_assert(FIBER_STACK_BYTES % PAGE_BYTES == 0, "stacks are whole pages");

static bool
guard(char *page)
{
	return madvise(page, PAGE_BYTES, MADV_GUARD_INSTALL) == 0 ||
	    mprotect(page, PAGE_BYTES, PROT_NONE) == 0;
}

struct stack_slab *
stack_slab_new(size_t count)
{
	struct stack_slab *slab = malloc(sizeof *slab);

	if (slab == NULL)
		return NULL;
	void *base = mmap(NULL, count * FIBER_STACK_BYTES, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	if (base == MAP_FAILED) {
		free(slab);
		return NULL;
	}
	*slab = (struct stack_slab){ .base = base, .count = count };
	/* A huge page would make every stack resident at its first touch. */
	(void)madvise(base, count * FIBER_STACK_BYTES, MADV_NOHUGEPAGE);
	for (size_t i = 0; i < count; i++)
		if (!guard(slab->base + i * FIBER_STACK_BYTES)) {
			stack_slab_free(slab);
			return NULL;
		}
	return slab;
}

void
stack_slab_free(struct stack_slab *slab)
{
	must(munmap(slab->base, slab->count * FIBER_STACK_BYTES) == 0);
	free(slab);
}

char *
stack_low(const struct stack_slab *slab, size_t i)
{
	must(i < slab->count);
	return slab->base + i * FIBER_STACK_BYTES + PAGE_BYTES;
}

size_t
stack_bytes(void)
{
	return FIBER_STACK_BYTES - PAGE_BYTES;
}

size_t
stack_touched(const char *low)
{
	unsigned char resident[FIBER_STACK_BYTES / PAGE_BYTES];
	size_t pages = stack_bytes() / PAGE_BYTES;
	size_t first = 0;

	if (mincore((void *)(uintptr_t)low, stack_bytes(), resident) != 0)
		return 0;
	while (first < pages && (resident[first] & 1) == 0)
		first++;
	return (pages - first) * PAGE_BYTES;
}
