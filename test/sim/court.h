/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_COURT_H
#define SIM_COURT_H

/*
 * court - what the law says of a request, without asking the gateway.
 *
 * Plain loops over names, written from the documentation and not from
 * src/policy, so that both would have to be wrong in the same way.  A plea is
 * one request under one version of the configuration at one moment.
 */

#include "sim/wish.h"

#define COURT_NO_WORKLOAD	(-1)	/* the file has none, and none is needed */
enum court_cover { COURT_PLAIN, COURT_ASKED, COURT_ALL };

#define COURT_REFUSED		(-2)	/* the request fits none that its caller may choose */

struct plea {
	const struct version	*version;
	const struct wish	*wish;
	int			 workload;	/* an index, or COURT_NO_WORKLOAD */
	struct law_label	 taint;		/* what its conversation came to before it */
	struct law_label	 label;		/* with the floor, and all that kinds bring */
	struct law_label	 origin;	/* as it was before anything was masked */
	int64_t			 now;		/* seconds since 1970 */
	uint64_t		 tokens;
	bool			 degraded;	/* capability is not asked for */
};

/* Does this version know its caller, and who is that? */
bool court_knows(const struct version *, const struct wish *);

/* May its caller ask for decisions? */
bool court_explains(const struct version *, const struct wish *);

/* The workload of a request; COURT_REFUSED if it has none. */
int court_workload(const struct version *, const struct wish *);

/* Opens a plea under the version with which the request began. */
struct plea court_plea(const struct version *, const struct wish *, int workload);

/* The same in a conversation that has come to that level and those kinds. */
struct plea court_tainted(const struct version *, const struct wish *, int workload,
    const struct law_label *taint);

/* Masks what its workload always masks, or all that can be: its label is what is left. */
void court_mask(struct plea *, enum court_cover);

/* May it be masked so, which it is not yet?  And would that fail, for a value that must stay? */
bool court_may_mask(const struct plea *, enum court_cover);
bool court_mask_fails(const struct plea *, enum court_cover);

/* Does its workload refuse what is in it? */
bool court_refuses_content(const struct plea *);

/* The level of its content, without its workload's floor, as it came. */
unsigned court_level_before(const struct plea *);

/* The label of a body as it was sent: what it says, and those values that are in these bytes. */
struct plea court_sent(const struct plea *, struct slice body);

/* The models that it names; 0 if its caller may not name them or they are not there. */
uint32_t court_scope(const struct version *, const struct wish *);
uint32_t court_everything(const struct version *);

/* Why a model is refused, as reason.tbl calls it; NULL: it is not, but for its health. */
const char *court_refuses(const struct plea *, int model);

/* Why the newest version forbids what an older one allowed; NULL: it does not. */
const char *court_forbids(const struct plea *old, const struct version *newest, int model);

/* A reason of policy, or one of needs and of the moment? */
bool court_is_policy(const char *reason);

/* What the duties of its workload put into the body; "" for nothing. */
const char *court_inserts(const struct plea *);

/* Is its record on disk before the end of its answer?  What comes after it is not in it. */
bool court_is_durable(const struct version *, const struct wish *);

/* Is it refused for a duty, before anybody is asked? */
bool court_denies(const struct plea *);

#endif
