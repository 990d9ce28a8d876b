/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_PAGE_H
#define ANSWER_PAGE_H

/*
 * page - a text that grows in an arena.
 *
 * For what is built of pieces whose sum nobody knows before.  What was written
 * stays where it is until the page grows; a page without memory is overflowed,
 * as its arena is.
 */

#include "core/arena.h"
#include "core/text.h"

struct page {
	struct arena	*arena;
	struct text	 text;
};

void page_put(struct page *, struct slice);

/* As a JSON string, quotes included. */
void page_put_json(struct page *, struct slice);

void page_put_number(struct page *, uint64_t);

static inline struct slice
page_slice(const struct page *p)
{
	return text_slice(&p->text);
}

#endif
