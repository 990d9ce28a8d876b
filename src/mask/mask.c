/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/mask.h"

#include "detect/detect.h"
#include "find/piece.h"
#include "mask/occurrence.h"
#include "mask/spelling.h"

/* After so many rounds of masking what looks like a token, a text is given up. */
#define ROUNDS_MAX	8

bool
mask_is_possible(enum detect_type type)
{
	return type_info(type)->mask.len > 0 && !type_is_secret(type);
}

static bool
is_masked(const struct mask_types *types, unsigned type)
{
	return mask_types_has(types, type) && mask_is_possible((enum detect_type)type);
}

/* ---- edits: in the order of their places, none over another ---- */

struct edits {
	struct mask_edit	*at;
	uint32_t		 count, room;
};

static enum err
put_edit(struct arena *a, struct edits *e, struct mask_edit one)
{
	if (e->count == e->room) {
		uint32_t room = e->room == 0 ? 8 : 2 * e->room;
		struct mask_edit *at = arena_alloc(a, room * sizeof *at);

		if (at == NULL)
			return ERR_MEMORY;
		if (e->count > 0)
			memcpy(at, e->at, e->count * sizeof *at);
		e->at = at;
		e->room = room;
	}
	e->at[e->count++] = one;
	return ERR_OK;
}

/* Adds edits that lie between those of the text. */
static enum err
merge(struct arena *a, struct mask_text *t, const struct edits *more)
{
	uint32_t i = 0, k = 0, count = t->edits + more->count;
	struct mask_edit *all;

	if (more->count == 0)
		return ERR_OK;
	all = arena_alloc(a, count * sizeof *all);
	if (all == NULL)
		return ERR_MEMORY;
	while (i + k < count) {
		bool old = k == more->count ||
		    (i < t->edits && t->edit[i].start < more->at[k].start);

		all[i + k] = old ? t->edit[i] : more->at[k];
		i += old;
		k += !old;
	}
	t->edit = all;
	t->edits = count;
	return ERR_OK;
}

/* ---- what was found ---- */

static bool
is_inside_character(struct slice text, size_t at)
{
	return at < text.len && ((unsigned char)text.ptr[at] & 0xc0) == 0x80;
}

/* Where the value ends if a possessive is no part of it: 's, with either apostrophe. */
static uint32_t
without_possessive(struct slice text, uint32_t start, uint32_t end)
{
	struct slice s = slice_cut(text, start, end);

	if (s.len < 3 || (s.ptr[s.len - 1] | 0x20) != 's')
		return end;
	if (s.ptr[s.len - 2] == '\'')
		return end - 2;
	if (s.len > 4 && memcmp(s.ptr + s.len - 4, "\xe2\x80\x99", 3) == 0)
		return end - 4;
	return end;
}

static enum err
mint_found(struct arena *a, struct vault *v, const struct mask_types *types, struct mask_text *t)
{
	struct edits edits = { 0 };
	uint32_t past = 0;
	enum err e = ERR_OK;

	for (uint32_t i = 0; t->found != NULL && i < t->found->count && e == ERR_OK; i++) {
		const struct finding *f = &t->found->at[i];
		struct mask_edit one = { .start = f->start, .end = f->end };

		must(f->start < f->end && f->end <= t->text.len);
		must(i == 0 || f->start >= t->found->at[i - 1].end);
		if (!is_masked(types, f->type))
			continue;
		/* A character that is half found is found. */
		while (one.start > past && is_inside_character(t->text, one.start))
			one.start--;
		while (is_inside_character(t->text, one.end))
			one.end++;
		one.start = one.start < past ? past : one.start;
		if (one.start >= one.end)
			continue;
		past = one.end;
		one.end = without_possessive(t->text, one.start, one.end);
		e = vault_mint(v, type_info((enum detect_type)f->type)->mask,
		    slice_cut(t->text, one.start, one.end), &one.token);
		if (e == ERR_OK)
			e = put_edit(a, &edits, one);
	}
	t->edit = edits.at;
	t->edits = edits.count;
	return e;
}

/* ---- what was found elsewhere ---- */

static enum err
add_occurrences(struct arena *a, const struct occurrences *o, struct mask_text *t)
{
	struct edits more = { 0 };
	uint32_t at = 0;

	for (uint32_t i = 0; i <= t->edits; i++) {
		uint32_t gap = i < t->edits ? t->edit[i].start : (uint32_t)t->text.len;
		struct occurrence found;

		while (occurrence_next(o, t->text, at, gap, &found)) {
			struct mask_edit one = { .start = (uint32_t)found.start,
			    .end = (uint32_t)found.end, .token = found.entry->token };

			if (put_edit(a, &more, one) != ERR_OK)
				return ERR_MEMORY;
			at = one.end;
		}
		if (i < t->edits)
			at = t->edit[i].end;
	}
	return merge(a, t, &more);
}

/* ---- putting together ---- */

static size_t
token_bytes(const struct mask_text *t)
{
	size_t bytes = 0;

	for (uint32_t i = 0; i < t->edits; i++)
		bytes += t->edit[i].token.len;
	return bytes;
}

static void
put_masked(struct text *out, const struct mask_text *t)
{
	size_t at = 0;

	for (uint32_t i = 0; i < t->edits; i++) {
		struct mask_edit *e = &t->edit[i];

		text_put(out, slice_cut(t->text, at, e->start));
		e->at = (uint32_t)out->len;
		text_put(out, e->token);
		at = e->end;
	}
	text_put(out, slice_cut(t->text, at, t->text.len));
}

static enum err
put_together(struct arena *a, struct mask_text *t)
{
	size_t bytes = t->text.len + token_bytes(t);
	struct text out;

	t->masked = t->text;
	if (t->edits == 0)
		return ERR_OK;
	if (bytes > UINT32_MAX)
		return ERR_MASK_REFUSED;
	text_init(&out, arena_bytes(a, bytes), bytes);
	if (out.ptr == NULL)
		return ERR_MEMORY;
	put_masked(&out, t);
	must(!text_overflowed(&out));
	t->masked = text_slice(&out);
	return ERR_OK;
}

/* ---- inside a JSON string ---- */

/* A place in a JSON string, and the place in the text that it means. */
struct place {
	size_t	raw, text;
};

static unsigned
hex_digit(char c)
{
	return c <= '9' ? (unsigned)(c - '0') : (unsigned)((c | 0x20) - 'a' + 10);
}

/* Past an escape; the reader of JSON has checked it. */
static void
skip_escape(struct slice raw, struct place *p)
{
	const char *e = raw.ptr + p->raw;
	unsigned point = 0;

	if (e[1] != 'u') {
		p->raw += 2;
		p->text += 1;
		return;
	}
	for (int i = 2; i < 6; i++)
		point = point << 4 | hex_digit(e[i]);
	if (point >= 0xd800 && point <= 0xdfff) {
		p->raw += 12;
		p->text += 4;
		return;
	}
	p->raw += 6;
	p->text += point < 0x80 ? 1 : point < 0x800 ? 2 : 3;
}

static void
go_to(struct slice raw, struct place *p, size_t text)
{
	while (p->text < text) {
		must(p->raw < raw.len);
		if (raw.ptr[p->raw] == '\\') {
			skip_escape(raw, p);
		} else {
			p->raw++;
			p->text++;
		}
	}
	/* Edits begin and end with characters, and a character is one escape or none. */
	must(p->text == text && p->raw <= raw.len);
}

static enum err
put_raw(struct arena *a, struct mask_text *t)
{
	size_t bytes = t->raw.len + token_bytes(t), from = 0;
	struct place p = { 0, 0 };
	struct text out;

	text_init(&out, arena_bytes(a, bytes), bytes);
	if (out.ptr == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < t->edits; i++) {
		go_to(t->raw, &p, t->edit[i].start);
		text_put(&out, slice_cut(t->raw, from, p.raw));
		text_put(&out, t->edit[i].token);
		go_to(t->raw, &p, t->edit[i].end);
		from = p.raw;
	}
	text_put(&out, slice_cut(t->raw, from, t->raw.len));
	must(!text_overflowed(&out));
	t->made = text_slice(&out);
	return ERR_OK;
}

/* ---- what a caller typed that looks like a token ---- */

/*
 * What restoring would take for a token and is none of ours, up to the next one of ours, the
 * edit `next`: that part of the text is hidden behind a token too.
 */
static enum err
hide(struct vault *v, const struct mask_text *t, const struct spelling *s, uint32_t next,
    struct mask_edit *one)
{
	bool last = next == t->edits;
	size_t until = last ? t->masked.len : t->edit[next].at;
	size_t shift = until - (last ? t->text.len : t->edit[next].start);
	size_t end = s->end < until ? s->end : until;

	*one = (struct mask_edit){ .start = (uint32_t)(s->start - shift),
	    .end = (uint32_t)(end - shift) };
	return vault_mint(v, v->word[s->entry->word].word, slice_cut(t->masked, s->start, end),
	    &one->token);
}

/* One look as restore would: `more` gets what is a token there and none that was put. */
static enum err
find_typed(struct arena *a, struct vault *v, struct mask_text *t, struct edits *more)
{
	struct spelling s;
	uint32_t next = 0;
	enum err e = ERR_OK;

	for (size_t from = 0; e == ERR_OK &&
	    spelling_next(v, t->masked, from, SPELLING_NEAR, &s);) {
		struct mask_edit one;

		from = s.end;
		if (s.entry == NULL)
			continue;
		while (next < t->edits && t->edit[next].at < s.start)
			next++;
		if (next < t->edits && t->edit[next].at == s.start)
			continue;
		e = hide(v, t, &s, next, &one);
		if (e == ERR_OK)
			e = put_edit(a, more, one);
		if (next < t->edits && t->edit[next].at < from)
			from = t->edit[next].at;
	}
	return e;
}

static enum err
finish(struct arena *a, struct vault *v, struct mask_text *t)
{
	enum err e = put_together(a, t);

	for (unsigned round = 0; e == ERR_OK; round++) {
		struct edits more = { 0 };

		e = find_typed(a, v, t, &more);
		if (e != ERR_OK || more.count == 0)
			break;
		if (round == ROUNDS_MAX)
			return ERR_MASK_REFUSED;
		e = merge(a, t, &more);
		if (e == ERR_OK)
			e = put_together(a, t);
	}
	if (e != ERR_OK)
		return e;
	t->made = t->raw.ptr != NULL ? t->raw : t->masked;
	return t->raw.ptr != NULL && t->edits > 0 ? put_raw(a, t) : ERR_OK;
}

static enum err
mask_one(struct arena *a, struct vault *v, const struct occurrences *o, struct mask_text *t)
{
	enum err e = add_occurrences(a, o, t);

	return e == ERR_OK ? finish(a, v, t) : e;
}

/* First all that was found, in any text, then what stands in each. */
static enum err
mint_all(struct arena *a, struct vault *v, const struct mask_types *types,
    struct mask_text *text, size_t count)
{
	enum err e = ERR_OK;

	for (size_t i = 0; i < count && e == ERR_OK; i++)
		e = mint_found(a, v, types, &text[i]);
	return e;
}

enum err
mask_texts(struct arena *a, struct vault *v, const struct mask_types *types,
    struct mask_text *text, size_t count)
{
	enum err e = mint_all(a, v, types, text, count);
	struct occurrences *o = NULL;

	if (e == ERR_OK)
		e = occurrence_index(a, v, &o);
	for (size_t i = 0; i < count && e == ERR_OK; i++)
		e = mask_one(a, v, o, &text[i]);
	return e;
}

/* ---- the label of what is left ---- */

static bool
is_data(char c)
{
	return (unsigned char)c >= 0x80 || (unsigned)(c - '0') < 10 ||
	    (unsigned)((c | 0x20) - 'a') < 26;
}

/* Does a span of the masked text cover anything but tokens, spaces and punctuation? */
static bool
covers_data(const struct mask_text *t, uint32_t *edit, const struct finding *f)
{
	uint32_t at = f->start, i;

	while (*edit < t->edits && t->edit[*edit].at + t->edit[*edit].token.len <= at)
		++*edit;
	for (i = *edit; at < f->end; at++) {
		if (i < t->edits && at >= t->edit[i].at) {
			at = t->edit[i].at + (uint32_t)t->edit[i].token.len - 1;
			i++;
		} else if (is_data(t->masked.ptr[at])) {
			return true;
		}
	}
	return false;
}

struct mask_work {
	struct arena			*arena, *scratch;
	struct vault			*vault;
	const struct mask_rules		*rules;
	struct mask_content		 content;
	struct occurrences		*occurrences;
	size_t				 masked;	/* texts that are */
	size_t				 looked;	/* texts that were looked at again */
	size_t				 from;		/* of that text, what was not */
	struct census			 left, again;
	enum err			 err;
};

/* What was not masked of a text, or does not go with its mask. */
static enum err
count_left(struct mask_work *w, const struct mask_text *t)
{
	const struct mask_rules *r = w->rules;
	struct findings left;

	if (t->found == NULL)
		return ERR_OK;
	if (t->found->cut)
		return ERR_MASK_REFUSED;
	findings_init(&left, w->scratch);
	for (uint32_t i = 0; i < t->found->count; i++) {
		unsigned type = t->found->at[i].type;

		if (!is_masked(&r->types, type) || !r->rules->type[type].lowerable)
			findings_add(&left, t->found->at[i]);
	}
	if (left.cut)
		return ERR_MEMORY;
	weigh_add(&w->left, r->rules, t->text, &left);
	return ERR_OK;
}

/* What there is in the next piece of the new text, but for tokens. */
static enum err
look_again(struct mask_work *w, const struct mask_text *t)
{
	size_t from = w->from, end = piece_end(t->masked, from);
	struct slice piece = slice_cut(t->masked, from, end);
	struct findings found, left;
	uint32_t edit = 0;

	findings_init(&found, w->scratch);
	findings_init(&left, w->scratch);
	detect_look(&(struct look){ .text = piece, .key = t->key, .arena = w->scratch,
	    .findings = &found, .dictionary = w->rules->dictionary, .wide = w->rules->wide },
	    w->rules->parts);
	if (found.cut || arena_overflowed(w->scratch))
		return ERR_MASK_REFUSED;
	for (uint32_t i = 0; i < found.count; i++) {
		struct finding one = found.at[i];

		one.start += (uint32_t)from;
		one.end += (uint32_t)from;
		if (covers_data(t, &edit, &one))
			findings_add(&left, found.at[i]);
	}
	if (left.cut)
		return ERR_MEMORY;
	weigh_add(&w->again, w->rules->rules, piece, &left);
	w->from = piece_next(t->masked, from, end);
	return ERR_OK;
}

struct mask_work *
mask_begin(struct arena *a, struct arena *scratch, struct vault *v, const struct mask_rules *rules,
    const struct mask_content *content)
{
	struct mask_work *w = arena_zero(a, sizeof *w);

	if (w == NULL)
		return NULL;
	w->arena = a;
	w->scratch = scratch;
	w->vault = v;
	w->rules = rules;
	w->content = *content;
	w->err = content->cut ? ERR_MASK_REFUSED :
	    mint_all(a, v, &rules->types, content->text, content->count);
	if (w->err == ERR_OK)
		w->err = occurrence_index(a, v, &w->occurrences);
	return w;
}

/* The next text is masked. */
static void
step_mask(struct mask_work *w)
{
	struct mask_text *t = &w->content.text[w->masked++];

	w->err = count_left(w, t);
	if (w->err == ERR_OK)
		w->err = mask_one(w->arena, w->vault, w->occurrences, t);
	w->from = 0;
}

/* A piece of the text that was masked last is looked at again, if masking changed it. */
static size_t
step_look(struct mask_work *w)
{
	const struct mask_text *t = &w->content.text[w->looked];
	size_t from = w->from;

	if (t->edits == 0)
		w->from = t->masked.len;
	else if (from < t->masked.len)
		w->err = look_again(w, t);
	w->looked += w->from == t->masked.len;
	return w->from - from;
}

bool
mask_step(struct mask_work *w, size_t bytes)
{
	size_t done = 0;

	while (done < bytes && w->err == ERR_OK && w->looked < w->content.count) {
		if (w->looked == w->masked) {
			step_mask(w);
			done += w->content.text[w->looked].text.len;
		} else {
			done += step_look(w);
		}
		arena_reset(w->scratch);
	}
	return w->err != ERR_OK || w->looked == w->content.count;
}

enum err
mask_seal(const struct mask_work *w, struct mask_sealed *out)
{
	const struct mask_rules *r = w->rules;
	struct label label = w->content.keep;

	if (w->err != ERR_OK)
		return w->err;
	must(w->looked == w->content.count);
	label = label_join(label, weigh_label(&w->left, r->rules, r->ignored));
	label = label_join(label, weigh_label(&w->again, r->rules, r->ignored));
	*out = (struct mask_sealed){ w->content.text, w->content.count, label };
	return ERR_OK;
}
