/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_TEXT_H
#define CORE_TEXT_H

/*
 * text - the one bounded builder of bytes.
 *
 * A text writes into memory that its owner lends it and never past the end.
 * What does not fit is not written and marks the text for good, so a builder
 * makes many calls and asks text_overflowed() once; there is no first pass
 * that measures and no second that trusts it.
 */

#include "core/slice.h"
#include "core/unit.h"

struct text {
	char	*ptr;
	size_t	 len;
	size_t	 cap;
	bool	 overflowed;
};

static inline void
text_init(struct text *t, char *ptr, size_t cap)
{
	*t = (struct text){ .ptr = ptr, .cap = cap };
}

static inline struct slice
text_slice(const struct text *t)
{
	return slice_of(t->ptr, t->len);
}

static inline bool
text_overflowed(const struct text *t)
{
	return t->overflowed;
}

static inline void
text_put(struct text *t, struct slice s)
{
	if (s.len > t->cap - t->len) {
		t->overflowed = true;
		return;
	}
	if (s.len > 0)
		memcpy(t->ptr + t->len, s.ptr, s.len);
	t->len += s.len;
}

static inline void
text_put_char(struct text *t, char c)
{
	text_put(t, slice_of(&c, 1));
}

/* A decimal number. */
void text_put_number(struct text *, uint64_t);
void text_put_signed(struct text *, int64_t);

/* A number in lower-case hexadecimal without leading zeros. */
void text_put_hex(struct text *, uint64_t);

/* The bytes as the inside of a JSON string (RFC 8259, section 7), without quotes. */
void text_put_escaped(struct text *, struct slice);

/* As text_put_escaped, with the quotes. */
void text_put_json(struct text *, struct slice);

/* Nanodollars as decimal dollars, exact, without trailing zeros: 1500 is 0.0000015. */
void text_put_usd(struct text *, nano_usd);

/* UTC time of the wall clock as RFC 3339 with milliseconds: 2026-11-20T11:12:13.456Z. */
void text_put_time(struct text *, nanos wall);

/* The same as IMF-fixdate (RFC 9110, 5.6.7): Fri, 20 Nov 2026 11:12:13 GMT. */
void text_put_date(struct text *, nanos wall);

#endif
