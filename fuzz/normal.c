/* SPDX-License-Identifier: Apache-2.0 */
/*
 * normal - any bytes, normalised, and every span of them taken back.
 *
 * Nothing grows; twice is once, of UTF-8; the way back is inside and keeps the order of
 * what it is asked; it covers the whole; a piece that was not changed comes
 * back as itself; wide and narrow code agree.
 */
#include "find/normal.h"

#include "core/utf8.h"
#include "fuzz.h"

static void
check_way_back(const struct normal *n)
{
	uint32_t start = 0, end = (uint32_t)n->text.len, before = 0;

	if (n->text.len == 0)
		return;
	normal_span(n, &start, &end);
	FUZZ_CHECK(start < end && end <= n->from.len);
	for (uint32_t i = 0; i < n->text.len; i++) {
		bool odd;

		start = i;
		end = i + 1;
		odd = normal_span(n, &start, &end);
		FUZZ_CHECK(start < end && end <= n->from.len);
		FUZZ_CHECK(start >= before || (i > 0 && end >= before));
		FUZZ_CHECK(end - start > 1 || odd || n->text.ptr[i] == n->from.ptr[start]);
		before = start;
		end = i + 1 + (uint32_t)(n->text.len - i) / 2;
		start = i;
		if (end > n->text.len)
			continue;
		normal_span(n, &start, &end);
		FUZZ_CHECK(start == before && end > start && end <= n->from.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = fuzz_exact(slice_of((const char *)data, size));
	struct normal n, wide, again;
	struct arena a;

	fuzz_arena(&a);
	normal_make(&a, s, false, &n);
	normal_make(&a, s, true, &wide);
	FUZZ_CHECK(!n.cut && n.text.len <= size);
	FUZZ_CHECK(slice_eq(n.text, wide.text) && n.count == wide.count);
	FUZZ_CHECK(n.count == 0 ? n.text.ptr == s.ptr : n.change[0].to == 0);
	for (uint32_t i = 1; i < n.count; i++)
		FUZZ_CHECK(n.change[i].to >= n.change[i - 1].to &&
		    n.change[i].from > n.change[i - 1].from);
	normal_make(&a, n.text, false, &again);
	/* Where something goes from between bytes that are no UTF-8, they may become some. */
	FUZZ_CHECK(slice_eq(again.text, n.text) || utf8_valid(s) < s.len);
	check_way_back(&n);
	arena_release(&a);
	free((char *)s.ptr);
	return 0;
}
