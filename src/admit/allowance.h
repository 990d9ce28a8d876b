/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ADMIT_ALLOWANCE_H
#define ADMIT_ALLOWANCE_H

/*
 * allowance - what a key, a tenant, a workload or a model may use.
 *
 * Three rates and a number of requests at a time; each may be missing, and an
 * allowance of which all are missing limits nothing.  An allowance is part of
 * a configuration and never changes; what is used of it stands in admit/rate,
 * under the subject's number.
 */

#include "admit/gcra.h"
#include "core/hash.h"

enum subject_kind {
#define SUBJECT(name, text)	SUBJECT_##name,
#include "admit/subject.tbl"
#undef SUBJECT
	SUBJECT_COUNT,
	SUBJECT_ADDRESS = SUBJECT_COUNT,	/* of failed logins; it has no allowance */
};

enum dimension {
#define DIMENSION(name, text, key, most)	DIMENSION_##name,
#include "admit/dimension.tbl"
#undef DIMENSION
	DIMENSION_COUNT,
	RATE_COUNT = DIMENSION_CONCURRENT	/* those before it are rates */
};

struct allowance {
	struct gcra	rate[RATE_COUNT];
	uint32_t	concurrency;		/* requests at a time; 0: no limit */
	bool		any;			/* something of it is limited */
};

/* "key", "tenant", …; "requests", "input_tokens", …. */
struct slice allowance_subject(enum subject_kind);
struct slice allowance_dimension(enum dimension);

/* "requests_per_minute": as configurations and the API call it; and which it is, or none. */
struct slice allowance_key(enum dimension);
bool allowance_find(struct slice key, enum dimension *);

/* The most that it may be. */
uint64_t allowance_max(enum dimension);

/* Its limit; 0: none. */
uint64_t allowance_amount(const struct allowance *, enum dimension);

/* So much a minute, or at a time; 0: no limit. */
void allowance_set(struct allowance *, enum dimension, uint64_t amount);

/*
 * The number by which a subject's state is found for the life of the process, over
 * reloads: its kind and name under the process's random key.
 */
uint64_t allowance_number(const struct hash_key *, enum subject_kind, struct slice name);

#endif
