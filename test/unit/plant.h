/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_PLANT_H
#define TEST_PLANT_H

/* plant - a tree in a store in memory, grown as the writer grows it. */

#include "check.h"
#include "ledger/node.h"
#include "store/entry.h"

struct plant {
	struct store		*store;
	struct digester		 digester;
	struct node_source	 nodes;
	struct tree		 tree;
};

static inline void
plant_open(struct plant *p)
{
	char room[512];
	struct text why;

	*p = (struct plant){ 0 };
	text_init(&why, room, sizeof room);
	check_or_stop(store_open(&p->store, NULL, STORE_WRITE, &why) == ERR_OK &&
	    digester_init(&p->digester), "a store in memory");
	p->nodes.store = p->store;
	p->nodes.digester = &p->digester;
}

static inline void
plant_close(struct plant *p)
{
	digester_release(&p->digester);
	store_close(p->store);
}

/* False if the store refuses. */
static inline bool
plant_add(struct plant *p, struct slice line)
{
	struct tree_node node[TREE_LEVELS / TREE_STRIDE];
	uint8_t leaf[DIGEST_BYTES];
	struct entry_row row = { p->tree.size, slice_of((char *)leaf, sizeof leaf), line };
	unsigned kept;

	digest_leaf(&p->digester, line, leaf);
	if (entry_put(p->store, &row) != ERR_OK)
		return false;
	kept = tree_append(&p->tree, &p->digester, leaf, node);
	while (kept-- > 0)
		if (entry_node_put(p->store, node[kept].level, node[kept].index,
		    slice_of((char *)node[kept].hash, DIGEST_BYTES)) != ERR_OK)
			return false;
	return true;
}

#endif
