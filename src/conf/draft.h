/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_DRAFT_H
#define CONF_DRAFT_H

/*
 * draft - a snapshot in the making.
 *
 * Each part of the file is resolved by one function, in the order in which
 * parts speak of each other: levels, kinds, regions, zones, models, groups,
 * keys.  A part that is wrong reports and leaves something usable behind, so
 * that the next part's mistakes are found too; what is left of a wrong draft is
 * thrown away.  Where a thing came from (a secret's source, a file's name) is
 * kept beside the snapshot, for print.c.
 */

#include "conf/load.h"
#include "conf/pack.h"
#include "conf/resolve.h"
#include "yaml/node.h"
#include "yaml/report.h"
#include "conf/schema.h"

/* A name of a region: one leaf, or several. */
struct region {
	struct slice		 name;
	const struct node	*members;	/* NULL: a leaf */
	uint64_t		 leaves;
	enum { REGION_NEW, REGION_OPEN, REGION_DONE } state;
};

/* As the file said it. */
struct model_source {
	struct slice		 key;		/* env:NAME, file:PATH, or absent */
	struct tls_source	 tls;
	struct slice		 api_version;
};

/* One client identity that several models share. */
struct tls_shared {
	struct tls_source	 source;
	struct tls_context	*context;
};

struct draft {
	const struct conf_options *options;
	struct report	*report;
	struct arena		*arena;		/* the snapshot's */
	struct arena		 scratch;
	struct snapshot		*s;
	struct fields		 file;
	struct pack		 pack[PACK_COUNT];
	uint32_t		 pack_count;
	bool			 in_pack;	/* names are a pack's, not the file's */

	struct slice		*kind;
	struct label		*kind_label;
	struct zone_file	*zone_file;	/* time zones that were read */
	struct label		*kind_said;	/* by the file, before packs */
	uint32_t		*kind_duties;
	struct slice		*kind_basis;
	struct slice		*property, *leaf;
	struct region		*region;
	uint32_t		 region_count;
	struct slice		*zone_operator;
	struct zone		*zone;
	struct clearance	 here;
	struct slice		*tool_operator;
	struct tool		*tool;
	struct role		*role;
	const struct node	*prices;	/* of the file of `prices`; NULL: there is none */
	struct slice		 prices_from;
	struct model		*model;
	struct model_source	*model_source;
	struct tls_shared	*tls_shared;
	uint32_t		 tls_shared_count;
	struct tls_source	 listen_tls, admin_tls;
	struct group		*group;
	struct tenant		*tenant;
	struct issuer		*issuer;
	struct tls_source	*issuer_tls, publish_tls, alerts_tls;
	struct slice		 alerts_secret;	/* where from */
	struct key		*key;
	struct slice		*key_source;
	struct bound		*key_bound;
	struct bound		*issuer_bound;	/* of the roles of each, one after another */
	uint32_t		 issuer_bound_count;
	struct rules		*rules;
	bool			 type_said[TYPE_COUNT];
	struct own_lists	 lists;
	uint32_t		 combinations_said;	/* set of enum combine */
	struct handling		*handling;
	struct workload		*workload;
	struct workload_text	*workload_text;
	struct clue		*clue;
	struct condition	*condition;
	uint32_t		*condition_first;
	uint32_t		 condition_count, condition_room;
	struct exception	*exception;
	struct widening		*widening;	/* by exception; workload MATCH_NONE: wrong */
	struct never		*never;
	struct invariant	*invariant;
};

void draft_levels(struct draft *);
void draft_kinds(struct draft *);
void draft_regions(struct draft *);
void draft_zones(struct draft *);
void draft_here(struct draft *);
void draft_payloads(struct draft *);
void draft_tools(struct draft *);
void draft_roles(struct draft *);
void draft_models(struct draft *);
void draft_groups(struct draft *);
void draft_workloads(struct draft *);
void draft_tenants(struct draft *);
void draft_detection(struct draft *);
void draft_keys(struct draft *);
void draft_issuers(struct draft *);
void draft_exceptions(struct draft *);
void draft_policy(struct draft *);
/* never.c: the invariants of the file, then those of packs. */
void draft_never(struct draft *);

/* proof.c: proves them, and tells of workloads that nothing can serve; after draft_policy(). */
void draft_proof(struct draft *);

/* origin.c: where a model is, and what may be sent there. */
void draft_origin(struct draft *, const struct fields *, struct model *, struct model_source *);

/* The same of servers that are no models. */
enum server { SERVER_KEYS, SERVER_WITNESS, SERVER_ALERTS };
void draft_server_origin(struct draft *, enum server, const struct fields *, struct endpoint *,
    struct tls_source *);

/* tls.c: contexts, shared where the files are the same. */
struct tls_context *draft_client_tls(struct draft *, const struct node *,
    const struct tls_source *);
struct tls_context *draft_server_tls(struct draft *, const struct node *, struct tls_source *);

/*
 * secret.c: the bytes behind `env:NAME` or `file:PATH`, in the snapshot's arena; absent, with an
 * error, when they cannot be had.  Detached, the source; the second reads all the same.
 */
struct slice draft_secret(struct draft *, const struct node *);
struct slice draft_secret_read(struct draft *, const struct node *);

/* print.c: snapshot->effective and its hash. */
void draft_print(struct draft *);

#endif
