/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STUDY_PAST_H
#define STUDY_PAST_H

/*
 * past - a line of the log read back, and decided again.
 *
 * A record holds the facts of its decision by name; read with the policy that
 * made it, they give the same verdict, text for text.  A model's health is told
 * by its reason (`breaker`, `concurrency`, `rate`), measured latencies by `latency_ns`,
 * and which models were asked by `model_asked`.  Read with another policy, they
 * say what that one would have done; the body is gone, so the workload stays
 * the one that was found.
 */

#include "study/ruling.h"

struct past {
	struct json	json;
	uint32_t	decision;	/* its node; 0: none was made */
	bool		opened;		/* written before anything was sent; another line follows */
	struct slice	id, time, caller, tenant, model_asked, workload, err, policy;
};

enum past_line {
	PAST_RECORD,
	PAST_OTHER,		/* a line of the log that is no record */
	PAST_WRONG,		/* not JSON, or cut off: *why says so */
};

/* Reads a line; borrows from it. */
enum past_line past_read(struct past *, struct arena *, struct slice line, struct text *why);

/*
 * Decides again.  ERR_CONF where a name of the record is not in this policy, with *why;
 * ERR_MEMORY.  A caller or workload that is gone is refused, as the gate would.
 */
must_use enum err past_rule(const struct past *, const struct roster *, struct arena *,
    struct ruling *out, struct text *why);

/*
 * Compares the record's decision with this ruling's, member by member; writes a line for each that
 * differs.  ERR_OK if none does, ERR_CONF if any does; ERR_MEMORY.
 */
must_use enum err past_compare(const struct past *, const struct ruling *, struct arena *,
    struct text *differences);

#endif
