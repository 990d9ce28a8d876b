/* SPDX-License-Identifier: Apache-2.0 */
/*
 * http1_request - any bytes as the head of a request.
 *
 * What is accepted must be framed in one way only, name one host, ask for a
 * path, and read the same when it is written anew from its parts.
 */
#include "core/text.h"
#include "head.h"

static void
check_again(const struct http1_head *h)
{
	char *room = malloc(HEAD_BYTES_MAX);
	struct http1_head again;
	struct text t;

	text_init(&t, room, HEAD_BYTES_MAX);
	text_put(&t, h->method);
	text_put_char(&t, ' ');
	text_put(&t, h->target);
	text_put(&t, h->minor == 1 ? S(" HTTP/1.1\r\n") : S(" HTTP/1.0\r\n"));
#define HEADER(name, spelling, times)						\
	if (h->field[HEADER_##name].ptr != NULL) {				\
		text_put(&t, S(spelling ":"));					\
		text_put(&t, h->field[HEADER_##name]);				\
		text_put(&t, S("\r\n"));					\
	}
#include "wire/header.tbl"
#undef HEADER
	text_put(&t, S("\r\n"));
	if (!text_overflowed(&t)) {
		FUZZ_CHECK(http1_request(text_slice(&t), &again) == ERR_OK);
		FUZZ_CHECK(again.framing == h->framing);
		FUZZ_CHECK(again.content_length == h->content_length);
		FUZZ_CHECK(slice_eq(again.target, h->target) && again.expects == h->expects);
		for (unsigned i = 0; i < HEADER_COUNT; i++)
			FUZZ_CHECK(slice_eq(again.field[i], h->field[i]));
	}
	free(room);
}

static void
check_request(struct slice head, const struct http1_head *h)
{
	uint64_t length;
	enum framing framing = head_framing(head, &length);
	struct slice host = head_field(head, S("host"), 0);

	head_check_lines(head);
	head_check_fields(head, h);
	FUZZ_CHECK(h->framing == (framing == FRAMING_CLOSE ? FRAMING_NONE : framing));
	FUZZ_CHECK(h->content_length == length && (h->minor == 0 || h->minor == 1));
	FUZZ_CHECK(h->minor == 1 || framing != FRAMING_CHUNKED);
	FUZZ_CHECK(host.ptr != NULL ? host.len > 0 : h->minor == 0);
	for (size_t i = 0; i < host.len; i++)
		FUZZ_CHECK(memchr("@/?#\\, \t", host.ptr[i], 8) == NULL || host.ptr[i] == ',');
	FUZZ_CHECK(http1_is_token(h->method) && slice_starts(head, h->method));
	FUZZ_CHECK(h->target.len > 0 && h->target.len <= TARGET_BYTES_MAX);
	FUZZ_CHECK(h->target.ptr[0] == '/' || slice_eq(h->target, S("*")));
	FUZZ_CHECK(memchr(h->target.ptr, ' ', h->target.len) == NULL);
	FUZZ_CHECK(!h->expects || h->framing != FRAMING_NONE);
	check_again(h);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_of((const char *)data, size);
	size_t len = head_end(s);
	struct slice head = fuzz_exact(len > 0 ? slice_cut(s, 0, len) : s);
	struct http1_head h;

	if (http1_request(head, &h) == ERR_OK) {
		FUZZ_CHECK(len > 0);
		check_request(head, &h);
	}
	free((char *)head.ptr);
	return 0;
}
