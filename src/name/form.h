/* SPDX-License-Identifier: Apache-2.0 */
#ifndef NAME_FORM_H
#define NAME_FORM_H

/*
 * form - labels, and what stands behind them: "Name: …", "first_name": "…".
 *
 * A label is a word or two before a colon or an equals sign, or the key above
 * the text; words of labels are roles of lexicon.txt.  What stands behind the
 * label of a person is a name if it looks like one: `name: build` is none.
 * Words that are found are marked as taken.
 */

#include "name/found.h"
#include "name/gazetteer.h"

/* All labels of a block. */
void form_look(struct founds *, struct atoms *);

/* What the key says of the whole text, which is the block. */
void form_look_at_key(struct founds *, struct atoms *, struct slice key);

/* The role of a label or key: of its longest end that has one.  firstName is first_name. */
enum atom_role form_role(struct slice label);

#endif
