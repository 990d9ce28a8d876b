/* SPDX-License-Identifier: Apache-2.0 */
#ifndef FIND_PIECE_H
#define FIND_PIECE_H

/*
 * piece - a long text, looked at part by part.
 *
 * So that whoever shares a processor with others can stop between two of them.  A
 * piece ends behind white space where there is some, and the next one begins a
 * little before that: nothing that is found in one piece is longer, with the words
 * that speak for it, than what two neighbours have in common.  Neither cuts a
 * character in two.
 *
 *	for (size_t from = 0, end; from < text.len; from = piece_next(text, from, end)) {
 *		end = piece_end(text, from);
 *		look at slice_cut(text, from, end)
 *	}
 */

#include "core/slice.h"

size_t piece_end(struct slice text, size_t from);
size_t piece_next(struct slice text, size_t from, size_t end);

#endif
