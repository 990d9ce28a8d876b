/* SPDX-License-Identifier: Apache-2.0 */
#include "answer/page.h"

#define STRIDE	256

void
page_put(struct page *p, struct slice s)
{
	struct text *t = &p->text;

	if (s.len > t->cap - t->len) {
		size_t cap = 2 * (t->len + s.len) + STRIDE;
		char *room = arena_bytes(p->arena, cap);

		if (room == NULL) {
			t->overflowed = true;
			return;
		}
		if (t->len > 0)
			memcpy(room, t->ptr, t->len);
		t->ptr = room;
		t->cap = cap;
	}
	text_put(t, s);
}

void
page_put_json(struct page *p, struct slice s)
{
	char room[6 * STRIDE];

	page_put(p, S("\""));
	while (s.len > 0) {
		struct slice some = slice_cut(s, 0, s.len < STRIDE ? s.len : STRIDE);
		struct text escaped;

		text_init(&escaped, room, sizeof room);
		text_put_escaped(&escaped, some);
		page_put(p, text_slice(&escaped));
		s = slice_cut(s, some.len, s.len);
	}
	page_put(p, S("\""));
}

void
page_put_number(struct page *p, uint64_t n)
{
	char room[24];
	struct text number;

	text_init(&number, room, sizeof room);
	text_put_number(&number, n);
	page_put(p, text_slice(&number));
}
