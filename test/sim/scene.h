/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SCENE_H
#define SIM_SCENE_H

/*
 * scene - the configuration of a history and the providers that it names.
 *
 * Everything follows from the seed: zones and what they are cleared for,
 * providers with scripts of their faults, models, groups, callers with keys.
 * A reload makes another version of the same scene, often a stricter one; the
 * judge finds by its hash the version with which a request began.  Providers
 * are servers on the same loop with a memory pool of their own.
 */

#include "conf/snapshot.h"
#include "core/text.h"
#include "fake/fake.h"
#include "http/server.h"
#include "run/memory.h"
#include "sim/law.h"
#include "sim/purse.h"
#include "sim/world.h"

#define SCENE_ZONES	LAW_ZONES
#define SCENE_PROVIDERS	5
#define SCENE_MODELS	LAW_MODELS
#define SCENE_GROUPS	2
#define SCENE_CALLERS	LAW_CALLERS
#define SCENE_VERSIONS	8
#define SCENE_NAME	32

struct provider {
	char			 host[SCENE_NAME];	/* as in URLs */
	char			 key[SCENE_NAME];	/* its vendor's; empty: none */
	int			 zone;
	bool			 is_public, is_up;
	bool			 steady;	/* its name always leads there */
	struct address		 address;
	struct memory_pool	 memory;
	struct fake		 fake;
	struct server		 server;
};

/* One model as a version of the configuration has it. */
struct cast {
	bool		there;
	int		provider, zone;
	unsigned	concurrency;
	unsigned	requests, tokens;	/* a minute, of output; 0: no limit */
	char		id[SCENE_NAME];	/* that its vendor knows it by */
	bool		priced;
	uint64_t	price_in, price_out;	/* picodollars a token */
};

struct version {
	char		hash[SNAPSHOT_HASH_BYTES + 1];
	/* The kernel's call from which it was in force; UINT64_MAX: never */
	uint64_t	since;
	struct law	law;
	struct cast	model[SCENE_MODELS];
	uint32_t	group[SCENE_GROUPS];		/* sets of models */
	unsigned	requests[SCENE_CALLERS];	/* a minute, of a caller; 0: no limit */
	uint32_t	caller[SCENE_CALLERS];
	bool		keyed;
	uint64_t	body_bytes_max;
	nanos		request_wait, header_wait;
};

struct scene {
	struct world		*world;
	struct loop		*loop;
	struct dice		 dice;
	bool			 calm;		/* no faults at all */
	bool			 books;		/* there is a data folder */
	struct purses		 purses;	/* then */
	bool			 rush;		/* everybody comes at once */
	int			 zones, providers, models;
	struct provider		 provider[SCENE_PROVIDERS];
	struct version		 version[SCENE_VERSIONS];
	int			 versions;
	struct hash_key		 hash_key;
	struct address		 gate;
};

/* Sets what the machine is like; before anything is opened. */
void scene_weather(struct world *, struct dice *, bool calm);

/* Chooses zones and providers, and lets the providers serve. */
void scene_open(struct scene *, struct world *, struct loop *, bool calm);

/* The next version of the configuration, loaded; NULL when there were enough. */
struct snapshot *scene_version(struct scene *);

/* Providers stop; and, when no fiber of theirs is left, give everything back. */
void scene_drain(struct scene *);
bool scene_is_idle(const struct scene *);
void scene_close(struct scene *);

const struct version *scene_find(const struct scene *, struct slice hash);

/* The newest version that was in force at a call of the kernel. */
const struct version *scene_newest(const struct scene *, uint64_t call);

/* "m3" to 3, and so on; -1 if it is none. */
int scene_index(struct slice name, char first, int count);

#endif
