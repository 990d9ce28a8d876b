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

#include "core/arena.h"
#include "core/hash.h"
#include "core/label.h"
#include "core/plan.h"
#include "core/price.h"
#include "core/slice.h"
#include "core/unit.h"
#include "dialect/vendor.h"
#include "run/kernel.h"
#include "wire/url.h"

struct tls_context;

/* Names found by hash: a slot holds an index + 1, or 0; mask + 1 slots. */
struct name_table {
	const uint32_t	*slot;
	uint64_t	 mask;
};

/* Bytes that may be sent to their owner and nowhere else.  Read only by secret_reveal(). */
struct secret {
	struct slice	hidden;
};

struct zone {
	struct slice		name;
	struct slice		kind;		/* edge, on_prem, private_cloud, public_api */
	bool			self_operated, offline;
	struct clearance	clearance;	/* regions and holds included */
};

struct model {
	struct slice		 name;
	struct slice		 id;		/* what the vendor calls it */
	struct slice		 id_json;	/* the same in quotes, escaped, to be spliced in */
	const struct vendor	*vendor;
	const struct zone	*zone;
	struct url		 url;		/* base, version path included */
	struct slice		 query;		/* "api-version=…" of Azure, or empty */
	struct secret		 key;		/* absent: no credentials are sent */
	struct slice		 proxy;		/* "host:port" for CONNECT, or absent */
	struct url		 proxy_url;
	struct tls_context	*tls;		/* of https; never NULL then */
	uint64_t		 pool_id;	/* equal where connections may be shared */
	unsigned		 address_allow;	/* enum dns_allow */
	struct price		 price;
	uint32_t		 context_tokens;	/* 0: not said */
	uint32_t		 concurrency;	/* requests in flight at most; 0: no limit */
	nanos			 first_byte_wait, stall_wait;
	uint32_t		 index;		/* in snapshot.model */
	struct slice		 capability;	/* basic, mid, frontier; empty: not said */
	const struct slice	*feature;	/* as declared */
	uint32_t		 feature_count;
	bool			 simulated;	/* url is conf_options.simulated_url */
};

struct group {
	struct slice		 name;
	const struct model	**model;
	uint32_t		 count;
	enum prefer		 prefer;
};

struct key {
	struct slice		 id, tenant, role;
	struct hash_digest	 digest;	/* of the secret, under snapshot.hash_key */
	const uint64_t		*models;	/* set of indexes that it may use; NULL: all */
	uint32_t		 index;
};

struct listen {
	struct address		 address;
	struct tls_context	*tls;		/* NULL: plain */
};

enum log_target { LOG_STDERR, LOG_FILE, LOG_NONE };

struct snapshot {
	_Atomic(uint64_t)	 references;
	uint64_t		 generation;
	char			 hash[17];	/* of the effective configuration, hexadecimal */
	struct arena		 arena;

	struct listen		 listen, admin;	/* data and control plane */
	uint32_t		 workers;
	enum log_target		 log_target;
	struct slice		 log_file;	/* with a NUL behind its end */
	uint64_t		 body_bytes_max;
	nanos			 request_wait, header_wait, drain_wait;

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
	enum prefer		 auto_prefer;	/* for the model name `auto` */
	const struct key	*key;
	uint32_t		 key_count;	/* 0: open, on loopback only */
	struct name_table	 model_table, group_table, key_table;
	struct tls_context	**tls;		/* all of them, each with one reference */
	uint32_t		 tls_count;
	struct slice		 effective;	/* what conf_print() writes */
	bool			 simulates;	/* the built-in providers are needed */
};

struct snapshot *snapshot_ref(struct snapshot *);
void snapshot_unref(struct snapshot *);	/* the last reference wipes secrets and frees */

/* NULL when there is none.  Constant time in the number of models, groups, keys. */
const struct model *snapshot_model(const struct snapshot *, struct slice name);
const struct group *snapshot_group(const struct snapshot *, struct slice name);
const struct key *snapshot_key(const struct snapshot *, struct slice presented);

/* The rank of a level, the index of a kind; false if there is none. */
bool snapshot_level(const struct snapshot *, struct slice name, uint32_t *rank);
bool snapshot_kind(const struct snapshot *, struct slice name, uint32_t *index);

/* The one way to a secret's bytes: to be written to its own origin. */
struct slice secret_reveal(const struct secret *);

#endif
