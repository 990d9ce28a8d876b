/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/heap.h"

#include <malloc.h>
#include <stdbool.h>
#include <string.h>

void *__real_malloc(size_t);
void *__real_calloc(size_t, size_t);
void *__real_realloc(void *, size_t);
void __real_free(void *);
void *__wrap_malloc(size_t);
void *__wrap_calloc(size_t, size_t);
void *__wrap_realloc(void *, size_t);
char *__wrap_strdup(const char *);
void __wrap_free(void *);

static struct heap_account account;

struct heap_account *
heap_account(void)
{
	return &account;
}

static bool
is_refused(void)
{
	if (account.fail_at == 0 || --account.fail_at > 0)
		return false;
	account.failed++;
	return true;
}

static void *
count(void *block)
{
	if (block != NULL) {
		account.taken++;
		account.living++;
	}
	return block;
}

/* Of what is very large the beginning will do: nobody fills 64 MiB for each history. */
#define SPOILT_MAX	65536

static void
spoil(void *block, int with, size_t bytes)
{
	memset(block, with, bytes < SPOILT_MAX ? bytes : SPOILT_MAX);
}

void *
__wrap_malloc(size_t bytes)
{
	void *block = is_refused() ? NULL : count(__real_malloc(bytes));

	/* Nobody may rely on what is in it. */
	if (block != NULL)
		spoil(block, 0xa5, bytes);
	return block;
}

void *
__wrap_calloc(size_t items, size_t bytes)
{
	return is_refused() ? NULL : count(__real_calloc(items, bytes));
}

void *
__wrap_realloc(void *block, size_t bytes)
{
	void *moved;

	if (is_refused())
		return NULL;
	moved = __real_realloc(block, bytes);
	return block == NULL ? count(moved) : moved;
}

char *
__wrap_strdup(const char *s)
{
	size_t bytes = strlen(s) + 1;
	char *copy = __wrap_malloc(bytes);

	return copy == NULL ? NULL : memcpy(copy, s, bytes);
}

void
__wrap_free(void *block)
{
	if (block != NULL) {
		account.living--;
		/* Who still reads it does not find what was there. */
		spoil(block, 0xd5, malloc_usable_size(block));
	}
	__real_free(block);
}

void *
heap_real_calloc(size_t items, size_t bytes)
{
	return __real_calloc(items, bytes);
}

void *
heap_real_realloc(void *block, size_t bytes)
{
	return __real_realloc(block, bytes);
}

void
heap_real_free(void *block)
{
	__real_free(block);
}
