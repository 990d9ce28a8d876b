/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_PACK_H
#define CONF_PACK_H

/*
 * pack - a law's or a standard's part of the policy, switched on by name.
 *
 * The packs of pack.tbl are YAML in the configuration's own language and lie in
 * the program.  What a pack says is joined with what the file says: levels by
 * the highest, regions by intersection, requirements and duties by union; so
 * the file can only make it stricter, and joining twice is joining once.  A
 * pack's `regions` are those of its names that the file knows: at least one
 * must be.  While a pack is being read, messages stand at its name in the
 * file's `packs` and begin with it, because its own lines are nobody's to mend.
 */

#include "core/slice.h"
#include "yaml/node.h"

struct draft;

enum pack_id {
#define PACK(name, what)	PACK_##name,
#include "conf/pack.tbl"
#undef PACK
	PACK_COUNT
};

extern const struct slice pack_name[PACK_COUNT], pack_what[PACK_COUNT];

struct pack {
	enum pack_id		 id;
	const struct node	*at;		/* its name in the file */
	const struct node	*root;
	bool			 broken;	/* something of it is missing, and was reported */
};

/* The pack as it lies in the program. */
struct slice pack_yaml(enum pack_id);

/* Reads `packs`: which there are, before anything that they speak of. */
void draft_packs(struct draft *);

/* The kinds of all packs are known by name from then on; the count with them. */
uint32_t draft_pack_kinds(struct draft *, uint32_t count);

/* Joins what kinds bring, once levels and regions are known and the file's part is done. */
void draft_pack_labels(struct draft *);

/* Duties of every request, of all packs. */
uint32_t draft_pack_duties(struct draft *);

/*
 * The `never` of the next pack that has one, from *at = 0 on, and its name; messages
 * are about that pack until the next call.  NULL: there are no more, and messages
 * are about the file again.
 */
const struct node *draft_pack_never(struct draft *, uint32_t *at, struct slice *name);

#endif
