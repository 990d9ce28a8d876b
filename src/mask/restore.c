/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/restore.h"

#include "core/text.h"

void
restore_init(struct restore *r, const struct vault *v, enum restore_mode mode, bool json)
{
	*r = (struct restore){ .vault = v, .json = json, .whole = mode == RESTORE_WHOLE };
	r->ways = mode == RESTORE_PLAIN ? SPELLING_EXACT :
	    mode == RESTORE_LOOSE ? SPELLING_LOOSE : SPELLING_NEAR;
	if (json)
		r->ways |= SPELLING_JSON;
}

size_t
restore_held(const struct restore *r)
{
	return r->text.len - r->at;
}

/* ---- what looks like a token and is none ---- */

/*
 * Goes on with the digits that follow a word of the vault: ten of them, one at least from 0 to
 * 9, are taken for a token that was not made here.  By the bytes of the whole text, so that
 * it does not matter how it was cut, or what of it was held back and is seen again.
 */
static void
count_odd(struct restore *r)
{
	while (r->odd_left > 0 && r->odd_at < r->seen + r->text.len) {
		char c = r->text.ptr[r->odd_at - r->seen];

		if (token_digit(c, (r->ways & SPELLING_LOOSE) != 0) < 0) {
			r->odd_left = 0;
			return;
		}
		r->odd_digit |= (unsigned)(c - '0') < 10;
		r->odd_at++;
		r->odd_left--;
		r->unresolved += r->odd_left == 0 && r->odd_digit;
	}
}

static void
begin_odd(struct restore *r, size_t at)
{
	r->odd_left = TOKEN_DIGITS;
	r->odd_digit = false;
	r->odd_from = r->odd_at = r->seen + at;
	count_odd(r);
}

/* ---- windows: the text that is looked at ---- */

/* The next live token in what is looked at, and on the way what looks like one. */
static void
search(struct restore *r)
{
	/* What looked like a token is not looked at once more, for the end of its word is one. */
	size_t odd = r->odd_from > r->seen ? (size_t)(r->odd_from - r->seen) : 0;
	size_t from = r->at > odd ? r->at : odd;

	r->has_next = false;
	while (spelling_next(r->vault, r->text, from, r->ways, &r->next)) {
		if (r->next.entry != NULL) {
			r->has_next = true;
			return;
		}
		begin_odd(r, r->next.end);
		from = r->next.end;
	}
}

static void
look(struct restore *r, struct slice text)
{
	r->text = text;
	r->at = 0;
	count_odd(r);
	search(r);
}

void
restore_feed(struct restore *r, struct slice bytes)
{
	size_t held = restore_held(r), take;

	must(!r->ended && r->value.len == 0 && r->more.len == 0 && !r->has_next);
	/* Everything came out of restore_next(), or its bytes may be gone. */
	must(held == 0 || r->text.ptr == r->hold);
	r->seen += r->at;
	r->held = held;
	if (held == 0) {
		look(r, bytes);
		return;
	}
	/* What was held, and as much of the new as a token could have that begins in it. */
	take = bytes.len < sizeof r->joint - held ? bytes.len : sizeof r->joint - held;
	memcpy(r->joint, r->hold + r->at, held);
	if (take > 0)
		memcpy(r->joint + held, bytes.ptr, take);
	r->more = slice_cut(bytes, take, bytes.len);
	look(r, slice_of(r->joint, held + take));
}

void
restore_end(struct restore *r)
{
	must(r->value.len == 0 && r->more.len == 0 && !r->has_next);
	r->ended = true;
}

/*
 * Nothing of the held bytes is left in the joint, and more comes behind it: goes on in the
 * bytes that were fed, where everything after the held ones is.
 */
static void
leave_joint(struct restore *r)
{
	size_t copied = r->text.len - r->held;

	r->seen += r->held;
	r->text = slice_of(r->more.ptr - copied, r->more.len + copied);
	r->at -= r->held;
	r->more = slice_of(NULL, 0);
	count_odd(r);
	search(r);
}

/* What is left is held, until more comes and its own place may be gone. */
static void
hold(struct restore *r)
{
	size_t held = restore_held(r);

	if (r->text.ptr == r->hold)
		return;
	must(held < sizeof r->hold);
	if (held > 0)
		memcpy(r->hold, r->text.ptr + r->at, held);
	r->seen += r->at;
	r->text = slice_of(r->hold, held);
	r->at = 0;
}

/* Bytes up to which nothing is a token, or may become one. */
static size_t
plain_end(const struct restore *r)
{
	if (r->has_next)
		return r->next.start;
	if (r->more.len > 0)
		return r->held;
	return r->ended || r->whole ? r->text.len :
	    spelling_tail(r->vault, r->text, r->at, r->ways);
}

/* ---- pieces ---- */

/* As much of the value as can be given at once, or one escape. */
static struct slice
value_piece(struct restore *r)
{
	struct slice v = r->value, piece;
	struct text t;
	size_t n = 0;

	while (n < v.len && (!r->json || ((unsigned char)v.ptr[n] >= 0x20 && v.ptr[n] != '"' &&
	    v.ptr[n] != '\\')))
		n++;
	piece = slice_cut(v, 0, n);
	if (n == 0) {
		text_init(&t, r->escape, sizeof r->escape);
		text_put_escaped(&t, slice_cut(v, 0, 1));
		must(!text_overflowed(&t));
		piece = text_slice(&t);
		n = 1;
	}
	r->value = slice_cut(v, n, v.len);
	return piece;
}

bool
restore_next(struct restore *r, struct slice *piece)
{
	for (;;) {
		size_t end;

		if (r->value.len > 0) {
			*piece = value_piece(r);
			return true;
		}
		end = plain_end(r);
		if (end > r->at) {
			*piece = slice_cut(r->text, r->at, end);
			r->at = end;
			return true;
		}
		if (r->has_next) {
			r->value = r->next.entry->value;
			r->at = r->next.end;
			r->restored++;
			search(r);
		} else if (r->more.len > 0) {
			leave_joint(r);
		} else {
			hold(r);
			return false;
		}
	}
}

/* ---- all at once ---- */

/* Puts a piece behind what is there already, in a room that doubles. */
static bool
append(struct arena *a, struct text *t, struct slice piece)
{
	size_t cap = t->cap;
	char *room;

	while (piece.len > cap - t->len)
		cap = 2 * cap;
	if (cap > t->cap) {
		room = arena_bytes(a, cap);
		if (room == NULL)
			return false;
		if (t->len > 0)
			memcpy(room, t->ptr, t->len);
		t->ptr = room;
		t->cap = cap;
	}
	text_put(t, piece);
	return true;
}

enum err
restore_text(struct arena *a, struct restore *r, struct slice text, struct slice *out)
{
	struct slice piece;
	struct text t;

	restore_feed(r, text);
	if (!r->has_next) {
		*out = text;
		return ERR_OK;
	}
	text_init(&t, arena_bytes(a, text.len), text.len);
	if (t.ptr == NULL)
		return ERR_MEMORY;
	while (restore_next(r, &piece))
		if (!append(a, &t, piece))
			return ERR_MEMORY;
	restore_end(r);
	while (restore_next(r, &piece))
		if (!append(a, &t, piece))
			return ERR_MEMORY;
	*out = text_slice(&t);
	return ERR_OK;
}
