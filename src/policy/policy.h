/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_POLICY_H
#define POLICY_POLICY_H

/*
 * policy - what may go where: the compiled form, numbers without names.
 *
 * conf/ resolves a configuration into these tables once; deciding reads them
 * and nothing else.  Everything that data can reach is a place with a
 * clearance: zones (and through them models), hosted tools, this host, logs,
 * and the caller through its bound's ceiling.  Kinds bring their level,
 * regions and requirements with them, so labels are closed before they are
 * asked about.  Immutable after it was made; lives in its snapshot.
 */

#include "core/label.h"
#include "core/limit.h"
#include "core/must.h"
#include "policy/reason.h"

enum duty {
#define DUTY(name, built, what)		DUTY_##name,
#include "policy/duty.tbl"
#undef DUTY
	DUTY_COUNT
};

enum feature {
#define FEATURE(name, when)		FEATURE_##name,
#include "policy/feature.tbl"
#undef FEATURE
	FEATURE_COUNT
};

extern const struct slice policy_duty_name[DUTY_COUNT], policy_feature_name[FEATURE_COUNT];

/* In the order of conf.tbl's words. */
enum capability { CAPABILITY_UNSAID, CAPABILITY_BASIC, CAPABILITY_MID, CAPABILITY_FRONTIER };

enum place_kind { PLACE_EDGE, PLACE_ON_PREM, PLACE_PRIVATE_CLOUD, PLACE_PUBLIC_API, PLACE_OTHER };

struct place {
	struct clearance	clearance;
	enum place_kind		kind;
	bool			self_operated, offline;
};

/* A dated widening of one place for one workload, beside the place's own clearance. */
struct widening {
	uint32_t		workload, place;
	struct clearance	clearance;
	int64_t			until;		/* the end, in seconds since 1970, UTC */
	uint32_t		exception;	/* its index in the configuration */
};

struct policy_model {
	uint32_t		place;
	enum capability		capability;
	uint64_t		features;	/* set of enum feature; all where not said */
	uint32_t		context_tokens;	/* 0: not said */
	uint32_t		latency_ms;	/* as declared; 0: not said */
	/* Picodollars for a token in and one out; INT64_MAX: unknown */
	int64_t			cost;
	bool			draining;
};

/* What ranks candidates: parts of a whole; all 0: as written. */
struct prefer {
	uint32_t		cost, latency, quality;
};

struct workload {
	struct label		floor;
	enum capability		capability;
	uint64_t		features;	/* that its models must have */
	uint32_t		latency_ms;	/* 0: no matter */
	uint32_t		output_max;	/* tokens; 0: not said */
	bool			offline;
	bool			reroute;	/* a refused explicit model may be replaced */
	bool			refused_degrade, down_degrade;
	bool			masks;		/* some of what is found is taken out */
	const struct label	*maskable;	/* what that can be, as of the policy */
	uint32_t		maskable_count;
	bool			prefers;	/* `prefer` is said; a group's does not count */
	struct prefer		prefer;
	uint32_t		duties;		/* set of enum duty */
	const uint64_t		*models;	/* set; NULL: all */
	const struct widening	*widening;	/* [widening_count] */
	uint32_t		widening_count;
};

/* What a caller's key bounds; keys that bound the same share one. */
struct bound {
	struct clearance	ceiling;	/* of its role and its key together */
	const uint64_t		*models, *workloads;	/* sets; NULL: all */
	uint32_t		role;
};

struct invariant;

struct policy {
	const struct label	*kind_label;	/* what each kind brings with it, itself included */
	const uint32_t		*kind_duties;
	uint32_t		kind_count;
	const struct label	*maskable;	/* what masks can take away, each once; closed */
	uint32_t		maskable_count;
	uint32_t		duties;		/* of every request */
	const struct place	*place;		/* zones by index, then tools */
	uint32_t		place_count;
	uint32_t		tool_first, tool_count;	/* hosted tools among the places */
	struct place		here;
	const struct policy_model *model;
	uint32_t		model_count;
	const struct workload	*workload;
	uint32_t		workload_count;	/* at least 1 */
	const struct bound	*bound;
	uint32_t		bound_count;	/* at least 1; [0] is of callers without a key */
	uint32_t		bound_first;	/* 1 where all callers have keys */
	const struct invariant	*invariant;	/* policy/invariant.h */
	uint32_t		invariant_count;
};

/* The label with what its kinds bring: idempotent, and never less restrictive. */
struct label policy_close(const struct policy *, struct label);

static inline bool
policy_set_has(const uint64_t *set, uint32_t index)
{
	return set == NULL || (set[index / 64] >> index % 64 & 1) != 0;
}

/* May it flow: REASON_NONE, or why not; and the exception on which that leans, or NULL. */
struct permit {
	enum reason		reason;
	const struct widening	*widening;
};

/* May content of a closed label go to a place for a workload, at `now` in seconds since 1970? */
struct permit policy_flow(const struct policy *, uint32_t workload, uint32_t place, struct label,
    int64_t now);

#endif
