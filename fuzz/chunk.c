/* SPDX-License-Identifier: Apache-2.0 */
/*
 * chunk - any bytes as a chunked body, in any pieces.
 *
 * The first two bytes say how the rest is cut.  Whatever the cut, the payload,
 * the verdict and the number of bytes read must be those of a reader that
 * looks at one line at a time.
 */
#include "wire/chunk.h"

#include "core/limit.h"
#include "fuzz.h"

struct result {
	char	*payload;
	size_t	 len, read;
	int	 end;			/* 1: done, -1: bad, 0: more is needed */
};

/* The machine, fed in pieces of the given lengths, in turn. */
static struct result
by_machine(struct slice s, size_t one, size_t other)
{
	struct result r = { .payload = malloc(s.len + 1) };
	struct chunk c;

	chunk_init(&c);
	for (bool odd = false; s.len > 0; odd = !odd) {
		size_t len = odd ? other : one;
		struct slice part = fuzz_exact(slice_cut(s, 0, len < s.len ? len : s.len));
		struct slice rest = part;

		while (rest.len > 0 && !chunk_is_done(&c) && !chunk_is_bad(&c)) {
			struct slice piece;
			size_t n = chunk_feed(&c, rest, &piece);

			FUZZ_CHECK(n <= rest.len && fuzz_inside(piece, slice_cut(rest, 0, n)));
			FUZZ_CHECK(n > 0 || chunk_is_bad(&c));
			memcpy(r.payload + r.len, piece.ptr == NULL ? "" : piece.ptr, piece.len);
			r.len += piece.len;
			r.read += n;
			rest = slice_cut(rest, n, rest.len);
		}
		free((char *)part.ptr);
		s = slice_cut(s, len < s.len ? len : s.len, s.len);
	}
	r.end = chunk_is_done(&c) ? 1 : chunk_is_bad(&c) ? -1 : 0;
	return r;
}

static bool
is_plain(char c)
{
	return (unsigned char)c >= 0x20 ? c != 0x7f : c == '\t';
}

/* The length of a line up to its CR, or -1 if it is bad, or -2 if it is not whole. */
static long
line_length(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		if (s.ptr[i] == '\r')
			return i + 1 == s.len ? -2 : s.ptr[i + 1] == '\n' ? (long)i : -1;
		if (!is_plain(s.ptr[i]))
			return -1;
	}
	return -2;
}

static bool
is_name(struct slice s)
{
	static const char others[] = "!#$%&'*+-.^_`|~";

	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= '0' && c <= '9') || ((c | 32) >= 'a' && (c | 32) <= 'z') ||
		    (c != '\0' && memchr(others, c, sizeof others - 1) != NULL)))
			return false;
	}
	return s.len > 0;
}

/* A size line: digits, then nothing or an extension. */
static bool
read_size(struct slice line, uint64_t *size)
{
	char digits[17] = "";
	size_t n = 0;

	while (n < line.len && line.ptr[n] != ';')
		n++;
	if (n == 0 || n > 16)
		return false;
	for (size_t i = 0; i < n; i++)
		if (memchr("0123456789abcdefABCDEF", line.ptr[i], 22) == NULL)
			return false;
	memcpy(digits, line.ptr, n);
	*size = strtoull(digits, NULL, 16);
	return true;
}

/* Line by line, over the whole: only the verdict where it is not bad, and the payload. */
static struct result
by_line(struct slice s)
{
	struct result r = { .payload = malloc(s.len + 1), .end = -1 };
	struct slice rest = s;
	uint64_t size = 1;
	size_t trailer = 0;
	long len;

	while (size > 0) {
		len = line_length(rest);
		if (len == -2)
			r.end = 0;
		if (len < 0 || len + 2 > CHUNK_LINE_BYTES_MAX ||
		    !read_size(slice_cut(rest, 0, (size_t)len), &size))
			return r;
		rest = slice_cut(rest, (size_t)len + 2, rest.len);
		if (size == 0)
			break;
		len = (long)(size < rest.len ? size : rest.len);
		memcpy(r.payload + r.len, rest.ptr, (size_t)len);
		r.len += (size_t)len;
		rest = slice_cut(rest, (size_t)len, rest.len);
		if (rest.len < 2) {
			r.end = 0;
			return r;
		}
		if (rest.ptr[0] != '\r' || rest.ptr[1] != '\n')
			return r;
		rest = slice_cut(rest, 2, rest.len);
	}
	for (;;) {
		len = line_length(rest);
		trailer += len < 0 ? 0 : (size_t)len + 2;
		if (len == -2)
			r.end = 0;
		if (len < 0 || trailer > TRAILER_BYTES_MAX)
			return r;
		if (len == 0) {
			r.end = 1;
			r.read = s.len - rest.len + 2;
			return r;
		}
		const char *colon = memchr(rest.ptr, ':', (size_t)len);

		if (colon == NULL || !is_name(slice_of(rest.ptr, (size_t)(colon - rest.ptr))))
			return r;
		rest = slice_cut(rest, (size_t)len + 2, rest.len);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct result whole, cut, lines;
	struct slice s;

	if (size < 2)
		return 0;
	s = slice_of((const char *)data + 2, size - 2);
	whole = by_machine(s, s.len, s.len);
	cut = by_machine(s, (size_t)data[0] % 32 + 1, (size_t)data[1] % 96 + 1);
	FUZZ_CHECK(whole.end == cut.end && whole.read == cut.read && whole.len == cut.len);
	FUZZ_CHECK(memcmp(whole.payload, cut.payload, whole.len) == 0);
	lines = by_line(s);
	/* The machine sees what is bad in a line before the line is whole. */
	FUZZ_CHECK(whole.end == lines.end || (whole.end == -1 && lines.end == 0));
	FUZZ_CHECK(whole.end != 1 || whole.read == lines.read);
	FUZZ_CHECK(whole.end == -1 || (whole.len == lines.len &&
	    memcmp(whole.payload, lines.payload, whole.len) == 0));
	FUZZ_CHECK(whole.end != 0 || whole.read == s.len);
	free(whole.payload);
	free(cut.payload);
	free(lines.payload);
	return 0;
}
