/* SPDX-License-Identifier: Apache-2.0 */
#ifndef IMPORT_WORK_H
#define IMPORT_WORK_H

/*
 * work - an import in the making.
 *
 * Each part of the input is read by one file of this folder, in the order of
 * import_litellm(): settings, deployments, names and what stands in for them.
 * LiteLLM's deployments become models, its model names become models or groups,
 * its fallbacks and aliases become groups.  Nodes are those of yaml/node.h;
 * everything lives in the import's arena.
 */

#include "yaml/node.h"
#include "yaml/report.h"
#include "dialect/vendor.h"
#include "import/import.h"
#include "import/note.h"

/* Where a model stands, as far as its address tells. */
enum abode {
	PLACE_LOCAL,			/* this machine, or a private network */
	PLACE_PRIVATE,			/* an address of one's own, whoever runs it */
	PLACE_PUBLIC,			/* a vendor's API */
	PLACES,
};

struct provider {
	struct slice	name, vendor, key_env, base_env, base, text;
};

/* What stands in for a name: other names, in their order. */
struct fallback {
	uint32_t		 name;
	const struct fallback	*next;
};

enum fallback_kind { FALLBACK_GENERAL, FALLBACK_CONTEXT, FALLBACK_POLICY, FALLBACK_KINDS };

/* A name that callers use: of deployments, or an alias. */
struct public {
	struct slice		 asked;		/* as LiteLLM has it */
	struct slice		 name;		/* as it must be here */
	const struct node	*node;		/* its first mention that was carried over */
	struct slice		 path;		/* of that */
	struct deployment	*first;		/* by their `order`; NULL: none was carried over */
	uint32_t		 alias_of;	/* itself, if it is none */
	const struct fallback	*fallback, **last;
	bool			 said[FALLBACK_KINDS];
};

struct deployment {
	const struct node	*entry, *params, *info, *values;	/* NULL: not there */
	struct slice		 path, params_path;
	uint32_t		 index, public;
	struct deployment	*next;
	uint64_t		 order;
	const struct provider	*provider;
	const struct vendor	*vendor;
	enum abode		 place;
	bool			 own_address;	/* the file says where it is */
	bool			 in_clear;	/* a key may not be sent there */
	struct slice		 name, id, url, api_version, variable;
	struct slice		 input, output, cached;	/* dollars per million */
	uint64_t		 context, concurrency, requests, first_byte_ms;
	uint64_t		 features;
};

/* A secret that stood in the file, and where it goes. */
struct literal {
	struct slice		 bytes, variable;
};

struct work {
	struct import		*in;
	struct arena		*arena;
	const struct import_options *options;
	const struct node	*root, *variables;
	bool			*variable_used;		/* of environment_variables */
	struct deployment	*deployment;
	uint32_t		 deployment_count;
	struct public		*public;
	uint32_t		 public_count;
	const struct fallback	*general;		/* for names without their own */
	const struct fallback	**general_last;
	struct slice		*mentioned;		/* variables that the file names: a table */
	size_t			 mentioned_mask;
	struct literal		*literal;
	uint32_t		 literal_count;
	uint64_t		 first_byte_ms;		/* for models without their own */
	struct slice		 prefer;		/* of groups; empty: order */
	struct slice		 master;		/* variable of the master key */
	bool			 place_used[PLACES];
};

/* ---- setting.c ---- */

enum setting_map { TOP, ENTRY, PARAMS, INFO, CREDENTIAL, VALUES, ALIAS, LITELLM, ROUTER, GENERAL };

/* A note for each key of the map, by setting.tbl. */
void setting_walk(struct work *, const struct node *, enum setting_map, struct slice path);

/* ---- value.c: what scalars mean ---- */

/* The text of a scalar, os.environ/NAME replaced; false when that is not known. */
bool value_text(struct work *, const struct node *, struct slice *out);

/* A variable's value; false when it is not known. */
bool value_variable(struct work *, struct slice name, struct slice *out);

/* A decimal number times 10^shift, rounded up; false with an error in the report. */
bool value_scaled(struct work *, const struct pair *, int shift, uint64_t *out, bool *rounded);

/* Dollars per token as dollars per million, or empty. */
struct slice value_price(struct work *, const struct pair *);

bool value_is_true(const struct node *);
bool value_is_text(struct work *, const struct pair *);

/* ---- name.c ---- */

/* A good name that nobody has, made of the text and, if not empty, a tail. */
struct slice name_give(struct work *, struct slice text, struct slice tail);
struct public *name_find(struct work *, struct slice asked);
struct public *name_add(struct work *, struct slice asked);
/* The variable for a secret: of os.environ/NAME, or one that is made up for its bytes. */
struct slice name_variable(struct work *, const struct pair *, struct slice suggestion);
void name_want(struct work *, struct slice variable);
bool name_mention_all(struct work *);

/* ---- provider.c ---- */
const struct provider *provider_find(struct slice name);

/* Of a model that is written without one, or NULL. */
const struct provider *provider_guess(struct slice model);

/* ---- place.c, deployment.c, fallback.c, write.c ---- */

/* Where it is; the result says why not, or is empty. */
struct slice place_find(struct work *, struct deployment *);
void deployment_read_all(struct work *, const struct node *list);
struct pair deployment_param(const struct deployment *, struct slice key);

/* Takes a bit out of the set and says the word for it. */
struct slice deployment_feature(uint64_t *set);
void fallback_read_all(struct work *);
void write_all(struct work *);

#endif
