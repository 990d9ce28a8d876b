/* SPDX-License-Identifier: Apache-2.0 */
#include "core/text.h"

#include <inttypes.h>
#include <time.h>

#include "check.h"
#include "random.h"

static char room[256];

static struct text
fresh(void)
{
	struct text t;

	memset(room, '#', sizeof room);
	text_init(&t, room, sizeof room);
	return t;
}

static void
test_numbers(void)
{
	static const uint64_t numbers[] = { 0, 1, 9, 10, 11, 99, 100, 101, 999, 1000, 12345, 65535,
		INT64_MAX, (uint64_t)INT64_MAX + 1, UINT64_MAX };
	struct random r = { 1 };

	for (size_t i = 0; i < COUNT_OF(numbers) + 200; i++) {
		uint64_t n = random_next(&r) >> random_below(&r, 64);
		char want[32];
		struct text t = fresh();

		if (i < COUNT_OF(numbers))
			n = numbers[i];

		text_put_number(&t, n);
		snprintf(want, sizeof want, "%" PRIu64, n);
		check_slice(text_slice(&t), slice_of(want, strlen(want)), "%s", want);
		t = fresh();
		text_put_signed(&t, (int64_t)n);
		snprintf(want, sizeof want, "%" PRId64, (int64_t)n);
		check_slice(text_slice(&t), slice_of(want, strlen(want)), "  signed");
		t = fresh();
		text_put_hex(&t, n);
		snprintf(want, sizeof want, "%" PRIx64, n);
		check_slice(text_slice(&t), slice_of(want, strlen(want)), "  in hexadecimal");
	}
}

static const struct {
	const char	*why;
	struct slice	 in;
	const char	*want;
} escapes[] = {
	{ "nothing", { "", 0 }, "" },
	{ "plain", { "abc /'", 6 }, "abc /'" },
	{ "quotes and backslashes", { "\"\\", 2 }, "\\\"\\\\" },
	{ "the usual controls", { "\n\r\t", 3 }, "\\n\\r\\t" },
	{ "other controls", { "\b\f\v\0\x1f\x7f", 6 },
	    "\\u0008\\u000c\\u000b\\u0000\\u001f\\u007f" },
	{ "above ASCII", { "\xc3\xa9", 2 }, "\xc3\xa9" },
	{ "at the ends", { "\"a\"", 3 }, "\\\"a\\\"" },
	{ "far into a text", { "0123456789abcdefghij\n0123456789abcdefghij\"", 42 },
	    "0123456789abcdefghij\\n0123456789abcdefghij\\\"" },
};

static void
test_escapes(void)
{
	for (size_t i = 0; i < COUNT_OF(escapes); i++) {
		struct slice want = slice_of(escapes[i].want, strlen(escapes[i].want));
		struct text t = fresh();

		text_put_escaped(&t, escapes[i].in);
		check_slice(text_slice(&t), want, "%s", escapes[i].why);
		t = fresh();
		text_put_json(&t, escapes[i].in);
		check(t.len == want.len + 2 && room[0] == '"' && room[t.len - 1] == '"',
		    "  in quotes");
	}
}

/* Every byte, at every place of texts of every length that is looked at in another way. */
static void
test_every_escape(void)
{
	unsigned wrong = 0;

	for (size_t len = 1; len <= 40; len++)
		for (size_t at = 0; at < len; at++)
			for (unsigned c = 0; c < 256; c++) {
				bool special = c < 0x20 || c == '"' || c == '\\' || c == 0x7f;
				char in[40];
				struct text t = fresh();

				memset(in, 0xe9, sizeof in);
				in[at] = (char)c;
				text_put_escaped(&t, slice_of(in, len));
				wrong += (t.len == len && memcmp(t.ptr, in, len) == 0) == special ||
				    memcmp(t.ptr, in, at) != 0 ||
				    memcmp(t.ptr + t.len - (len - at - 1), in + at + 1,
				    len - at - 1) != 0 || (special && t.ptr[at] != '\\');
			}
	check_int(wrong, 0, "each byte that must be escaped is, and no other");
}

/* The least and the greatest number of each length. */
static void
test_digits(void)
{
	uint64_t power = 1;

	for (unsigned count = 1; count <= 20; count++, power *= 10)
		for (uint64_t n = power - 1; n != power + 1; n++) {
			char want[32];
			struct text t = fresh();

			text_put_number(&t, n);
			snprintf(want, sizeof want, "%" PRIu64, n);
			check_slice(text_slice(&t), slice_of(want, strlen(want)), "%s", want);
		}
}

static const struct {
	nano_usd	 amount;
	const char	*want;
} amounts[] = {
	{ 0, "0" }, { 1, "0.000000001" }, { 1500, "0.0000015" }, { 1000000000, "1" },
	{ 1230000000, "1.23" }, { 10000000001, "10.000000001" }, { -1, "-0.000000001" },
	{ -2500000000, "-2.5" }, { INT64_MAX, "9223372036.854775807" },
	{ INT64_MIN, "-9223372036.854775808" },
};

static void
test_amounts(void)
{
	for (size_t i = 0; i < COUNT_OF(amounts); i++) {
		struct slice want = slice_of(amounts[i].want, strlen(amounts[i].want));
		struct text t = fresh();

		text_put_usd(&t, amounts[i].amount);
		check_slice(text_slice(&t), want, "$%s", amounts[i].want);
	}
}

/* Days around every kind of border, and others, against the C library's calendar. */
static void
test_times(void)
{
	static const int64_t seconds[] = { 0, 1, 86399, 86400, 951782399, 951782400, 951868800,
		1709164800, 1735689599, 1795173133, 4102444800, 4107542399, 4107542400 };
	struct random r = { 1 };

	for (size_t i = 0; i < COUNT_OF(seconds) + 300; i++) {
		time_t at = (time_t)(i < COUNT_OF(seconds) ? seconds[i] :
		    (int64_t)random_below(&r, 9000000000));
		struct text t = fresh();
		struct tm tm;
		char want[64];

		gmtime_r(&at, &tm);
		text_put_time(&t, (nanos)at * NANOS_PER_S + 456999999);
		strftime(want, sizeof want, "%Y-%m-%dT%H:%M:%S.456Z", &tm);
		check_slice(text_slice(&t), slice_of(want, strlen(want)), "%s", want);
		t = fresh();
		text_put_date(&t, (nanos)at * NANOS_PER_S + 456999999);
		strftime(want, sizeof want, "%a, %d %b %Y %H:%M:%S GMT", &tm);
		check_slice(text_slice(&t), slice_of(want, strlen(want)), "%s", want);
	}
}

/* In any room, what does not fit is not begun, and nothing is written past the end. */
static void
test_overflow(void)
{
	for (size_t cap = 0; cap < 12; cap++) {
		struct text t = fresh();

		text_init(&t, room, cap);
		text_put(&t, S("abcd"));
		text_put_char(&t, 'e');
		text_put_number(&t, 123);
		text_put(&t, S(""));
		check(text_overflowed(&t) == (cap < 8), "room for %zu of 8: %s", cap,
		    cap < 8 ? "overflowed" : "all of it");
		check(t.len <= cap && room[cap] == '#', "  and nothing is behind it");
	}

	struct text t = fresh();

	text_init(&t, room, 3);
	text_put(&t, S("abcd"));
	text_put(&t, S("ab"));
	check(text_overflowed(&t), "what fits later does not make good what did not");
	text_init(&t, NULL, 0);
	text_put(&t, slice_of(NULL, 0));
	check(!text_overflowed(&t), "nothing fits into nothing");
}

int
main(void)
{
	test_numbers();
	test_digits();
	test_escapes();
	test_every_escape();
	test_amounts();
	test_times();
	test_overflow();
	return check_done();
}
