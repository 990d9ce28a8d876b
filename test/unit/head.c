/* SPDX-License-Identifier: Apache-2.0 */
#include "ledger/head.h"

#include "check.h"

#define ROOT	"XcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyg="
#define TEXT	"example.org/trivium\n8\n" ROOT "\ntime 2026-11-20T11:12:13.456Z\n"
#define LINE	"\xe2\x80\x94 example.org/trivium 1C0u1oe0gsV63eQcfnUK0jIEyRwQttSc+Cw+q29horC3" \
	"kM/MToc3RPgWEZzQ8mzA8jaHMEBKg5nHAYCVv+oGuvWu0gY=\n"
#define OTHER	"\xe2\x80\x94 witness.example AAAAAAAA\n"

/* RFC 8032, section 7.1, test 1; the note above was made with it by openssl and sha256sum. */
static const struct slice key = S("-----BEGIN PRIVATE KEY-----\n"
    "MC4CAQAwBQYDK2VwBCIEIJ1hsZ3v/VpguoRK9JLsLMREScVpezJpGXA7rAMcrn9g\n"
    "-----END PRIVATE KEY-----\n");

static const struct { const char *why; struct slice note; bool reads, holds; } cases[] = {
	{ "the note", S(TEXT "\n" LINE), true, true },
	{ "a witness signed too", S(TEXT "\n" OTHER LINE), true, true },
	{ "a line that is not known is signed too",
	  S("example.org/trivium\n8\n" ROOT "\nx\ntime 2026-11-20T11:12:13.456Z\n\n" LINE),
	  true, false },
	{ "only a witness signed", S(TEXT "\n" OTHER), true, false },
	{ "another size", S("example.org/trivium\n9\n" ROOT
	    "\ntime 2026-11-20T11:12:13.456Z\n\n" LINE), true, false },
	{ "another time", S("example.org/trivium\n8\n" ROOT
	    "\ntime 2026-11-20T11:12:13.457Z\n\n" LINE), true, false },
	{ "another name", S("example.com/trivium\n8\n" ROOT
	    "\ntime 2026-11-20T11:12:13.456Z\n\n" LINE), true, false },
	{ "nothing", S(""), false, false },
	{ "no signature", S(TEXT "\n"), false, false },
	{ "no empty line", S(TEXT LINE), false, false },
	{ "a line without its end", S(TEXT "\n" "\xe2\x80\x94 example.org/trivium 1C0u"), false, false },
	{ "a size with a zero before it", S("example.org/trivium\n08\n" ROOT "\n\n" LINE), false, false },
	{ "a size that is none", S("example.org/trivium\n-8\n" ROOT "\n\n" LINE), false, false },
	{ "a size past all counting",
	  S("example.org/trivium\n9223372036854775807\n" ROOT "\n\n" LINE), false, false },
	{ "a root that is too short", S("example.org/trivium\n8\nXcnaeacGWamtVZy3\n\n" LINE),
	  false, false },
	{ "a root with bits left over",
	  S("example.org/trivium\n8\nXcnaeacGWamtVZy3Ad7ZoqudgjqtL0lgz+Nw7/RgQyh=\n\n" LINE),
	  false, false },
	{ "a name with a space", S("example.org trivium\n8\n" ROOT "\n\n" LINE), false, false },
	{ "no name", S("\n8\n" ROOT "\n\n" LINE), false, false },
};

static void
made(struct digester *d, const struct signer *s)
{
	struct head h, back;
	char room[HEAD_BYTES_MAX], name[HEAD_NAME_BYTES];
	struct slice rest;
	struct text t;

	check_or_stop(head_read(cases[0].note, &h, &rest), "the note is read");
	check_int((int64_t)h.state.size, 8, "its size");
	check_slice(h.origin, S("example.org/trivium"), "its name");
	check_slice(h.time, S("2026-11-20T11:12:13.456Z"), "its time");
	check_slice(h.text, S(TEXT), "what is signed");
	text_init(&t, room, sizeof room);
	check(head_put(&t, d, s, h.origin, &h), "the same is written");
	check_slice(text_slice(&t), cases[0].note, "byte for byte");
	head_name(d, s->public, name);
	check_slice(slice_of(name, sizeof name), S("trivium/21fe31dfa154a261"),
	    "a ledger is named for its key");
	check(head_put(&t, d, s, slice_of(name, sizeof name), &h), "a second note behind it");
	check(head_read(text_slice(&t), &back, &rest) && back.state.size == 8, "the first is read");
	check(head_read(rest, &back, &rest) && rest.len == 0 && head_check(&back, d, s->public),
	    "and the second, and it holds");
}

/* No bit of a note can be another without being told. */
static void
flipped(struct digester *d, const struct signer *s)
{
	char room[512];
	size_t len = cases[0].note.len;
	unsigned held = 0;
	struct slice rest;
	struct head h;

	memcpy(room, cases[0].note.ptr, len);
	for (size_t bit = 0; bit < 8 * len; bit++) {
		room[bit / 8] ^= (char)(1 << bit % 8);
		held += head_read(slice_of(room, len), &h, &rest) && rest.len == 0 &&
		    head_check(&h, d, s->public);
		room[bit / 8] ^= (char)(1 << bit % 8);
	}
	check_int(held, 0, "no flipped bit of a note is taken for signed");
}

int
main(void)
{
	struct digester d;
	struct signer s;
	struct slice rest;
	struct head h;

	check_or_stop(digester_init(&d) && signer_read(&s, key), "a key");
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		bool reads = head_read(cases[i].note, &h, &rest);

		check_int(reads, cases[i].reads, "%s: read", cases[i].why);
		check_int(reads && head_check(&h, &d, s.public), cases[i].holds, "%s: holds",
		    cases[i].why);
	}
	check(!head_is_name(S("a b")) && !head_is_name(S("a+b")) && head_is_name(S("a/b")),
	    "what a name may be");
	made(&d, &s);
	flipped(&d, &s);
	signer_release(&s);
	digester_release(&d);
	return check_done();
}
