/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASK_OCCURRENCE_H
#define MASK_OCCURRENCE_H

/*
 * occurrence - where else a hidden value stands.
 *
 * Detection finds a value where the words around it speak for it, and may miss it
 * elsewhere; a value that is hidden once must not stand in the next sentence.
 * An index over the values of a vault (3 to 256 bytes) finds each of them in any
 * text, byte for byte, where it is not part of a longer word.  (Scripts without
 * spaces have no words, there it is found anywhere.)  Linear in the text, for any
 * values: at each place at most 64 lengths are asked for, by a keyed hash.
 */

#include "mask/vault.h"

struct occurrences;

struct occurrence {
	size_t				 start, end;
	const struct vault_entry	*entry;
};

/* An index of what the vault has now; it is not looked at when that changes.  ERR_MEMORY. */
must_use enum err occurrence_index(struct arena *, const struct vault *, struct occurrences **);

/* The first one in [from, to), of those that begin there the longest; false if there is none. */
bool occurrence_next(const struct occurrences *, struct slice text, size_t from, size_t to,
    struct occurrence *);

#endif
