/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_RANDOM_H
#define TEST_RANDOM_H

/*
 * random - numbers for generators: the same from the same seed, everywhere.
 *
 * A law prints the seed that broke it; SEED=n in the environment runs that one
 * alone.  The generator is splitmix64 (Steele, Lea and Flood, 2014).
 */

#include <stdint.h>
#include <stdlib.h>

struct random {
	uint64_t	state;
};

__attribute__((unused)) static uint64_t
random_next(struct random *r)
{
	uint64_t z = r->state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

/* A number below n, which is not 0. */
__attribute__((unused)) static size_t
random_below(struct random *r, size_t n)
{
	return (size_t)(random_next(r) % n);
}

/* The seeds to try: [first, past). */
__attribute__((unused)) static void
random_seeds(uint64_t count, uint64_t *first, uint64_t *past)
{
	const char *one = getenv("SEED");

	*first = one != NULL ? strtoull(one, NULL, 0) : 1;
	*past = one != NULL ? *first + 1 : count + 1;
}

#endif
