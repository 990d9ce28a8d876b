/* SPDX-License-Identifier: Apache-2.0 */
#ifndef BENCH_HIST_H
#define BENCH_HIST_H

/*
 * hist - a histogram of durations with a bounded relative error.
 *
 * Log-linear, as HdrHistogram's: each power of two is cut into 128 equal slots, so a value is
 * known to better than 1/128 (0.8 %) over the whole range of 64 bits, and below 128 exactly.
 * The caller owns the struct (58 KiB); zeroed memory is an empty histogram.  Recording costs a
 * shift and an increment and never allocates.  The largest value is also kept exactly.
 */

#include <stdint.h>

enum {
	HIST_BITS = 7,
	HIST_SLOTS = (64 - HIST_BITS + 1) << HIST_BITS,
};

struct hist {
	uint64_t	n;
	uint64_t	max;
	uint64_t	slot[HIST_SLOTS];
};

/* Counts one value. */
void hist_add(struct hist *, uint64_t value);

/* The value that the share `part` (0 to 1) of all values does not exceed; 0 if there are none. */
uint64_t hist_quantile(const struct hist *, double part);

#endif
