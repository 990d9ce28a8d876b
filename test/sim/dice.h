/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_DICE_H
#define SIM_DICE_H

/*
 * dice - choices that follow from a seed.
 *
 * Each part of a history throws its own dice, so that one more throw in one
 * part does not change the others.  SplitMix64 (Steele, Lea and Flood, 2014).
 */

#include <stdbool.h>
#include <stdint.h>

struct dice {
	uint64_t	state;
};

/* Dice for one part of the history of a seed. */
struct dice dice_of(uint64_t seed, const char *part);

uint64_t dice_word(struct dice *);

/* From 0 to n - 1; 0 where n is 0. */
uint64_t dice_below(struct dice *, uint64_t n);

/* From low to high, both included; many small ones where `wide`. */
uint64_t dice_between(struct dice *, uint64_t low, uint64_t high);
uint64_t dice_wide(struct dice *, uint64_t low, uint64_t high);

/* True in so many of a thousand cases. */
bool dice_permille(struct dice *, unsigned);

static inline bool
dice_percent(struct dice *d, unsigned percent)
{
	return dice_permille(d, percent * 10);
}

#endif
