/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/mask.h"

#include "core/text.h"
#include "fuzz.h"
#include "mask/guard.h"
#include "mask/restore.h"

/*
 * Any text, any findings, any cuts.  The input is bytes of findings (type and length, each with
 * the gap before it), a zero, bytes of cuts, a zero, and then the text, in two halves: the first
 * is masked, the second is what a model might answer, in which '@' stands for a token and '~' for
 * the word of one.
 *
 * What is masked comes back; what is held is a beginning of a live token; what is restored does
 * not depend on the cuts; what the guard lets out is what came in.
 */

#define FOUND_MAX	32

static enum detect_type
nth_type(unsigned n)
{
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		unsigned type = (n + i) % TYPE_COUNT;

		if (mask_is_possible((enum detect_type)type))
			return (enum detect_type)type;
	}
	return TYPE_COUNT;
}

/* The part before the next zero; the rest stays. */
static struct slice
take_part(struct slice *s)
{
	size_t n = slice_find(*s, slice_of("", 1));
	struct slice part = slice_cut(*s, 0, n);

	*s = slice_cut(*s, n + (n < s->len), s->len);
	return part;
}

static void
read_found(struct slice s, uint32_t bytes, struct findings *f)
{
	uint32_t at = 0;

	for (size_t i = 0; i + 2 < s.len && f->count < FOUND_MAX; i += 3) {
		uint32_t start = at + (unsigned char)s.ptr[i], end = start +
		    (unsigned char)s.ptr[i + 1];

		if (end > bytes)
			return;
		findings_add(f, (struct finding){ .start = start, .end = end,
		    .type = (uint16_t)nth_type((unsigned char)s.ptr[i + 2]) });
		at = end;
	}
}

static bool
is_live_beginning(const struct vault *v, struct slice held)
{
	for (uint32_t i = 0; i < v->count; i++)
		if (held.len < v->entry[i].token.len && slice_starts(v->entry[i].token, held))
			return true;
	return held.len == 0;
}

struct sum {
	struct slice	text;
	uint64_t	restored, unresolved;
};

/* Restores in pieces of the lengths that `cuts` says, over and over; without any, at once. */
static struct sum
restore_cut(struct arena *a, const struct vault *v, struct slice text, enum restore_mode mode,
    struct slice cuts)
{
	size_t room = text.len + 64, at = 0, turn = 0;
	struct slice piece;
	struct restore r;
	struct text t;

	for (uint32_t i = 0; i < v->count; i++)
		room += v->entry[i].value.len * (text.len / TOKEN_DIGITS + 1);
	text_init(&t, arena_bytes(a, room), room);
	restore_init(&r, v, mode, false);
	while (at < text.len) {
		size_t n = cuts.len == 0 ? text.len :
		    1 + (size_t)(unsigned char)cuts.ptr[turn++ % cuts.len];
		struct slice fed;

		n = n < text.len - at ? n : text.len - at;
		fed = fuzz_exact(slice_cut(text, at, at + n));
		restore_feed(&r, fed);
		while (restore_next(&r, &piece)) {
			FUZZ_CHECK(piece.len > 0);
			text_put(&t, piece);
		}
		at += n;
		if (mode == RESTORE_PLAIN)
			FUZZ_CHECK(is_live_beginning(v,
			    slice_cut(text, at - restore_held(&r), at)));
		FUZZ_CHECK(restore_held(&r) < SPELLING_BYTES_MAX);
		free((char *)fed.ptr);
	}
	restore_end(&r);
	while (restore_next(&r, &piece))
		text_put(&t, piece);
	FUZZ_CHECK(!text_overflowed(&t));
	return (struct sum){ text_slice(&t), r.restored, r.unresolved };
}

static void
check_cuts(struct arena *a, const struct vault *v, struct slice text, struct slice cuts)
{
	for (enum restore_mode mode = RESTORE_PLAIN; mode <= RESTORE_LOOSE; mode++) {
		struct sum once = restore_cut(a, v, text, mode, slice_of(NULL, 0));
		struct sum cut = restore_cut(a, v, text, mode, cuts);

		FUZZ_CHECK(slice_eq(once.text, cut.text));
		FUZZ_CHECK(once.restored == cut.restored && once.unresolved == cut.unresolved);
	}
}

static void
check_guard(struct arena *a, const struct vault *v, struct slice text, struct slice cuts)
{
	static const struct slice host[] = { { "a.io", 4 } };
	static const struct slice canary[] = { { "aab", 3 }, { "b//", 3 } };
	struct guard *g = arena_alloc(a, sizeof *g);
	struct guard_rules rules = { host, 1, canary, 2, v, NULL };
	struct occurrences *values;
	struct guard_finding f;
	enum guard_event event;
	struct slice piece;
	size_t at = 0, turn = 0, out = 0;

	FUZZ_CHECK(occurrence_index(a, v, &values) == ERR_OK);
	rules.values = values;
	guard_init(g, &rules);
	while (!g->ended) {
		size_t n = cuts.len == 0 ? text.len :
		    1 + (size_t)(unsigned char)cuts.ptr[turn++ % cuts.len];

		n = n < text.len - at ? n : text.len - at;
		if (n == 0)
			guard_end(g);
		else
			guard_feed(g, slice_cut(text, at, at + n));
		at += n;
		while ((event = guard_next(g, &piece, &f)) != GUARD_MORE) {
			if (event == GUARD_FOUND) {
				FUZZ_CHECK(f.at == out && f.bytes > 0 && f.bytes <= text.len - out);
				guard_go_on(g, true);
				continue;
			}
			FUZZ_CHECK(piece.len > 0 && piece.len <= text.len - out);
			FUZZ_CHECK(memcmp(piece.ptr, text.ptr + out, piece.len) == 0);
			out += piece.len;
		}
		FUZZ_CHECK(guard_held(g) == at - out && at - out <= GUARD_BYTES_MAX);
	}
	FUZZ_CHECK(out == text.len);
}

/* What a model might say: the text with tokens in it. */
static struct slice
answer_of(struct arena *a, const struct vault *v, struct slice text)
{
	size_t room = text.len * TOKEN_BYTES_MAX;
	struct text t;

	text_init(&t, arena_bytes(a, room), room);
	for (size_t i = 0; i < text.len; i++)
		if (text.ptr[i] == '@' && v->count > 0)
			text_put(&t, v->entry[i % v->count].token);
		else if (text.ptr[i] == '~' && v->count > 0)
			text_put(&t, slice_cut(v->entry[0].token, 0,
			    v->entry[0].token.len - TOKEN_DIGITS));
		else
			text_put_char(&t, text.ptr[i]);
	return text_slice(&t);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice rest = slice_of((const char *)data, size);
	struct slice found_bytes = take_part(&rest), cuts = take_part(&rest);
	struct mask_text t[2] = { [0] = { .edits = 0 } };
	struct mask_types all = { 0 };
	struct findings found;
	struct arena a;
	struct vault v;

	fuzz_arena(&a);
	findings_init(&found, &a);
	t[0].text = fuzz_exact(slice_cut(rest, 0, rest.len / 2));
	t[0].found = &found;
	read_found(found_bytes, (uint32_t)t[0].text.len, &found);
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		mask_types_add(&all, (enum detect_type)i);
	vault_init(&v, &a, (struct hash_key){ { 1, 2 } }, 0);
	if (mask_texts(&a, &v, &all, &t[0], 1) == ERR_OK) {
		struct slice answer = answer_of(&a, &v, slice_cut(rest, rest.len / 2, rest.len));

		/* The answer comes back in the next request, where it is masked again. */
		t[1].text = answer;
		for (unsigned i = 0; i < 2; i++) {
			FUZZ_CHECK(i == 0 || mask_texts(&a, &v, &all, &t[1], 1) == ERR_OK);
			for (enum restore_mode m = RESTORE_PLAIN; m <= RESTORE_WHOLE; m++)
				FUZZ_CHECK(slice_eq(restore_cut(&a, &v, t[i].masked, m, m ==
				    RESTORE_WHOLE ? slice_of(NULL, 0) : cuts).text, t[i].text));
		}
		check_cuts(&a, &v, answer, cuts);
		check_guard(&a, &v, answer, cuts);
	}
	free((char *)t[0].text.ptr);
	arena_release(&a);
	return 0;
}
