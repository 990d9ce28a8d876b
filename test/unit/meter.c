/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/meter.h"

#include "check.h"

static const struct {
	const char	*why;
	const char	*json;
	size_t		 want;
} pieces[] = {
	{ "a piece of text", "{\"choices\":[{\"delta\":{\"content\":\"Hello\"}}]}", 5 },
	{ "with a space before it", "{\"choices\":[{\"delta\":{\"content\": \"Hello\"}}]}", 5 },
	{ "with escapes, as they stand", "{\"delta\":{\"content\":\"a\\\"b\\\\\"}}", 6 },
	{ "an escape that is none", "{\"delta\":{\"content\":\"a\\\\\"},\"b\":\"c\"}", 3 },
	{ "in other letters", "{\"delta\":{\"content\":\"\xc3\xa9\xe4\xb8\xad\"}}", 5 },
	{ "what is thought aloud", "{\"delta\":{\"content\":null,\"reasoning_content\":\"Hm\"}}", 2 },
	{ "and before it nothing is said", "{\"delta\":{\"content\":\"\",\"reasoning_content\":\"Hm\"}}", 2 },
	{ "arguments of a tool",
	    "{\"delta\":{\"content\":null,\"tool_calls\":[{\"function\":{\"arguments\":\"{\\\"a\"}}]}}", 4 },
	{ "a completion's text", "{\"choices\":[{\"text\":\"abc\",\"index\":0}]}", 3 },
	{ "nothing is said", "{\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}", 0 },
	{ "nothing but its role", "{\"delta\":{\"role\":\"assistant\",\"content\":\"\"}}", 0 },
	{ "a name in a text is no name", "{\"delta\":{\"content\":\"\\\"text\\\":\\\"no\\\"\"}}", 15 },
	{ "an end that is missing", "{\"delta\":{\"content\":\"abc", 0 },
	{ "an end behind an escape that is missing", "{\"delta\":{\"content\":\"abc\\\"", 0 },
	{ "only a name", "{\"content\":", 0 },
	{ "nothing", "", 0 },
};

static struct slice
text(const char *s)
{
	return slice_of(s, strlen(s));
}

int
main(void)
{
	size_t at = 0;

	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		size_t fresh = 0;

		check_int((int64_t)meter_piece(text(pieces[i].json), &fresh),
		    (int64_t)pieces[i].want, "%s", pieces[i].why);
	}
	for (size_t i = 0; i < COUNT_OF(pieces); i++)
		check_int((int64_t)meter_piece(text(pieces[i].json), &at),
		    (int64_t)pieces[i].want, "behind others: %s", pieces[i].why);
	check_int((int64_t)meter_tokens(0), 0, "no bytes are no token");
	check_int((int64_t)meter_tokens(1), 1, "one is one");
	check_int((int64_t)meter_tokens(3), 1, "three are one");
	check_int((int64_t)meter_tokens(4), 2, "four are two");
	check(meter_tokens(UINT64_MAX) == UINT64_MAX / 3, "and no number is too large");
	return check_done();
}
