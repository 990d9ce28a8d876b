/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http1_response - any bytes as the head of a response.
 *
 * The first byte says whether the request was HEAD.  What is accepted must be
 * framed in one way only, and a status without a body must have none.
 */
#include "head.h"

static void
check_response(struct slice head, bool to_head, const struct http1_head *h)
{
	uint64_t length;
	enum framing framing = head_framing(head, &length);
	bool bodiless = to_head || h->status < 200 || h->status == 204 || h->status == 304;

	head_check_lines(head);
	head_check_fields(head, h);
	FUZZ_CHECK(h->status >= 100 && h->status <= 599);
	FUZZ_CHECK(head.ptr[9] == '0' + h->status / 100 && head.ptr[11] == '0' + h->status % 10);
	FUZZ_CHECK(h->framing == (bodiless ? FRAMING_NONE : framing));
	FUZZ_CHECK(h->minor == 1 || framing != FRAMING_CHUNKED);
	FUZZ_CHECK(h->framing != FRAMING_LENGTH || h->content_length == length);
	FUZZ_CHECK(h->framing != FRAMING_CLOSE || !h->keep_alive);
	/* A server that speaks of a body where there is none may yet send it. */
	if (h->status == 204 && !to_head && framing != FRAMING_CLOSE && framing != FRAMING_NONE)
		FUZZ_CHECK(!h->keep_alive);
	if (h->status < 200)
		FUZZ_CHECK(framing == FRAMING_CLOSE || framing == FRAMING_NONE);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s, head;
	struct http1_head h;
	size_t len;
	bool to_head;

	if (size < 1)
		return 0;
	to_head = (data[0] & 1) != 0;
	s = slice_of((const char *)data + 1, size - 1);
	len = head_end(s);
	head = fuzz_exact(len > 0 ? slice_cut(s, 0, len) : s);
	if (http1_response(head, to_head, &h) == ERR_OK) {
		FUZZ_CHECK(len > 0);
		check_response(head, to_head, &h);
	}
	free((char *)head.ptr);
	return 0;
}
