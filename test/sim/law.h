/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_LAW_H
#define SIM_LAW_H

/*
 * law - the policy of one version of a scene, in the judge's own words.
 *
 * It is thrown with dice, written into the configuration as YAML, and kept as
 * it was meant: the court reads this and not what the gateway made of the YAML.
 * Sets are arrays of bool beside lists of names, so that nothing here shares a
 * representation with the policy that it is held against.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/text.h"
#include "sim/dice.h"

#define LAW_LEVELS	4
#define LAW_KINDS	8
#define LAW_OWN_KINDS	5		/* the first that is the operator's own */
#define LAW_PII	0
#define LAW_CREDENTIALS	2
#define LAW_OPAQUE	3
#define LAW_REGIONS	4		/* leaves; 0 is a place that is not told */
#define LAW_PROPERTIES	5
#define LAW_AGREEMENTS	2		/* so many of the first are agreements */
#define LAW_TOOLS	2
#define LAW_ROLES	2
#define LAW_ZONES	4
#define LAW_MODELS	8
#define LAW_CALLERS	3
#define LAW_WORKLOADS	3
#define LAW_EXCEPTIONS	3
#define LAW_FEATURES	9
#define LAW_VALUES	3
#define LAW_NOTE	"Such words are names."

enum law_feature {
	LAW_USES_TOOLS, LAW_USES_VISION, LAW_USES_AUDIO, LAW_USES_FILES, LAW_USES_CHOICES,
	LAW_USES_SEED, LAW_USES_CHAT, LAW_USES_COMPLETIONS, LAW_USES_EMBEDDINGS,
};

/* What is planted in texts, and certainly found. */
enum law_value { LAW_EMAIL, LAW_SSN, LAW_SECRET };

enum law_act { LAW_RAISE, LAW_ALLOW, LAW_MASK, LAW_REFUSE };
enum law_watch { LAW_NO_WATCH, LAW_OBSERVE, LAW_LEAVE_OUT, LAW_STOP };

extern const char *const law_value[LAW_VALUES];		/* their types */
extern const char *const law_level[LAW_LEVELS], *const law_kind[LAW_KINDS];
extern const char *const law_region[LAW_REGIONS], *const law_property[LAW_PROPERTIES];
extern const char *const law_tool[LAW_TOOLS], *const law_feature[LAW_FEATURES];

struct law_label {
	unsigned	level;
	bool		kind[LAW_KINDS];
	bool		bound;			/* to these regions; else it may be anywhere */
	bool		region[LAW_REGIONS];
	bool		requires[LAW_PROPERTIES];
};

struct law_place {
	bool		said;
	unsigned	level;
	bool		kind[LAW_KINDS];
	bool		region[LAW_REGIONS];
	bool		holds[LAW_PROPERTIES];
	bool		self, offline;
	bool		plain;			/* there are no kinds but the built-in ones */
};

struct law_ceiling {
	bool		said;
	bool		level_alone;		/* stands for all kinds but credentials */
	unsigned	level;
	bool		kind[LAW_KINDS];
};

struct law_role {
	struct law_ceiling ceiling;
	bool		explain;
};

struct law_caller {
	bool		there;
	bool		turned;			/* its secret is another one */
	int		role;			/* -1: one that is not told */
	struct law_ceiling ceiling;
	bool		bounded;		/* to these workloads */
	bool		workload[LAW_WORKLOADS];
};

enum law_match { LAW_BY_NAME, LAW_BY_HEADER, LAW_BY_METADATA, LAW_BY_MODEL };

struct law_workload {
	enum law_match	match;
	struct law_label floor;
	unsigned	capability;		/* 0: not said */
	bool		offline, reroute, refused_degrade, down_degrade;
	bool		bounded;		/* to these models */
	bool		model[LAW_MODELS];
	bool		durable, no_content_log, pinned, deterministic;
	enum law_act	act[LAW_VALUES];
	bool		refused_mask;
	enum law_watch	watch;
};

struct law_exception {
	bool		there;
	int		workload, zone;
	unsigned	level;
	bool		kind[LAW_KINDS], waives[LAW_PROPERTIES];
	int64_t		until;			/* seconds since 1970 */
};

struct law_model {
	unsigned	capability;
	bool		features_said;
	bool		lacks[LAW_FEATURES];
	uint64_t	context;		/* 0: not said */
	bool		drain, other_version, flag;
};

struct law {
	bool		rich;			/* else there are levels of zones alone */
	bool		detects;		/* the values, and nothing else */
	unsigned	value_level[LAW_VALUES];
	bool		own_kind[LAW_KINDS];	/* one's own kinds that are known */
	bool		kind_said[LAW_KINDS];
	struct law_label brings[LAW_KINDS];
	struct law_place zone[LAW_ZONES], here, tool[LAW_TOOLS];
	struct law_role	role[LAW_ROLES];
	struct law_caller caller[LAW_CALLERS];
	int		workloads;		/* 0: the file has none */
	struct law_workload workload[LAW_WORKLOADS];
	int		fallback;		/* default_workload; -1: none */
	struct law_exception exception[LAW_EXCEPTIONS];
	struct law_model model[LAW_MODELS];
};

/* Throws a law for so many zones and models; `now` in seconds since 1970. */
void law_throw(struct law *, struct dice *, int zones, int models, int64_t now);

/* Makes it let much pass, so that there is much to enter. */
void law_loosen(struct law *, int zones);

/* Makes it stricter in one way or another. */
void law_tighten(struct law *, struct dice *, int zones, int models, int64_t now);

/* The parts of the configuration, as YAML. */
void law_put_places(struct text *, const struct law *, int zones);
void law_put_model(struct text *, const struct law *, int model);
void law_put_caller(struct text *, const struct law *, int caller);
void law_put_workloads(struct text *, const struct law *);
void law_put_detection(struct text *, const struct law *);

/* Adds to a text, which has room. */
void law_put(struct text *, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
