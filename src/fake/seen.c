/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/seen.h"

#include "core/base64.h"

void
seen_init(struct seen *s, struct memory_pool *memory)
{
	*s = (struct seen){ .memory = memory, .oldest = 1 };
}

static void
drop_oldest(struct seen *s)
{
	struct seen_request **slot = &s->ring[s->oldest++ % FAKE_SEEN_MAX];

	if (*slot == NULL)
		return;
	s->bytes -= (*slot)->block_bytes;
	memory_give(s->memory, *slot, (*slot)->block_bytes);
	*slot = NULL;
}

void
seen_reset(struct seen *s)
{
	while (s->oldest <= s->total)
		drop_oldest(s);
}

uint64_t
seen_begin(struct seen *s, struct slice head, struct slice body, nanos now)
{
	size_t need = sizeof(struct seen_request) + head.len + body.len, got;
	struct seen_request *r;

	s->open++;
	s->total++;
	while (s->oldest < s->total &&
	    (s->total - s->oldest >= FAKE_SEEN_MAX || s->bytes + need > FAKE_SEEN_BYTES_MAX))
		drop_oldest(s);
	r = memory_take(s->memory, need, &got);
	if (r == NULL)
		return s->total;
	*r = (struct seen_request){ .number = s->total, .block_bytes = got,
		.head_bytes = head.len, .body_bytes = body.len, .began = now };
	if (head.len > 0)
		memcpy(r->bytes, head.ptr, head.len);
	if (body.len > 0)
		memcpy(r->bytes + head.len, body.ptr, body.len);
	s->bytes += got;
	s->ring[s->total % FAKE_SEEN_MAX] = r;
	return s->total;
}

struct seen_request *
seen_find(struct seen *s, uint64_t number)
{
	struct seen_request *r = s->ring[number % FAKE_SEEN_MAX];

	return r != NULL && r->number == number ? r : NULL;
}

void
seen_end(struct seen *s, uint64_t number, enum seen_end end, nanos now)
{
	struct seen_request *r = seen_find(s, number);

	must(s->open > 0);
	s->open--;
	if (r == NULL)
		return;
	r->end = end;
	r->ended = now;
}

static void
put_request(struct text *t, const struct seen_request *r)
{
	static const struct slice end[] = { S("open"), S("whole"), S("broken"), S("gone") };

	text_put(t, S("{\"number\":"));
	text_put_number(t, r->number);
	text_put(t, S(",\"rule\":"));
	text_put_number(t, r->rule);
	text_put(t, S(",\"status\":"));
	text_put_number(t, (uint64_t)r->status);
	text_put(t, S(",\"ended\":\""));
	text_put(t, end[r->end]);
	text_put(t, S("\",\"began_us\":"));
	text_put_signed(t, r->began / NANOS_PER_US);
	text_put(t, S(",\"ended_us\":"));
	text_put_signed(t, r->ended / NANOS_PER_US);
	text_put(t, S(",\"head\":\""));
	base64_put(t, slice_of(r->bytes, r->head_bytes));
	text_put(t, S("\",\"body\":\""));
	base64_put(t, slice_of(r->bytes + r->head_bytes, r->body_bytes));
	text_put(t, S("\"}"));
}

void
seen_put(struct text *t, struct seen *s)
{
	bool first = true;

	text_put(t, S("{\"total\":"));
	text_put_number(t, s->total);
	text_put(t, S(",\"open\":"));
	text_put_number(t, s->open);
	text_put(t, S(",\"requests\":["));
	for (uint64_t n = s->oldest; n <= s->total; n++) {
		struct seen_request *r = seen_find(s, n);

		if (r == NULL)
			continue;
		if (!first)
			text_put_char(t, ',');
		first = false;
		put_request(t, r);
	}
	text_put(t, S("]}"));
}

size_t
seen_put_bytes(const struct seen *s)
{
	return 256 + FAKE_SEEN_MAX * 256 + s->bytes / 3 * 4;
}
