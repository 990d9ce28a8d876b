/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_SNAPSHOT_H
#define CONF_SNAPSHOT_H

/*
 * snapshot - one configuration, whole, resolved and immutable.
 *
 * conf/load.c builds a snapshot from a file (or from what cli found on this
 * machine), checks all of it, and only then shows it to anyone.  Names have
 * become indexes and pointers into the snapshot's own memory; secrets sit in
 * `struct secret`, which has no way to be printed.  Workers share a snapshot
 * by reference; a request keeps the one with which it began.  Nothing in it
 * changes after it was made.
 */

#include <stdatomic.h>

#include "conf/caller.h"
#include "conf/row.h"
#include "conf/tenant.h"
#include "core/arena.h"
#include "policy/match.h"
#include "policy/policy.h"
#include "policy/vocabulary.h"
#include "regex/regex.h"

struct listen {
	struct address		 address;
	struct tls_context	*tls;		/* NULL: plain */
};

#define SNAPSHOT_HASH_BYTES	64

enum log_target { LOG_STDERR, LOG_FILE, LOG_NONE };

struct snapshot {
	_Atomic(uint64_t)	 references;
	uint64_t		 generation;
	char			 hash[SNAPSHOT_HASH_BYTES + 1];	/* SHA-256 of `effective`, in hex */
	struct arena		 arena;

	struct listen		 listen, admin;	/* data and control plane */
	uint32_t		 workers;
	uint32_t		 retain_days;	/* of entries; 0: for ever */
	enum log_target		 log_target;
	struct slice		 log_file;	/* with a NUL behind its end */
	struct slice		 ledger_origin;	/* empty: made from its key */
	nanos			 head_every;
	struct publish		 publish;
	struct alerting		 alerting;
	struct slice		 data, archive;	/* folders, as log_file; empty: none */
	struct clearance	 payloads;	/* of the store of prompts and answers */
	nanos			 payload_keep;	/* 0: there is none */
	uint64_t		 body_bytes_max;
	nanos			 request_wait, header_wait, drain_wait;
	struct gcra		 failed_logins;	/* of one address */

	struct hash_key		 hash_key;	/* random, of this process */
	const struct slice	*level;		/* names, least sensitive first */
	uint32_t		 level_count;
	const struct slice	*kind;
	const struct label	*kind_label;	/* what each kind brings with it, itself included */
	uint32_t		 kind_count;
	const struct slice	*region;	/* leaf regions; [0] is `unspecified`: anywhere */
	uint32_t		 region_count;
	const struct slice	*property;	/* agreements and properties that places hold */
	uint32_t		 property_count;

	const struct zone	*zone;
	uint32_t		 zone_count;
	const struct model	*model;
	uint32_t		 model_count;
	const struct group	*group;
	uint32_t		 group_count;
	struct prefer		 auto_prefer;	/* for the model name `auto` */
	const uint32_t		*every_model;	/* 0, 1, 2 …: what `auto` asks for */
	const struct key	*key;
	uint32_t		 key_count;
	const struct issuer	*issuer;
	uint32_t		 issuer_count;
	const struct tenant	*tenant;
	uint32_t		 tenant_count;
	const struct zone_file	*zone_file;	/* beside UTC */
	const struct tenant	*tenant_default;	/* NULL: others have no limits */
	struct name_table	 model_table, group_table, key_table, workload_table, tenant_table;

	const struct tool	*tool;
	uint32_t		 tool_count;
	const struct role	*role;		/* [0] is of the roles that are not told */
	uint32_t		 role_count;
	const struct rules	*rules;		/* what findings mean */
	unsigned		 detect_parts;	/* enum detect_parts; 0: nobody looks */
	const struct dictionary	*dictionary;	/* words that are looked for; or NULL */
	struct regex		*regex;		/* patterns that it looks for; or NULL */
	struct slice		 mask_note;	/* a system message about tokens; or empty */
	const struct handling	*handling;	/* by the policy's index of workloads */
	const struct workload_text *workload;	/* by the policy's index */
	uint32_t		 workload_count;
	bool			 workloads_said;
	uint32_t		 default_workload;	/* or MATCH_NONE */
	struct match		 match;
	const struct exception	*exception;
	uint32_t		 exception_count;
	const struct never	*never;		/* by the policy's index of invariants */
	struct policy		 policy;
	struct vocabulary	 vocabulary;	/* the names of its sets and indexes */
	struct tls_context	**tls;		/* all of them, each with one reference */
	uint32_t		 tls_count;
	struct slice		 effective;	/* what conf_print() writes */
	bool			 simulates;	/* the built-in providers are needed */
};

/* May everybody call?  On loopback only. */
static inline bool
snapshot_is_open(const struct snapshot *s)
{
	return s->key_count == 0 && s->issuer_count == 0;
}

struct snapshot *snapshot_ref(struct snapshot *);
void snapshot_unref(struct snapshot *);	/* the last reference wipes secrets and frees */

/* NULL when there is none.  Constant time in the number of models, groups, keys. */
const struct model *snapshot_model(const struct snapshot *, struct slice name);
const struct group *snapshot_group(const struct snapshot *, struct slice name);
const struct key *snapshot_key(const struct snapshot *, struct slice presented);

/* The issuer of an `iss`, or NULL. */
const struct issuer *snapshot_issuer(const struct snapshot *, struct slice iss);

/* All kinds but `credentials` up to a level, and wherever the caller is. */
struct clearance snapshot_ceiling(const struct snapshot *, uint32_t level);

/* The key of another snapshot of this process here: same id, same secret; NULL: revoked. */
const struct key *snapshot_key_again(const struct snapshot *, const struct key *);

/* The row of a tenant, or the one of all others; NULL: nothing is said of it. */
const struct tenant *snapshot_tenant(const struct snapshot *, struct slice name);

/* The index of a workload, or MATCH_NONE. */
uint32_t snapshot_workload(const struct snapshot *, struct slice name);

/* One word of a label, a level or a kind, joined to it; false if it is neither. */
bool snapshot_label_word(const struct snapshot *, struct slice word, struct label *);

/* The rank of a level, the index of a kind; false if there is none. */
bool snapshot_level(const struct snapshot *, struct slice name, uint32_t *rank);
bool snapshot_kind(const struct snapshot *, struct slice name, uint32_t *index);

#endif
