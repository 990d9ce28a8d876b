/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include <stdlib.h>

#include "blocks.h"
#include "check.h"
#include "core/limit.h"
#include "core/text.h"
#include "run/kernel.h"

#define X16(s)	s s s s s s s s s s s s s s s s
#define X64(s)	X16(s) X16(s) X16(s) X16(s)

/* Texts by what RFC 8259 says of them; at is where the fault stands. */
static const struct {
	const char	*why;
	struct slice	 text;
	enum err	 want;
	uint32_t	 at;
} texts[] = {
#define Y(why, text)		{ why, { text, sizeof(text) - 1 }, ERR_OK, 0 }
#define N(why, text, at)	{ why, { text, sizeof(text) - 1 }, ERR_JSON_MALFORMED, at }
#define D(why, text, at)	{ why, { text, sizeof(text) - 1 }, ERR_JSON_DUPLICATE_KEY, at }
	Y("null", "null"),
	Y("true", "true"),
	Y("false", "false"),
	Y("zero", "0"),
	Y("minus zero", "-0"),
	Y("an empty string", "\"\""),
	Y("an empty array", "[]"),
	Y("an empty object", "{}"),
	Y("empty ones with spaces", " [ { } , [ ] ] "),
	Y("every kind of space", " \t\r\n[\t1\r,\n2 ] \t\r\n"),
	Y("nested", "[[[[{\"a\":{\"b\":[]}}]]]]"),
	Y("members", "{\"a\":1,\"b\":[true,false,null],\"c\":\"d\"}"),
	Y("an empty name", "{\"\":0}"),
	Y("an integer", "1234567890123456789012345678901234567890"),
	Y("a fraction", "0.5"),
	Y("a fraction with zeros", "-0.000000000000000000000000000000001"),
	Y("an exponent", "1e5"),
	Y("an exponent with plus", "1E+5"),
	Y("an exponent with minus and zeros", "1.0e-05"),
	Y("a huge exponent", "1e999999999999999999999"),
	Y("every escape", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\uABCD\\uabcd\""),
	Y("an escaped NUL", "\"a\\u0000b\""),
	Y("a surrogate pair", "\"\\ud83d\\ude00\""),
	Y("a surrogate pair in upper case", "\"\\uD83D\\uDE00\""),
	Y("an escaped backslash before the quote", "\"\\\\\""),
	Y("a slash as it is", "\"/\""),
	Y("DEL in a string", "\"\x7f\""),
	Y("two bytes", "\"\xc3\xa9\""),
	Y("three bytes", "\"\xe2\x82\xac\""),
	Y("four bytes", "\"\xf0\x9f\x98\x80\""),
	Y("the last code point", "\"\xf4\x8f\xbf\xbf\""),
	Y("a noncharacter", "\"\xef\xbf\xbf\""),
	Y("a byte order mark in a string", "\"\xef\xbb\xbf\""),
	Y("a line separator in a string", "\"\xe2\x80\xa8\""),
	Y("a name like another but longer", "{\"a\":0,\"aa\":0,\"aaa\":0}"),
	Y("names that differ in their ninth byte", "{\"aaaaaaaab\":0,\"aaaaaaaac\":0}"),
	Y("names that differ in their middle", "{\"aaaaaaaabaaaaaaaa\":0,\"aaaaaaaacaaaaaaaa\":0}"),
	Y("names that differ in case", "{\"a\":0,\"A\":0}"),
	Y("the same name in two objects", "[{\"a\":0},{\"a\":{\"a\":0}}]"),
	Y("a name and a value that are equal", "{\"a\":\"a\"}"),
	Y("a long string", "\"" X64("0123456789") "\""),

	N("nothing", "", 0),
	N("spaces only", "  ", 2),
	N("a byte order mark", "\xef\xbb\xbf{}", 0),
	N("two documents", "{}{}", 2),
	N("two documents with a space", "1 2", 2),
	N("a comma behind", "1,", 1),
	N("a closing bracket behind", "[]]", 2),
	N("a NUL behind", "1\0", 1),
	N("a NUL before", "\0" "1", 0),
	N("a vertical tab", "[\v1]", 1),
	N("a form feed", "[\f1]", 1),
	N("a no-break space", "[\xc2\xa0" "1]", 1),
	N("a comment", "[1/*a*/]", 2),
	N("a line comment", "[1]//a", 3),
	N("an array without an end", "[1", 2),
	N("an array without an end, empty", "[", 1),
	N("an array that ends as an object", "[1}", 2),
	N("an object that ends as an array", "{\"a\":1]", 6),
	N("an empty array that ends as an object", "[}", 1),
	N("an empty object that ends as an array", "{]", 1),
	N("a comma before the end of an array", "[1,]", 3),
	N("a comma before the end of an object", "{\"a\":1,}", 7),
	N("a comma alone", "[,]", 1),
	N("two commas", "[1,,2]", 3),
	N("no comma", "[1 2]", 3),
	N("a colon in an array", "[1:2]", 2),
	N("an object without a colon", "{\"a\" 1}", 5),
	N("an object with two colons", "{\"a\"::1}", 5),
	N("an object with a comma for a colon", "{\"a\",1}", 4),
	N("an object without a value", "{\"a\":}", 5),
	N("an object without a value, at the end", "{\"a\":", 5),
	N("a name that is a number", "{1:1}", 1),
	N("a name without quotes", "{a:1}", 1),
	N("a name in single quotes", "{'a':1}", 1),
	N("a value in an object without a name", "{\"a\"}", 4),
	N("a comma first in an object", "{,\"a\":1}", 1),
	N("a word that is none", "nul", 0),
	N("a word cut", "tru", 0),
	N("a word in capitals", "True", 0),
	N("a word with a tail", "nulll", 4),
	N("NaN", "NaN", 0),
	N("Infinity", "Infinity", 0),
	N("minus Infinity", "-Infinity", 1),
	N("a zero before", "01", 1),
	N("a zero before, negative", "-01", 2),
	N("two zeros", "00", 1),
	N("a plus", "+1", 0),
	N("a minus alone", "-", 1),
	N("two minus", "--1", 1),
	N("a point before", ".5", 0),
	N("a point behind", "5.", 2),
	N("a point behind and more", "[5.]", 3),
	N("a point and an exponent", "5.e1", 2),
	N("an exponent without digits", "1e", 2),
	N("an exponent with a sign only", "1e+", 3),
	N("an exponent with a fraction", "1e1.5", 3),
	N("two points", "1.2.3", 3),
	N("hexadecimal", "0x10", 1),
	N("a separator", "1_000", 1),
	N("full-width digits", "\xef\xbc\x91", 0),
	N("a string without an end", "\"abc", 4),
	N("a string that ends in a backslash", "\"abc\\", 4),
	N("a string that ends in an escaped quote", "\"abc\\\"", 6),
	N("single quotes", "'a'", 0),
	N("a newline in a string", "\"a\nb\"", 2),
	N("a tab in a string", "\"a\tb\"", 2),
	N("a NUL in a string", "\"a\0b\"", 2),
	N("0x1f in a string", "\"a\x1f" "b\"", 2),
	N("an escape that is none", "\"\\a\"", 1),
	N("an escape of hexadecimal digits", "\"\\x41\"", 1),
	N("an escape in capitals", "\"\\U0041\"", 1),
	N("an escape of a byte above ASCII", "\"\\\xc3\xa9\"", 1),
	N("an escape of a newline", "\"\\\n\"", 1),
	N("three hexadecimal digits", "\"\\u004\"", 1),
	N("a digit that is none", "\"\\u00g0\"", 1),
	N("a digit before them that is none", "\"\\u/000\"", 1),
	N("a digit behind nine", "\"\\u:000\"", 1),
	N("\\u at the end", "\"\\u", 1),
	N("a high surrogate alone", "\"\\ud83d\"", 1),
	N("a high surrogate and a letter", "\"\\ud83da\"", 1),
	N("a high surrogate and another escape", "\"\\ud83d\\n00000\"", 1),
	N("a high surrogate and no low one", "\"\\ud83d\\u0041\"", 1),
	N("two high surrogates", "\"\\ud83d\\ud83d\"", 1),
	N("a low surrogate alone", "\"\\ude00\"", 1),
	N("a low surrogate before a high one", "\"\\ude00\\ud83d\"", 1),
	N("a lone continuation", "\"\x80\"", 1),
	N("a lone lead", "\"\xc3\"", 1),
	N("an overlong slash of two bytes", "\"\xc0\xaf\"", 1),
	N("an overlong slash of three bytes", "\"\xe0\x80\xaf\"", 1),
	N("an overlong slash of four bytes", "\"\xf0\x80\x80\xaf\"", 1),
	N("a surrogate in UTF-8", "\"\xed\xa0\x80\"", 1),
	N("above the last code point", "\"\xf4\x90\x80\x80\"", 1),
	N("five bytes", "\"\xf8\x88\x80\x80\x80\"", 1),
	N("0xff", "\"\xff\"", 1),
	N("UTF-16", "\xff\xfe[\0]\0", 0),
	N("Latin-1", "[\"caf\xe9\"]", 5),
	N("wrong bytes behind a wrong word", "[tru,\"\xff\"]", 6),
	N("wrong bytes behind right ones and a wrong word", "[\"\xc3\xa9\",tru,\"\xff\"]", 11),
	N("wrong bytes behind a name that is repeated", "{\"a\":1,\"a\":\"\xff\"}", 12),
	N("wrong bytes that are escaped", "\"\\\xff\"", 2),
	N("a lead at the very end", "[\"abcdefghijklmnopqrstuvwxyz\xe2\x82", 28),

	D("a name twice", "{\"a\":1,\"a\":2}", 7),
	D("a name twice, others between", "{\"a\":1,\"b\":2,\"a\":3}", 13),
	D("an empty name twice", "{\"\":1,\"\":2}", 6),
	D("a name twice, one escaped", "{\"a\":1,\"\\u0061\":2}", 7),
	D("a name twice, both escaped", "{\"\\u0061\":1,\"\\u0061\":2}", 12),
	D("a name twice, escaped in two ways", "{\"\\/\":1,\"\\u002f\":2}", 8),
	D("a slash escaped and not", "{\"/\":1,\"\\/\":2}", 7),
	D("above ASCII, escaped and not", "{\"\xc3\xa9\":1,\"\\u00e9\":2}", 8),
	D("a pair, escaped and not", "{\"\xf0\x9f\x98\x80\":1,\"\\ud83d\\ude00\":2}", 10),
	D("a long name twice", "{\"messages_of_the_day\":1,\"messages_of_the_day\":2}", 25),
	D("deep inside", "[[{\"x\":[{\"a\":1,\"a\":2}]}]]", 15),
	D("in an object whose later text is wrong", "[{\"a\":1,\"a\":2},]", 8),
#undef Y
#undef N
#undef D
};

/* A text in memory of exactly its length, so that a sanitizer sees a step outside. */
static struct slice
exact(struct slice s)
{
	char *copy = malloc(s.len > 0 ? s.len : 1);

	memcpy(copy, s.ptr, s.len);
	return slice_of(copy, s.len);
}

static struct slice
from(const char *s)
{
	return slice_of(s, strlen(s));
}

static void
test_texts(void)
{
	struct blocks blocks = BLOCKS;
	struct arena arena;

	arena_init(&arena, &blocks.memory, SIZE_MAX);
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		struct slice text = exact(texts[i].text);
		struct json_fault fault = { 77, NULL };
		struct json j = { .count = 77 };
		enum err e = json_parse(&arena, text, JSON_DUPLICATES_REFUSED, &j, &fault);

		if (check_int(e, texts[i].want, "%s", texts[i].why) && e != ERR_OK) {
			check_int(fault.offset, texts[i].at, "  where: %s", texts[i].why);
			check(fault.why != NULL && j.count == 77, "  why, and nothing is written");
		}
		e = json_parse(&arena, text, JSON_DUPLICATES_KEPT, &j, &fault);
		if (texts[i].want == ERR_JSON_DUPLICATE_KEY && i + 1 < COUNT_OF(texts))
			check_int(e, ERR_OK, "  repeated names are kept: %s", texts[i].why);
		free((char *)text.ptr);
		arena_reset(&arena);
	}
	check_int((int64_t)blocks.out, 0, "all memory came back");
}

static struct json
parse(struct arena *arena, struct slice text)
{
	struct json_fault fault;
	struct json j;

	check_or_stop(json_parse(arena, text, JSON_DUPLICATES_REFUSED, &j, &fault) == ERR_OK,
	    "a text for a test is read");
	return j;
}

static void
test_tape(struct arena *arena)
{
	struct slice text = S(" {\"a\" : [1, -2.50e1 ,{}], \"b\":{\"c\":\"d\\n\"} , \"e\":[] }");
	static const struct {
		const char	*raw;
		enum json_type	 type;
		uint32_t	 next, count;
		bool		 key, escaped;
	} want[] = {
		{ "{\"a\" : [1, -2.50e1 ,{}], \"b\":{\"c\":\"d\\n\"} , \"e\":[] }",
		    JSON_OBJECT, 12, 3, false, false },
		{ "\"a\"", JSON_STRING, 2, 0, true, false },
		{ "[1, -2.50e1 ,{}]", JSON_ARRAY, 6, 3, false, false },
		{ "1", JSON_NUMBER, 4, 0, false, false },
		{ "-2.50e1", JSON_NUMBER, 5, 0, false, false },
		{ "{}", JSON_OBJECT, 6, 0, false, false },
		{ "\"b\"", JSON_STRING, 7, 0, true, false },
		{ "{\"c\":\"d\\n\"}", JSON_OBJECT, 10, 1, false, false },
		{ "\"c\"", JSON_STRING, 9, 0, true, false },
		{ "\"d\\n\"", JSON_STRING, 10, 0, false, true },
		{ "\"e\"", JSON_STRING, 11, 0, true, false },
		{ "[]", JSON_ARRAY, 12, 0, false, false },
	};
	struct json j = parse(arena, text);

	check_int(j.count, COUNT_OF(want), "a node for every value and name");
	for (uint32_t i = 0; i < COUNT_OF(want); i++) {
		check_slice(json_raw(&j, i), from(want[i].raw), "node %u", i);
		check(json_type(&j, i) == want[i].type && j.node[i].next == want[i].next &&
		    j.node[i].count == want[i].count && j.node[i].key == want[i].key &&
		    j.node[i].escaped == want[i].escaped, "  and what it is");
	}
}

static void
test_member(struct arena *arena)
{
	struct slice text = S("{\"model\":\"m\",\"st\\u0072eam\":true,\"a\":{\"model\":1},\"\":0}");
	struct slice twice = S("{\"a\":1,\"a\":2,\"b\":3}");
	struct json j = parse(arena, text);
	struct json_fault fault;

	check_slice(json_raw(&j, json_member(&j, 0, S("model"))), S("\"m\""), "a member");
	check_slice(json_raw(&j, json_member(&j, 0, S("stream"))), S("true"),
	    "a member whose name is escaped");
	check_slice(json_raw(&j, json_member(&j, 0, S(""))), S("0"), "a member without a name");
	check_int(json_member(&j, 0, S("mode")), 0, "no member by half a name");
	check_int(json_member(&j, 0, S("m")), 0, "no member by a value");
	check_int(json_member(&j, 0, S("models")), 0, "no member by more than a name");
	check_int(json_member(&j, 2, S("model")), 0, "no member of what is no object");
	check_slice(json_raw(&j, json_member(&j, json_member(&j, 0, S("a")), S("model"))), S("1"),
	    "a member of a member");
	check_int(json_parse(arena, twice, JSON_DUPLICATES_KEPT, &j, &fault), ERR_OK,
	    "repeated names, kept");
	check_slice(json_raw(&j, json_member(&j, 0, S("a"))), S("2"), "the last one counts");
	check_int(j.node[0].count, 3, "all are on the tape");
}

static const struct {
	const char	*why;
	struct slice	 text;
	struct slice	 means;
} strings[] = {
#define M(why, text, means)	{ why, { text, sizeof(text) - 1 }, { means, sizeof(means) - 1 } }
	M("nothing", "\"\"", ""),
	M("plain", "\"abc\"", "abc"),
	M("plain above ASCII", "\"\xc3\xa9\"", "\xc3\xa9"),
	M("the short escapes", "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"", "\"\\/\b\f\n\r\t"),
	M("an escape alone", "\"\\n\"", "\n"),
	M("a NUL", "\"a\\u0000b\"", "a\0b"),
	M("one byte", "\"\\u007f\"", "\x7f"),
	M("two bytes", "\"\\u0080\\u07ff\"", "\xc2\x80\xdf\xbf"),
	M("three bytes", "\"\\u0800\\uFFFF\"", "\xe0\xa0\x80\xef\xbf\xbf"),
	M("around the surrogates", "\"\\ud7ff\\ue000\"", "\xed\x9f\xbf\xee\x80\x80"),
	M("four bytes", "\"\\ud800\\udc00\\uDBFF\\uDFFF\"", "\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"),
	M("escapes far apart", "\"0123456789abcdefghij\\n0123456789abcdefghijklmno\\t.\"",
	    "0123456789abcdefghij\n0123456789abcdefghijklmno\t."),
	M("sixteen and one", "\"0123456789abcdef\\n\"", "0123456789abcdef\n"),
	M("a backslash and a letter", "\"\\\\n\"", "\\n"),
#undef M
};

static void
test_strings(struct arena *arena)
{
	for (size_t i = 0; i < COUNT_OF(strings); i++) {
		struct slice text = exact(strings[i].text);
		struct json j = parse(arena, text);
		size_t len = strings[i].means.len;
		char other[64];

		check_slice(json_string(arena, &j, 0), strings[i].means, "means: %s",
		    strings[i].why);
		check_slice(json_inside(&j, 0), slice_cut(text, 1, text.len - 1), "  inside");
		check(json_is(&j, 0, strings[i].means), "  is what it means");
		memcpy(other, strings[i].means.ptr, len);
		other[len] = 'x';
		check(!json_is(&j, 0, slice_of(other, len + 1)), "  is nothing longer");
		check(len == 0 || !json_is(&j, 0, slice_of(other, len - 1)),
		    "  is nothing shorter");
		if (len > 0) {
			other[len - 1] ^= 1;
			check(!json_is(&j, 0, slice_of(other, len)), "  is nothing else");
		}
		free((char *)text.ptr);
	}

	struct json j = parse(arena, S("[1,\"1\"]"));

	check(!json_is(&j, 1, S("1")), "a number is no string");
	check(json_is(&j, 2, S("1")), "a string of a digit is");
}

/* What may stand in a string, and where in it the reader stops; 0: not at all. */
static const struct {
	const char	*bytes;
	unsigned	 at;		/* one more than the fault's place */
	bool		 escaped;
} pieces[] = {
	{ "", 0, false }, { "\\n", 0, true }, { "\\\"", 0, true }, { "\\\\", 0, true },
	{ "\\\\n", 0, true }, { "\\\\\\n", 0, true }, { "\\n\\n", 0, true },
	{ "\\n\\\\n", 0, true }, { "\\t", 0, true }, { "\\u0041", 0, true },
	{ "\\ud83d\\ude00", 0, true }, { "n", 0, false }, { " ", 0, false }, { "!#", 0, false },
	{ "\x7f", 0, false }, { "\xc3\xa9", 0, false }, { "\xf0\x9f\x98\x80", 0, false },
	{ "\\\"\xc3\xa9\\\\", 0, true },
	{ "\x1f", 1, false }, { "\n", 1, false }, { "\x80", 1, false }, { "\xed\xa0\x80", 1, false },
	{ "\\N", 1, false }, { "\\\n", 1, false }, { "\\\\\n", 3, false }, { "\\n\\x", 3, false },
	{ "\\\\\\x", 3, false }, { "\\\xc3\xa9", 1, false }, { "\xc3\xa9\x01", 3, false },
	{ "\xc3\xa9\\x", 3, false }, { "\xc3\xa9\\n\xff", 5, false },
};

/* A string with a piece at a place of it, in lines or not: does the reader say what it should? */
static bool
piece_is_read(struct arena *arena, size_t i, size_t place, bool lines, unsigned rules)
{
	size_t len = strlen(pieces[i].bytes);
	char room[256];
	struct json_fault fault = { 0, NULL };
	struct slice text;
	struct text t;
	struct json j;
	bool right;
	enum err e;

	text_init(&t, room, sizeof room);
	text_put_char(&t, '"');
	while (t.len < 1 + place)
		text_put(&t, lines && t.len % 9 == 0 && t.len < place ? S("\\n") : S("x"));
	text_put(&t, slice_of(pieces[i].bytes, len));
	while (t.len < 180)
		text_put(&t, lines && t.len % 9 == 0 ? S("\\n") : S("x"));
	text_put_char(&t, '"');
	text = exact(text_slice(&t));
	e = json_parse(arena, text, rules, &j, &fault);
	if (pieces[i].at > 0)
		right = e == ERR_JSON_MALFORMED && fault.offset == place + pieces[i].at;
	else
		right = e == ERR_OK && j.count == 1 && j.node[0].end == text.len &&
		    j.node[0].escaped == (lines || pieces[i].escaped);
	free((char *)(uintptr_t)text.ptr);
	return right;
}

static void
test_every_place(void)
{
	unsigned wide = kernel_is_wide() ? JSON_WIDE : 0;
	struct blocks blocks = BLOCKS;
	struct arena arena;

	arena_init(&arena, &blocks.memory, SIZE_MAX);
	for (size_t i = 0; i < COUNT_OF(pieces); i++) {
		size_t wrong = 0;

		for (size_t place = 0; place < 160; place++) {
			wrong += !piece_is_read(&arena, i, place, false, 0);
			wrong += !piece_is_read(&arena, i, place, true, 0);
			wrong += !piece_is_read(&arena, i, place, false, wide);
			wrong += !piece_is_read(&arena, i, place, true, wide);
			arena_reset(&arena);
		}
		check_int((int64_t)wrong, 0, "piece %zu of a string, at every place of it", i);
	}
	arena_release(&arena);
}

static void
test_integers(struct arena *arena)
{
	static const struct {
		const char	*text;
		bool		 ok;
		uint64_t	 n;
	} cases[] = {
		{ "0", true, 0 }, { "7", true, 7 }, { "9223372036854775807", true, INT64_MAX },
		{ "9223372036854775808", false, 0 }, { "18446744073709551616", false, 0 },
		{ "-1", false, 0 }, { "-0", false, 0 }, { "1.0", false, 0 }, { "1e2", false, 0 },
		{ "\"1\"", false, 0 }, { "null", false, 0 }, { "true", false, 0 },
	};

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct json j = parse(arena, from(cases[i].text));
		uint64_t n = 77, want = cases[i].ok ? cases[i].n : 77;

		check(json_integer(&j, 0, &n) == cases[i].ok && n == want, "%s as an integer",
		    cases[i].text);
	}
}

static void
test_depth(struct arena *arena)
{
	char text[3 * JSON_DEPTH_MAX];
	struct json_fault fault;
	struct json j;

	for (unsigned more = 0; more < 2; more++) {
		size_t depth = JSON_DEPTH_MAX + more;

		memset(text, '[', depth);
		memset(text + depth, ']', depth);
		check_int(json_parse(arena, slice_of(text, 2 * depth), JSON_DUPLICATES_REFUSED, &j,
		    &fault), more ? ERR_JSON_TOO_DEEP : ERR_OK, "%zu levels", depth);
		if (more)
			check_int(fault.offset, JSON_DEPTH_MAX, "  where");
	}
}

#define ROOM_BYTES	(1 << 20)

/* Puts a member: what stands before its number, the number, and what stands behind. */
static void
put_member(struct text *t, const char *const around[2], size_t number)
{
	text_put(t, from(around[0]));
	text_put_number(t, 1000000 + number);
	text_put(t, from(around[1]));
}

/* An object of `count` members, and one more that repeats number `again`. */
static struct slice
object_of(char *room, size_t count, const char *const around[2], size_t again)
{
	struct text t;

	text_init(&t, room, ROOM_BYTES);
	text_put_char(&t, '{');
	for (size_t i = 0; i < count; i++) {
		if (i > 0)
			text_put_char(&t, ',');
		put_member(&t, around, i);
	}
	if (again != SIZE_MAX) {
		text_put_char(&t, ',');
		put_member(&t, around, again);
	}
	text_put_char(&t, '}');
	return text_slice(&t);
}

static void
check_again(struct arena *arena, struct slice text, size_t member_bytes, size_t number)
{
	struct json_fault fault = { 0, NULL };
	struct json j;

	check_int(json_parse(arena, text, JSON_DUPLICATES_REFUSED, &j, &fault),
	    ERR_JSON_DUPLICATE_KEY, "  number %zu again is seen", number);
	check_int(fault.offset, (int64_t)(text.len - 1 - member_bytes), "  and where");
}

static void
test_many_names(struct arena *arena)
{
	static const char *const around[][2] = {
		{ "\"", "\":0" },
		{ "\"a_name_that_begins_like_others_", "\":0" },
		{ "\"", "_and_ends_like_others\":0" },
		{ "\"\\u0061", "\":0" },
		{ "\"in_the_", "_middle_of_it\":{\"a\":[]}" },
	};
	static const size_t counts[] = { 2, 8, 31, 32, 33, 34, 64, 65, 255, 256, 1000, 5000 };
	char *room = malloc(ROOM_BYTES);

	for (size_t i = 0; i < COUNT_OF(around) * COUNT_OF(counts); i++) {
		const char *const *name = around[i / COUNT_OF(counts)];
		size_t count = counts[i % COUNT_OF(counts)];
		size_t again[] = { 0, count / 2, count - 1 };
		size_t bytes = strlen(name[0]) + 7 + strlen(name[1]);
		struct slice text = object_of(room, count, name, SIZE_MAX);
		struct json_fault fault;
		struct json j;

		check_int(json_parse(arena, text, JSON_DUPLICATES_REFUSED, &j, &fault), ERR_OK,
		    "%zu names like %s differ", count, name[0]);
		for (size_t k = 0; k < COUNT_OF(again); k++)
			check_again(arena, object_of(room, count, name, again[k]), bytes, again[k]);
		arena_reset(arena);
	}
	free(room);
}

/* ---- in steps --------------------------------------------------------- */

/* Reads at once and in steps; the number of these, or 0 where the two differ. */
static size_t
steps_of(struct arena *arena, struct slice text, size_t bytes)
{
	struct json_fault once = { 0, NULL }, stepped = { 0, NULL };
	struct json j = { .count = 0 }, k = { .count = 0 };
	enum err e = json_parse(arena, text, JSON_DUPLICATES_REFUSED, &j, &once);
	struct json_reading *reading = json_begin(arena, text, JSON_DUPLICATES_REFUSED);
	size_t count = 1;

	while (!json_step(reading, bytes))
		count++;
	if (json_end(reading, &k, &stepped) != e || j.count != k.count ||
	    once.offset != stepped.offset || once.why != stepped.why)
		return 0;
	return e != ERR_OK || memcmp(j.node, k.node, j.count * sizeof *j.node) == 0 ? count : 0;
}

static void
test_steps_of_texts(struct arena *arena)
{
	for (size_t i = 0; i < COUNT_OF(texts); i++) {
		size_t wrong = 0;

		for (size_t bytes = 1; bytes < 80; bytes += bytes < 12 ? 1 : 13)
			wrong += steps_of(arena, texts[i].text, bytes) == 0;
		/* What fits one step takes one, with a fault or not: it may be gone in the next. */
		wrong += steps_of(arena, texts[i].text, texts[i].text.len + 1) != 1;
		check_int((int64_t)wrong, 0, "in steps: %s", texts[i].why);
		arena_reset(arena);
	}
}

/* What takes long, and must not be one step. */
static const struct {
	const char	*why, *before, *again, *after;
} long_texts[] = {
	{ "values", "[", "1,", "1]" },
	{ "objects", "[", "{\"a\":1,\"b\":{}},", "1]" },
	{ "escapes in a value", "[\"", "\\u0041", "\"]" },
	{ "escapes in a name", "{\"", "\\ud83d\\ude00", "\":1}" },
	{ "escapes in a text that is nothing else", "\"", "\\t", "\"" },
	{ "escapes without an end", "[\"", "\\u0041", "" },
	{ "escapes and then a fault", "[\"", "\\u0041", "\\x\"]" },
	{ "other alphabets", "\"", "\xe4\xb8\xad\xd0\xb6\xf0\x9f\x98\x80", "\"" },
	{ "what is no UTF-8 at the end", "\"", "\xe4\xb8\xad", "\xe4\xb8\"" },
};

static void
test_steps_of_long_texts(struct arena *arena)
{
	static const size_t bytes[] = { 1000, 1001, 1002, 4096, 50000 };
	char *room = malloc(ROOM_BYTES);

	for (size_t i = 0; i < COUNT_OF(long_texts) * COUNT_OF(bytes); i++) {
		size_t row = i / COUNT_OF(bytes), step = bytes[i % COUNT_OF(bytes)], steps;
		struct text t;

		text_init(&t, room, ROOM_BYTES);
		text_put(&t, from(long_texts[row].before));
		while (t.len < 100000)
			text_put(&t, from(long_texts[row].again));
		text_put(&t, from(long_texts[row].after));
		steps = steps_of(arena, text_slice(&t), step);
		check(steps * (step + 12) >= t.len, "steps of %zu bytes: %s", step,
		    long_texts[row].why);
		arena_reset(arena);
	}
	free(room);
}

/* The names of one object are compared in steps too, whichever of them is repeated. */
static void
test_steps_of_names(struct arena *arena)
{
	static const char *const around[][2] = { { "\"", "\":0" },
		{ "\"\\u0061", "\":{\"a\":[]}" } };
	static const size_t counts[] = { 64, 65, 256, 5000 };
	char *room = malloc(ROOM_BYTES);

	for (size_t i = 0; i < COUNT_OF(around) * COUNT_OF(counts); i++) {
		const char *const *name = around[i / COUNT_OF(counts)];
		size_t count = counts[i % COUNT_OF(counts)];
		size_t again[] = { SIZE_MAX, 0, count / 2, count - 1 };

		for (size_t k = 0; k < COUNT_OF(again); k++) {
			struct slice text = object_of(room, count, name, again[k]);
			size_t many = steps_of(arena, text, 100);

			check(many >= text.len / 100 && steps_of(arena, text, 7) > many &&
			    steps_of(arena, text, 100000) > 0,
			    "%zu names and number %zd again, in steps", count,
			    (ssize_t)again[k]);
		}
		arena_reset(arena);
	}
	free(room);
}

/* Whatever allocation is refused, the answer is ERR_MEMORY or right. */
static void
test_refused_memory(void)
{
	struct blocks blocks = BLOCKS;
	static const char *const around[2] = { "\"\\u0061", "\":[0,[1]]" };
	char *room = malloc(ROOM_BYTES);
	struct slice text = object_of(room, 4000, around, SIZE_MAX);
	struct arena arena;
	struct json_fault fault;
	struct json j;
	enum err e = ERR_MEMORY;
	size_t left;

	arena_init(&arena, &blocks.memory, SIZE_MAX);
	for (left = 0; left < 1000 && e == ERR_MEMORY; left++) {
		blocks.left = left;
		e = json_parse(&arena, text, JSON_DUPLICATES_REFUSED, &j, &fault);
		arena_reset(&arena);
		if (blocks.out != 0)
			break;
	}
	check(e == ERR_OK && left > 3, "a refused block is ERR_MEMORY, till there are %zu", left);
	check_int((int64_t)blocks.out, 0, "and nothing is lost");

	blocks.left = SIZE_MAX;
	arena_init(&arena, &blocks.memory, 40000);
	check_int(json_parse(&arena, text, JSON_DUPLICATES_REFUSED, &j, &fault), ERR_MEMORY,
	    "an arena that is too small is ERR_MEMORY");
	arena_release(&arena);
	free(room);
}

/* Texts that are made to cost much memory, of which there is this much for each byte. */
static const struct {
	const char	*why;
	const char	*before, *again, *after;
} costly[] = {
	{ "ones", "[1", ",1", "]" },
	{ "empty arrays", "[[]", ",[]", "]" },
	{ "empty strings", "[\"\"", ",\"\"", "]" },
	{ "small objects", "[0", ",{\"a\":0,\"b\":0}", "]" },
	{ "names with escapes", "[0", ",{\"\\u0061\":0,\"b\":0}", "]" },
	{ "escapes", "\"", "\\n", "\"" },
};

static void
test_memory_held(void)
{
	char *room = malloc(ROOM_BYTES);
	static const char *const around[2] = { "\"", "\":0" };

	for (size_t i = 0; i <= COUNT_OF(costly); i++) {
		struct blocks blocks = BLOCKS;
		bool names = i == COUNT_OF(costly);
		struct json_fault fault;
		struct arena arena;
		struct json j;
		struct text t;

		text_init(&t, room, ROOM_BYTES);
		if (names) {
			t.len = object_of(room, 20000, around, SIZE_MAX).len;
		} else {
			text_put(&t, from(costly[i].before));
			while (t.len < 300000)
				text_put(&t, from(costly[i].again));
			text_put(&t, from(costly[i].after));
		}
		arena_init(&arena, &blocks.memory, SIZE_MAX);
		check_int(json_parse(&arena, text_slice(&t), JSON_DUPLICATES_REFUSED, &j, &fault),
		    ERR_OK, "%s are read", names ? "many names" : costly[i].why);
		check(blocks.bytes <= 40 * t.len, "  and hold %.1f bytes for each byte, at most 40",
		    (double)blocks.bytes / (double)t.len);
		arena_release(&arena);
	}
	free(room);
}

/* One value more than a document may have. */
static void
test_most_values(void)
{
	struct blocks blocks = BLOCKS;
	size_t len = 2 * (size_t)JSON_NODES_MAX + 1;
	char *text = malloc(len);
	struct json_fault fault;
	struct arena arena;
	struct json j;

	/* An array of one value less than that, and of as many. */
	for (size_t i = 0; i < len; i++)
		text[i] = i % 2 == 0 ? ',' : '1';
	text[0] = '[';
	for (unsigned more = 0; more < 2; more++) {
		size_t end = len - 3 + 2 * more;

		arena_init(&arena, &blocks.memory, SIZE_MAX);
		text[end] = ']';
		check_int(json_parse(&arena, slice_of(text, end + 1), JSON_DUPLICATES_KEPT, &j,
		    &fault), more ? ERR_MEMORY : ERR_OK, "%s values", more ? "too many" : "most");
		text[end] = ',';
		arena_release(&arena);
	}
	free(text);
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena arena;

	arena_init(&arena, &blocks.memory, SIZE_MAX);
	test_texts();
	test_tape(&arena);
	test_member(&arena);
	test_strings(&arena);
	test_every_place();
	test_integers(&arena);
	test_depth(&arena);
	test_many_names(&arena);
	test_steps_of_texts(&arena);
	test_steps_of_long_texts(&arena);
	test_steps_of_names(&arena);
	test_refused_memory();
	test_memory_held();
	test_most_values();
	arena_release(&arena);
	return check_done();
}
