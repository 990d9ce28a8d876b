/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WATCH_METRIC_H
#define WATCH_METRIC_H

/*
 * metric - counters of one worker, and their sum.
 *
 * Only a worker's own thread touches its metrics, so counting is an addition.
 * Whoever wants all of them asks each worker, on its own loop, to add itself to
 * a sum.  Models keep their series by name for the life of the process, over
 * reloads; so does an operator's own type of findings, while it keeps its place.
 * metric.tbl lists what there is.
 */

#include "admit/allowance.h"
#include "core/err.h"
#include "core/limit.h"
#include "core/must.h"
#include "core/text.h"
#include "core/unit.h"
#include "find/type.h"
#include "watch/record.h"

#define METRIC_BUCKETS	22

struct histogram {
	/* Not cumulative; the last: above all bounds */
	uint64_t	bucket[METRIC_BUCKETS + 1];
	uint64_t	count;
	uint64_t	sum;				/* nanoseconds */
};

#define COUNTER(field, name, help)
#define GAUGE(field, name, help)
#define HISTOGRAM(field, name, help)
#define OUTCOME(field, name, help)		uint64_t field[ERR_COUNT];
#define FINDINGS(field, name, help)
#define LIMITED(field, name, help)
#define MODEL_COUNTER(field, name, help)	uint64_t field;
#define MODEL_HISTOGRAM(field, name, help)	struct histogram field;
struct metric_model {
	struct metric_model	*next;
	struct slice		 name;		/* empty: of requests that no model answered */
#include "watch/metric.tbl"
};
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
#undef OUTCOME
#undef FINDINGS
#undef LIMITED
#undef MODEL_COUNTER
#undef MODEL_HISTOGRAM

struct metric_own {
	char	name[NAME_BYTES_MAX];
	size_t	len;
};

#define COUNTER(field, name, help)		uint64_t field;
#define GAUGE(field, name, help)		uint64_t field;
#define HISTOGRAM(field, name, help)		struct histogram field;
#define OUTCOME(field, name, help)
#define FINDINGS(field, name, help)		uint64_t field[TYPE_COUNT];
#define LIMITED(field, name, help)		uint64_t field[SUBJECT_COUNT][DIMENSION_COUNT];
#define MODEL_COUNTER(field, name, help)
#define MODEL_HISTOGRAM(field, name, help)
struct metric {
	struct metric_model	*models;
	struct metric_model	 nobody;	/* of requests that no model answered */
	struct metric_own	 own[OWN_COUNT];	/* an operator's own types */
#include "watch/metric.tbl"
};
#undef COUNTER
#undef GAUGE
#undef HISTOGRAM
#undef OUTCOME
#undef FINDINGS
#undef LIMITED
#undef MODEL_COUNTER
#undef MODEL_HISTOGRAM

void metric_init(struct metric *);
void metric_release(struct metric *);

/* The series of a model by name, made if there is none; NULL without memory. */
struct metric_model *metric_model(struct metric *, struct slice name);

void metric_observe(struct histogram *, nanos);

/* Counts a request that has ended; `m` is of the model that answered, or the metric's nobody. */
void metric_record(struct metric *, struct metric_model *m, const struct record *);

/* Counts findings of a type. */
static inline void
metric_found(struct metric *m, enum detect_type type, uint64_t count)
{
	m->findings[type] += count;
}

/* An operator's own type is called so from now on; its count begins anew if it was not. */
void metric_own_name(struct metric *, enum detect_type, struct slice name);

/* Adds all of `part` to `sum`. */
must_use enum err metric_add(struct metric *sum, const struct metric *part);

/* The upper bounds of the buckets, METRIC_BUCKETS of them. */
const nanos *metric_bounds(void);

#endif
