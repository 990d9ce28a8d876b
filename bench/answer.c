/* SPDX-License-Identifier: Apache-2.0 */
#include "answer.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { CARRY_BYTES_MAX = 64 * 1024 };

static void
carry_release(struct carry *c)
{
	free(c->bytes);
	memset(c, 0, sizeof(*c));
}

static bool
carry_add(struct carry *c, const char *p, size_t n)
{
	size_t room = c->len + n;

	if (room > CARRY_BYTES_MAX)
		return false;
	if (room > c->room) {
		c->bytes = realloc(c->bytes, room + 256);
		if (c->bytes == NULL)
			abort();
		c->room = room + 256;
	}
	memcpy(c->bytes + c->len, p, n);
	c->len += n;
	return true;
}

void
answer_reset(struct answer *a)
{
	carry_release(&a->carry);
	carry_release(&a->line);
	memset(a, 0, sizeof(*a));
}

static bool
is_field(const char *line, size_t n, const char *name)
{
	size_t len = strlen(name);

	return n > len && line[len] == ':' && strncasecmp(line, name, len) == 0;
}

static bool
has_word(const char *line, size_t n, const char *word)
{
	size_t i, len = strlen(word);

	for (i = 0; i + len <= n; i++)
		if (strncasecmp(line + i, word, len) == 0)
			return true;
	return false;
}

static void
answer_field(struct answer *a, const char *line, size_t n)
{
	if (is_field(line, n, "content-length")) {
		if (a->part != ANSWER_CHUNK_SIZE)
			a->part = ANSWER_LENGTH;
		a->left = strtoull(line + sizeof("content-length"), NULL, 10);
	} else if (is_field(line, n, "transfer-encoding")) {
		a->part = ANSWER_CHUNK_SIZE;
	} else if (is_field(line, n, "content-type")) {
		a->stream = has_word(line, n, "text/event-stream");
	} else if (is_field(line, n, "connection")) {
		a->close = has_word(line, n, "close");
	}
}

/* Reads a whole head, its empty line included. */
static void
answer_head(struct answer *a, const char *head, size_t n)
{
	const char *end = head + n, *line, *eol;

	if (n < 16 || memcmp(head, "HTTP/1.", 7) != 0) {
		a->part = ANSWER_MALFORMED;
		return;
	}
	a->status = (unsigned)strtoul(head + 9, NULL, 10);
	if (a->status < 200 && a->status >= 100) {
		a->status = 0;		/* an interim answer: the real one follows */
		return;
	}
	a->part = ANSWER_UNTIL_CLOSE;
	line = head;
	while ((eol = memchr(line, '\n', (size_t)(end - line))) != NULL) {
		answer_field(a, line, (size_t)(eol - line));
		line = eol + 1;
	}
	if (a->status == 204 || a->status == 304 || (a->part == ANSWER_LENGTH && a->left == 0))
		a->part = ANSWER_WHOLE;
	if (a->part == ANSWER_UNTIL_CLOSE)
		a->close = true;
}

/*
 * Finds the end of a piece (a head or a framing line) that ends with `mark`, in bytes that may
 * begin in the carry.  Returns the bytes used; *piece is NULL while the piece is not whole.
 */
static size_t
answer_piece(struct answer *a, const char *mark, const char **piece, const char *p, size_t n)
{
	size_t len = strlen(mark), had = a->carry.len, from;
	char *end;

	*piece = NULL;
	if (had == 0) {
		end = memmem(p, n, mark, len);
		if (end != NULL) {
			*piece = p;
			return (size_t)(end - p) + len;
		}
	}
	if (!carry_add(&a->carry, p, n)) {
		a->part = ANSWER_MALFORMED;
		return n;
	}
	if (had == 0)
		return n;
	from = had >= len ? had - len : 0;
	end = memmem(a->carry.bytes + from, a->carry.len - from, mark, len);
	if (end == NULL)
		return n;
	a->carry.len = (size_t)(end - a->carry.bytes) + len;
	*piece = a->carry.bytes;
	return a->carry.len - had;
}

/* One line of an event stream, without its end. */
static void
answer_line(struct answer *a, struct tally *t, uint64_t now, const char *p, size_t n)
{
	const char *at;
	uint64_t sent;

	if (n < 5 || memcmp(p, "data:", 5) != 0)
		return;
	if (n >= 12 && memcmp(p + 5, " [DONE]", 7) == 0) {
		a->ended = true;
		return;
	}
	a->events++;
	t->events++;
	/* The timestamp is near the end; searching there first spares most of the scan. */
	at = memmem(n > 48 ? p + n - 48 : p, n > 48 ? 48 : n, "\"t\":", 4);
	if (at == NULL)
		return;
	sent = strtoull(at + 4, NULL, 10);
	if (sent != 0)
		hist_add(&t->delay, now > sent ? now - sent : 0);
}

static void
answer_events(struct answer *a, struct tally *t, uint64_t now, const char *p, size_t n)
{
	const char *eol;
	size_t len;

	while (n > 0) {
		eol = memchr(p, '\n', n);
		len = eol != NULL ? (size_t)(eol - p) + 1 : n;
		if (eol != NULL && a->line.len == 0) {
			answer_line(a, t, now, p, len - 1);
		} else {
			if (!carry_add(&a->line, p, len)) {
				a->part = ANSWER_MALFORMED;
				return;
			}
			if (eol != NULL) {
				/* The carry has room behind its bytes, so strtoull stops. */
				answer_line(a, t, now, a->line.bytes, a->line.len - 1);
				carry_release(&a->line);
			}
		}
		p += len;
		n -= len;
	}
}

static size_t
answer_body(struct answer *a, struct tally *t, uint64_t now, const char *p, size_t n)
{
	if (a->part != ANSWER_UNTIL_CLOSE && n > a->left)
		n = (size_t)a->left;
	if (a->stream)
		answer_events(a, t, now, p, n);
	if (a->part == ANSWER_LENGTH || a->part == ANSWER_CHUNK_DATA) {
		a->left -= n;
		if (a->left == 0)
			a->part = a->part == ANSWER_LENGTH ? ANSWER_WHOLE : ANSWER_CHUNK_END;
	}
	return n;
}

/* A head or a line of the chunked framing. */
static size_t
answer_frame(struct answer *a, const char *p, size_t n)
{
	const char *piece;
	size_t used;

	used = answer_piece(a, a->part == ANSWER_HEAD ? "\r\n\r\n" : "\n", &piece, p, n);
	if (piece == NULL)
		return used;
	switch (a->part) {
	case ANSWER_HEAD:
		answer_head(a, piece, a->carry.len != 0 ? a->carry.len : used);
		break;
	case ANSWER_CHUNK_SIZE:
		a->left = strtoull(piece, NULL, 16);
		a->part = a->left != 0 ? ANSWER_CHUNK_DATA : ANSWER_TRAILER;
		break;
	case ANSWER_CHUNK_END:
		a->part = ANSWER_CHUNK_SIZE;
		break;
	default:	/* ANSWER_TRAILER ends with an empty line */
		if (piece[0] == '\r' || piece[0] == '\n')
			a->part = ANSWER_WHOLE;
		break;
	}
	carry_release(&a->carry);
	return used;
}

size_t
answer_feed(struct answer *a, struct tally *t, uint64_t now, const char *p, size_t n)
{
	size_t used = 0;

	while (used < n && a->part != ANSWER_WHOLE && a->part != ANSWER_MALFORMED) {
		if (a->part == ANSWER_LENGTH || a->part == ANSWER_CHUNK_DATA ||
		    a->part == ANSWER_UNTIL_CLOSE)
			used += answer_body(a, t, now, p + used, n - used);
		else
			used += answer_frame(a, p + used, n - used);
	}
	t->bytes += used;
	return used;
}

bool
answer_close(struct answer *a)
{
	if (a->part != ANSWER_UNTIL_CLOSE)
		return false;
	a->part = ANSWER_WHOLE;
	return true;
}
