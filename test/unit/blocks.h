/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_BLOCKS_H
#define TEST_BLOCKS_H

/*
 * blocks - memory from malloc for the arenas of tests.
 *
 * Counts what is out, so that a test can see that everything came back, and
 * refuses once `left` blocks were taken, so that it can see what a refusal does.
 * No block is longer than was asked for, and none is reused while a test runs,
 * so the address sanitizer sees every byte outside.
 */

#include <stdlib.h>

#include "core/arena.h"

struct blocks {
	struct memory	memory;		/* first: the arena's pointer is ours */
	size_t		out;		/* blocks */
	size_t		bytes;		/* in those */
	size_t		taken;		/* ever */
	size_t		left;		/* until a refusal */
};

static void *
blocks_take(struct memory *m, size_t *bytes)
{
	struct blocks *t = (struct blocks *)m;
	void *block;

	if (t->left == 0)
		return NULL;
	t->left--;
	block = malloc(*bytes);
	if (block == NULL)
		abort();
	t->out++;
	t->taken++;
	t->bytes += *bytes;
	return block;
}

static void
blocks_give(struct memory *m, void *block, size_t bytes)
{
	struct blocks *t = (struct blocks *)m;

	t->out--;
	t->bytes -= bytes;
	free(block);
}

#define BLOCKS	{ .memory = { blocks_take, blocks_give }, .left = SIZE_MAX }

#endif
