/* SPDX-License-Identifier: Apache-2.0 */
#ifndef WIRE_FIELD_H
#define WIRE_FIELD_H

/*
 * field - the field lines of a head (RFC 9112, section 5).
 *
 * Lines end in CRLF and in nothing else, are not folded, and have a token, a
 * colon and a value.  All of them are checked and counted; the values of those
 * in header.tbl are kept, borrowed from the head and trimmed.  To clear room for
 * all and then to copy all would cost as much as to read some, so only those
 * that are present are ever set: ask field_of().  No state, no I/O.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/slice.h"
#include "wire/http1.h"

struct fields {
	const char	*begin, *end;	/* the whole head, which ends in CRLF CRLF */
	uint32_t	 count;
	uint32_t	 present;	/* of value[], as bits */
	bool		 close;		/* Connection: close */
	bool		 persist;	/* Connection: keep-alive */
	struct slice	*value;		/* room for HEADER_COUNT */
};

_Static_assert(HEADER_COUNT <= 32, "the present ones are bits of a word");

/*
 * Reads the lines from p up to the empty line that ends the head.
 * ERR_MALFORMED_REQUEST or ERR_HEAD_TOO_LARGE.
 */
must_use enum err field_read(struct fields *, const char *p);

/* The value of a field, or absent (its ptr is NULL). */
static inline struct slice
field_of(const struct fields *f, enum header which)
{
	return (f->present >> which & 1) != 0 ? f->value[which] : slice_of(NULL, 0);
}

#endif
