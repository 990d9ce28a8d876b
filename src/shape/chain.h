/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SHAPE_CHAIN_H
#define SHAPE_CHAIN_H

/*
 * chain - letters and digits in groups, as numbers are written.
 *
 *	078-05-1120	DE 136 695 976	1EG4-TE5-MK73
 *
 * A group is what stands between bytes that are neither a letter nor a digit
 * of ASCII; a chain is a chain of groups with one separator between each two.
 * What a part of a chain looks like is its signature, a word of eight bytes:
 * one for each run of digits or of letters, with its length and whether a
 * separator stands in front of it; or, coarser, one for each group.  Whole
 * types of numbers are told apart by comparing such words (pattern.tbl).
 */

#include "shape/eye.h"

#define CHAIN_GROUPS	24
#define CHAIN_RUNS	8		/* of a signature */
#define GROUP_BYTES	40		/* a longer one is a token, not a number */

/* A byte of a signature: up to 31 letters or digits, and what stands in front of them. */
enum {
	RUN_LETTERS	= 0x20,
	RUN_BEHIND	= 0x40,		/* a separator is in front */
	RUN_MIXED	= 0x80,		/* a whole group */
};

#define RUNS_(a, b, c, d, e, f, g, h, ...)					\
	((uint64_t)(a) | (uint64_t)(b) << 8 | (uint64_t)(c) << 16 | (uint64_t)(d) << 24 | \
	(uint64_t)(e) << 32 | (uint64_t)(f) << 40 | (uint64_t)(g) << 48 | (uint64_t)(h) << 56)

/* The signature of up to eight runs: RUNS(N3, sN2, sN4) is 078-05-1120. */
#define RUNS(...)	RUNS_(__VA_ARGS__, 0, 0, 0, 0, 0, 0, 0, 0)

struct group {
	uint32_t	start, end;
	uint64_t	runs;			/* its own signature; 0 if it has too many */
	uint8_t		run_count;
	uint8_t		digits;
	char		gap;			/* what stands in front of it; 0 for the first */
};

struct chain {
	struct group	group[CHAIN_GROUPS];
	unsigned	count;
	bool		more;			/* it goes on */
};

/*
 * The chain from the group at `start` on; false if that is a token of more than GROUP_BYTES,
 * whose end is then in *token.
 */
bool chain_read(struct chain *, const struct eye *, uint32_t start, uint32_t *token);

/*
 * Where the chain begins that has its first digit at `digit`: up to two short groups of letters
 * may stand in front.
 */
uint32_t chain_start(const struct eye *, uint32_t digit);

/* The bytes of groups [from, to] without what separates them, letters in upper case. */
struct compact {
	char		b[64];
	unsigned	len, digits;
	char		gaps[CHAIN_RUNS];	/* the separators, in order */
	unsigned	gap_count;
};

#endif
