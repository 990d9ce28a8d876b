/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_ROW_H
#define CONF_ROW_H

/*
 * row - what a configuration is made of: zones, models, groups, keys and so on.
 *
 * Rows of one snapshot, with names resolved to pointers and indexes; made by
 * conf/load.c, immutable, alive as long as their snapshot.  The name is the
 * first member of every row that has one.
 */

#include "admit/allowance.h"
#include "conf/origin.h"
#include "conf/secret.h"
#include "core/hash.h"
#include "core/price.h"
#include "core/slice.h"
#include "core/unit.h"
#include "detect/weigh.h"
#include "dialect/vendor.h"
#include "policy/invariant.h"
#include "policy/policy.h"
#include "run/kernel.h"

/* A model's price_from that says: its own row of the configuration. */
#define PRICE_FROM_FILE	"configuration"

/* Names found by hash: a slot holds an index + 1, or 0; mask + 1 slots. */
struct name_table {
	const uint32_t	*slot;
	uint64_t	 mask;
};

struct zone {
	struct slice		name;
	struct slice		kind;		/* edge, on_prem, private_cloud, public_api */
	bool			self_operated, offline;
	struct clearance	clearance;	/* regions and holds included */
	uint32_t		index;		/* in snapshot.zone; its place in the policy */
};

/* A tool that vendors host: a place behind the zones. */
struct tool {
	struct slice		name;
	bool			self_operated;
	struct clearance	clearance;
};

struct role {
	struct slice		name;
	struct clearance	ceiling;
	bool			explain;
};

/* What people say of a workload; its numbers are policy.workload[index]. */
struct workload_text {
	struct slice		name;		/* empty: of a file without workloads */
	struct slice		owner, why, volume;
	struct slice		review_by;	/* YYYY-MM-DD, or empty */
	struct allowance	limits;
	uint64_t		number;		/* allowance_number() */
};

/* What a workload does about what its answers must not hold. */
enum watch_mode { WATCH_OFF, WATCH_OBSERVE, WATCH_MASK, WATCH_STOP };

/* What a workload does about findings. */
struct handling {
	const uint8_t		*action;	/* [TYPE_COUNT] of enum action; NULL: raise */
	bool			masks;		/* some are masked before anything is sent */
	bool			refuses, allows;
	bool			when_refused;	/* what can be is, where no model may have it */
	bool			mask_first;	/* before a less capable model is taken */
	uint64_t		allowed[TYPE_WORDS];	/* set of types */
	/* Of its answers */
	enum watch_mode		watch;
	const struct slice	*host;		/* links may lead there; each begins with a dot */
	uint32_t		host_count;
	struct slice		canary;		/* must not come out; or empty */
	bool			keeps_content;	/* in the store of payloads */
};

struct exception {
	struct slice		name, approved_by, why, until;
	uint32_t		workload, zone;
};

/* What people say of an invariant; it is snapshot.invariant[index]. */
struct never {
	struct slice		name, basis;
	struct slice		pack;		/* that it is of; empty: the file's own */
	uint32_t		line, column;	/* where it stands; 0: not in the file */
	uint64_t		said;		/* set of the keys that were said */
};

struct model {
	struct slice		 name;
	struct slice		 id;		/* what the vendor calls it */
	struct slice		 id_json;	/* the same in quotes, escaped, to be spliced in */
	const struct vendor	*vendor;
	const struct zone	*zone;
	struct slice		 query;		/* "api-version=…" of Azure, or empty */
	struct secret		 key;		/* absent: no credentials are sent */
	struct endpoint		 at;		/* the server that it is behind */
	struct price		 price;
	struct slice		 price_from;	/* for people; empty: there is none */
	uint32_t		 context_tokens;	/* 0: not said */
	struct allowance	 limits;
	uint64_t		 number;	/* allowance_number() */
	nanos			 first_byte_wait, stall_wait;
	uint32_t		 index;		/* in snapshot.model */
	struct slice		 capability;	/* basic, mid, frontier; empty: not said */
	uint64_t		 features;	/* set of enum feature */
	bool			 features_said;
	uint32_t		 latency_ms;	/* 0: not said */
	struct slice		 version;	/* what its answers must call themselves */
	bool			 version_flag;	/* another one is passed on, and flagged */
	bool			 drain;
	bool			 simulated;	/* url is conf_options.simulated_url */
};

struct group {
	struct slice		 name;
	const struct model	**model;
	const uint32_t		*index;		/* theirs */
	uint32_t		 count;
	struct prefer		 prefer;
};

struct key {
	struct slice		 id, tenant, role, team;	/* no team: empty */
	const struct budgets	*budgets;	/* NULL: none */
	uint32_t		 index, bound;	/* its own; in policy.bound */
	const struct bound	*own;		/* instead, of a key that no file tells of */
	bool			 explain;	/* its role may ask why */
	struct hash_digest	 digest;	/* of the secret, under snapshot.hash_key */
	const uint64_t		*models;	/* set of indexes that it may use; NULL: all */
	struct allowance	 limits;
	uint64_t		 number;	/* allowance_number(), by its id */
};

#endif
