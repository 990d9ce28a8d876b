/* SPDX-License-Identifier: Apache-2.0 */
#include "ask/sight.h"

#include "core/limit.h"
#include "find/piece.h"

/* What a text costs beside its bytes, in bytes: a request may have a million short ones. */
#define TEXT_COST	64

/* And so many values without a text between them, of which it may have millions, are a step. */
#define STEP_NODES	65536

struct sight *
sight_begin(struct arena *a, struct arena *scratch, const struct json *j,
    const struct snapshot *snapshot)
{
	struct sight *s = arena_alloc(a, sizeof *s);

	if (s == NULL)
		return NULL;
	s->arena = a;
	s->scratch = scratch;
	s->json = j;
	s->snapshot = snapshot;
	s->wide = false;
	s->parts = 0;
	s->now = (struct sighting){ 0 };
	s->from = 0;
	s->at = NULL;
	s->count = s->room = 0;
	s->census = (struct census){ 0 };
	s->cut = false;
	openai_walk_begin(&s->walk, j);
	return s;
}

static void
look_at_piece(struct sight *s, struct slice key)
{
	struct sighting *now = &s->now;
	size_t end = piece_end(now->text, s->from);
	struct findings found;

	findings_init(&found, s->scratch);
	detect_look(&(struct look){
		.text = slice_cut(now->text, s->from, end),
		.key = key,
		.arena = s->scratch,
		.findings = &found,
		.dictionary = s->snapshot->dictionary,
		.wide = s->wide,
	}, s->parts);
	s->cut |= found.cut || arena_overflowed(s->scratch);
	for (uint32_t i = 0; i < found.count; i++) {
		struct finding one = found.at[i];

		if (!weigh_counts(s->snapshot->rules, &one))
			continue;
		one.start += (uint32_t)s->from;
		one.end += (uint32_t)s->from;
		findings_add(&now->found, one);
	}
	arena_reset(s->scratch);
	s->from = piece_next(now->text, s->from, end);
}

static void
keep(struct sight *s)
{
	if (s->now.found.count == 0)
		return;
	if (s->count == s->room) {
		uint32_t room = s->room == 0 ? 8 : 2 * s->room;
		struct sighting *grown = arena_alloc(s->arena, room * sizeof *grown);

		if (grown == NULL) {
			s->cut = true;
			return;
		}
		if (s->count > 0)
			memcpy(grown, s->at, s->count * sizeof *grown);
		s->at = grown;
		s->room = room;
	}
	if (s->now.text.len > SIGHT_SLICE_BYTES)
		findings_settle(&s->now.found, s->now.text);
	s->cut |= s->now.found.cut;
	weigh_add(&s->census, s->snapshot->rules, s->now.text, &s->now.found);
	s->at[s->count++] = s->now;
}

bool
sight_step(struct sight *s, size_t bytes)
{
	size_t looked = 0;

	openai_walk_pause(&s->walk, STEP_NODES);
	while (looked < bytes) {
		struct sighting *now = &s->now;
		size_t from = s->from;
		struct slice key;

		if (from == now->text.len) {
			if (!openai_walk_next(&s->walk, &now->at))
				return openai_walk_is_over(&s->walk);
			now->text = json_string(s->arena, s->json, now->at.node);
			findings_init(&now->found, s->arena);
			from = s->from = 0;
		}
		key = now->at.key == 0 ? slice_of(NULL, 0)
		    : json_string(s->arena, s->json, now->at.key);
		look_at_piece(s, key);
		looked += s->from - from + TEXT_COST;
		if (s->from == now->text.len)
			keep(s);
	}
	return false;
}

struct label
sight_label(const struct sight *s, const struct handling *h)
{
	const struct rules *r = s->snapshot->rules;

	return s->cut ? weigh_worst(r)
	    : weigh_label(&s->census, r, h->allows ? h->allowed : NULL);
}

bool
sight_is_refused(const struct sight *s, const struct handling *h)
{
	for (unsigned i = 0; h->refuses && i < TYPE_COUNT; i++)
		if (h->action[i] == ACTION_REFUSE && (s->cut || s->census.count[i] > 0))
			return true;
	return false;
}

/* ---- as it is told ---- */

void
sight_put_refused(struct text *t, const struct sight *s, const struct handling *h)
{
	struct slice gap = S("this work refuses what is in the request: ");

	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		struct text before = *t;

		if (h->action[i] != ACTION_REFUSE || (!s->cut && s->census.count[i] == 0))
			continue;
		text_put(t, gap);
		text_put(t, weigh_type(s->snapshot->rules, (enum detect_type)i)->name);
		gap = S(", ");
		if (text_overflowed(t)) {
			*t = before;
			return;
		}
	}
}

size_t
sight_counts_bytes(const struct sight *s)
{
	size_t bytes = 2;

	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (s->census.count[i] > 0)
			bytes += weigh_type(s->snapshot->rules, (enum detect_type)i)->name.len + 16;
	return bytes;
}

void
sight_put_counts(struct text *t, const struct sight *s)
{
	const struct census *c = &s->census;
	bool first = true;

	text_put_char(t, '{');
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		if (c->count[i] == 0)
			continue;
		text_put(t, first ? S("") : S(","));
		text_put_json(t, weigh_type(s->snapshot->rules, (enum detect_type)i)->name);
		text_put_char(t, ':');
		text_put_number(t, c->count[i]);
		first = false;
	}
	text_put_char(t, '}');
}

static uint32_t
evidence_count(const struct sight *s)
{
	uint32_t count = 0;

	for (uint32_t i = 0; i < s->count && count < EVIDENCE_MAX; i++)
		count += s->at[i].found.count;
	return count < EVIDENCE_MAX ? count : EVIDENCE_MAX;
}

size_t
sight_evidence_bytes(const struct sight *s)
{
	return 32 + evidence_count(s) * (size_t)(FINDING_JSON_BYTES + JSON_PATH_BYTES + 16);
}

void
sight_put_evidence(struct text *t, const struct sight *s)
{
	uint32_t left = EVIDENCE_MAX;
	bool first = true, more = s->cut;

	text_put_char(t, '[');
	for (uint32_t i = 0; i < s->count; i++)
		for (uint32_t k = 0; k < s->at[i].found.count; k++) {
			const struct finding *f = &s->at[i].found.at[k];

			if (left == 0) {
				more = true;
				break;
			}
			text_put(t, first ? S("{\"path\":\"") : S(",{\"path\":\""));
			json_put_path(t, s->json, s->at[i].at.node);
			text_put(t, S("\","));
			finding_put(t, f, weigh_type(s->snapshot->rules,
			    (enum detect_type)f->type));
			text_put_char(t, '}');
			first = false;
			left--;
		}
	text_put(t, more ? (first ? S("true") : S(",true")) : S(""));
	text_put_char(t, ']');
}
