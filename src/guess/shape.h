/* SPDX-License-Identifier: Apache-2.0 */
#ifndef GUESS_SHAPE_H
#define GUESS_SHAPE_H

/*
 * shape - what an issuer's tokens look like, in a word or two.
 *
 * A shape is read from left to right and never goes back: a letter is a set of
 * characters, with how many of them there are (8: eight; 8-12: as many as there
 * are, but at least eight and no more than twelve; 8+: at least eight); every
 * other sign stands for itself, and a letter does so behind a backslash.
 *
 *	d 0-9		x 0-9a-f	X and A-F	l a-z0-9	u A-Z0-9
 *	a A-Za-z	n A-Za-z0-9	w and _		t and _-	v and _-.
 *	q A-Z2-7	b and +/	e and _-=	m and +/-=	p and _-.+/=
 *	c and ./	o what may stand between two $ of a password's hash
 *
 * Where the longest run of a set does not fit, the text has not this shape: a
 * token is not found in a longer one.
 */

#include "core/slice.h"

/* A run without an end of its own is no longer than this, so that looking at it costs little. */
#define SHAPE_RUN_MAX	2048

/* How many bytes at the start of s have this shape and end there; 0 if they do not. */
size_t shape_match(struct slice s, struct slice shape);

#endif
