/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_ACCOUNT_H
#define SIM_ACCOUNT_H

/*
 * account - one line of the gateway's log, read back.
 */

#include "core/err.h"
#include "core/limit.h"
#include "core/slice.h"
#include "sim/world.h"

struct wish;

struct account_attempt {
	struct slice	model;
	enum err	err;
	uint64_t	status;
};

/* The decision of a record: sets as the log writes them, brackets included. */
struct account_decision {
	bool		there, degraded;
	struct slice	workload, level, exception;
	struct slice	kinds, regions, requires, plan, refused;
	struct slice	own_level, own_kinds;	/* without floor and what kinds bring */
	uint64_t	now, tokens;
};

struct account {
	struct account	*next;
	struct slice line;		/* as it stands in the log */
	struct slice id, caller, tenant, operation, model_asked, model, zone, label, step, policy,
	    client, cost, lost, before;
	bool		 stream;
	uint64_t	 status;
	enum err	 err;
	struct account_attempt attempt[CANDIDATE_MAX];
	int		 attempts;
	bool		 usage_known, estimated;
	uint64_t	 input, output, cached;
	uint64_t	 request_bytes, answer_bytes, events, duration_us;
	uint64_t	 masked;	/* spans; `before`: the level that it had before */
	struct account_decision decision;
	bool		 cut;		/* written before an end that its client did not hear */
	struct wish	*wish;		/* whose it is; NULL: not known yet */
};

/*
 * All records of a log, in order, and how many lines there are; complains of
 * those that are none.  A durable record that was written, but not known to be
 * on disk, is followed by another one, which holds.
 */
struct account *account_read_all(struct world *, struct slice log, uint64_t *lines);

/* An error's row by the name that records give it; ERR_COUNT if there is none. */
enum err account_err(struct slice name);

#endif
