/* SPDX-License-Identifier: Apache-2.0 */
#include "hist.h"

static unsigned
hist_index(uint64_t value)
{
	unsigned shift;

	if (value < (1u << HIST_BITS))
		return (unsigned)value;
	shift = 63u - (unsigned)__builtin_clzll(value) - HIST_BITS;
	return ((shift + 1) << HIST_BITS) + (unsigned)(value >> shift) - (1u << HIST_BITS);
}

/* The middle of a slot, so that the error goes both ways and is halved. */
static uint64_t
hist_value(unsigned index)
{
	unsigned shift = index >> HIST_BITS;
	uint64_t low;

	if (shift == 0)
		return index;
	shift--;
	low = (uint64_t)((index & ((1u << HIST_BITS) - 1)) + (1u << HIST_BITS)) << shift;
	return low + ((1ull << shift) >> 1);
}

void
hist_add(struct hist *h, uint64_t value)
{
	h->n++;
	h->slot[hist_index(value)]++;
	if (value > h->max)
		h->max = value;
}

uint64_t
hist_quantile(const struct hist *h, double part)
{
	uint64_t want, seen = 0;
	unsigned i;

	if (h->n == 0)
		return 0;
	want = (uint64_t)(part * (double)h->n + 0.999999);
	if (want >= h->n)
		return h->max;
	for (i = 0; i < HIST_SLOTS; i++) {
		seen += h->slot[i];
		if (seen >= want && seen > 0)
			return hist_value(i) < h->max ? hist_value(i) : h->max;
	}
	return h->max;
}
