/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SPLICE_H
#define CORE_SPLICE_H

/*
 * splice - a few changed places in bytes that otherwise stay as they are.
 *
 * A splice list names places in a text and what stands there instead.  The new
 * text is never put together: splice_pieces() gives the slices that a vectored
 * write sends one after the other, unchanged bytes borrowed from the text.
 * Edits are kept in order of place and do not overlap; an insertion is an edit
 * of an empty place.
 */

#include "core/must.h"
#include "core/slice.h"

#define SPLICE_MAX	8		/* edits of one text; every edit makes two pieces more */

struct splice {
	struct slice	 text;
	struct {
		size_t		 start, end;
		struct slice	 with;
	}		 edit[SPLICE_MAX];
	size_t		 count;
};

void splice_init(struct splice *, struct slice text);

/* Replaces [start, end) of the text; false if it overlaps an edit or there are too many. */
must_use bool splice_replace(struct splice *, size_t start, size_t end, struct slice with);

/* Fills piece[] (room for 2 * SPLICE_MAX + 1); empty pieces are left out.  Returns how many. */
size_t splice_pieces(const struct splice *, struct slice *piece);

/* The length of the new text. */
size_t splice_bytes(const struct splice *);

#endif
