/* SPDX-License-Identifier: Apache-2.0 */
/* note - what became of each key of the input, for people and for programs. */
#include "import/note.h"

#include <stdlib.h>

#include "core/limit.h"
#include "import/work.h"

/* A word of the input in a path; longer ones are cut. */
#define WORD_BYTES_MAX	96

/* A piece of a text; the longest of the program's own is shorter. */
#define PIECE_BYTES_MAX	320

struct slice
import_fate_word(enum import_fate fate)
{
	switch (fate) {
	case IMPORT_CARRIED:
		return S("carried");
	case IMPORT_CHANGED:
		return S("changed");
	case IMPORT_TODO:
		return S("todo");
	case IMPORT_LOST:
		return S("lost");
	default:
		return S("harmless");
	}
}

struct pair
note_find(const struct node *map, struct slice key)
{
	for (uint32_t i = 0; map != NULL && map->type == NODE_MAP && i < map->count; i++)
		if (slice_eq(node_key(map, i)->text, key))
			return (struct pair){ node_key(map, i), node_value(map, i) };
	return (struct pair){ NULL, NULL };
}

/* Cut between characters; Unicode's control characters do not belong on a terminal. */
static void
put_word(struct text *t, struct slice s, size_t bytes_max)
{
	size_t cut = s.len < bytes_max ? s.len : bytes_max;

	while (cut > 0 && cut < s.len && (s.ptr[cut] & 0xc0) == 0x80)
		cut--;
	for (size_t i = 0; i < cut; i++) {
		bool control = s.ptr[i] == '\xc2' && (unsigned char)s.ptr[i + 1] < 0xa0;

		text_put_char(t, control ? '?' : s.ptr[i]);
		i += control;
	}
	if (cut < s.len)
		text_put(t, S("..."));
}

static struct slice
join(struct work *w, struct slice path, struct slice key, const char *before, const char *after)
{
	char room[2 * WORD_BYTES_MAX];
	struct text t;
	char *whole;

	text_init(&t, room, sizeof room);
	text_put(&t, slice_of(before, strlen(before)));
	put_word(&t, key, WORD_BYTES_MAX);
	text_put(&t, slice_of(after, strlen(after)));
	whole = arena_bytes(w->arena, path.len + t.len);
	if (whole == NULL)
		return slice_of(NULL, 0);
	memcpy(whole, path.ptr, path.len);
	memcpy(whole + path.len, t.ptr, t.len);
	return slice_of(whole, path.len + t.len);
}

struct slice
note_path(struct work *w, struct slice path, struct slice key)
{
	return join(w, path, key, path.len > 0 ? "." : "", "");
}

struct slice
note_element(struct work *w, struct slice path, uint32_t index)
{
	char room[20];

	return join(w, path, report_number(room, index), "[", "]");
}

/* Twice the room when it is full; the old one stays in the arena, which costs as much again. */
static bool
grow(struct work *w)
{
	struct import *in = w->in;
	uint32_t room = in->note_room == 0 ? 256 : 2 * in->note_room;
	struct import_note *note;

	if (in->note_count < in->note_room)
		return true;
	note = arena_alloc(w->arena, room * sizeof *note);
	if (note == NULL)
		return false;
	if (in->note_count > 0)
		memcpy(note, in->note, in->note_count * sizeof *note);
	in->note = note;
	in->note_room = room;
	return true;
}

void
note_add(struct work *w, const struct node *at, struct slice path, const struct import_note *what)
{
	struct import_note *note;

	if (!grow(w))
		return;
	note = &w->in->note[w->in->note_count++];
	*note = *what;
	note->line = at->line;
	note->column = at->column;
	note->path = path;
	note->at = at;
}

/* Something to say that must not be said over. */
static bool
is_said(const struct import_note *note)
{
	return note->text.len > 0 && note->fate != IMPORT_CARRIED && note->fate != IMPORT_HARMLESS;
}

/* Most notes are changed soon after they were made, so the search begins at the newest. */
void
note_text(struct work *w, const struct node *at, enum import_fate fate, const struct slice *words,
    size_t count)
{
	char room[CONF_MESSAGE_BYTES];
	struct text t;

	text_init(&t, room, sizeof room);
	for (size_t i = 0; i < count; i++)
		put_word(&t, words[i], PIECE_BYTES_MAX);
	for (uint32_t i = w->in->note_count; i > 0; i--) {
		struct import_note *note = &w->in->note[i - 1];

		if (note->at != at)
			continue;
		if (is_said(note)) {
			note_add(w, at, note->path, &(struct import_note){ .fate = fate });
			note = &w->in->note[w->in->note_count - 1];
		}
		note->fate = fate;
		note->text = arena_copy(w->arena, text_slice(&t));
		return;
	}
}

static int
compare(const void *left, const void *right)
{
	const struct import_note *a = left, *b = right;

	if (a->line != b->line)
		return a->line < b->line ? -1 : 1;
	if (a->column != b->column)
		return a->column < b->column ? -1 : 1;
	return a->path.len < b->path.len ? -1 : a->path.len > b->path.len;
}

void
note_sort(struct import *in)
{
	if (in->note_count > 0)
		qsort(in->note, in->note_count, sizeof *in->note, compare);
	memset(in->fates, 0, sizeof in->fates);
	for (uint32_t i = 0; i < in->note_count; i++) {
		in->fates[in->note[i].fate]++;
		in->note[i].at = NULL;
	}
}

void
import_put_note(const struct import *in, uint32_t index, struct text *out)
{
	const struct import_note *note;

	must(index < in->note_count);
	note = &in->note[index];
	put_word(out, in->report.file, PIECE_BYTES_MAX);
	text_put_char(out, ':');
	text_put_number(out, note->line);
	text_put_char(out, ':');
	text_put_number(out, note->column);
	text_put(out, S(": "));
	text_put(out, import_fate_word(note->fate));
	text_put(out, S(": "));
	text_put(out, note->path);
	if (note->text.len > 0)
		text_put(out, S(": "));
	text_put(out, note->text);
	text_put_char(out, '\n');
}

/* ---- JSON ---- */

static void
put_member(struct text *t, const char *name, struct slice value)
{
	text_put(t, S(",\""));
	text_put(t, slice_of(name, strlen(name)));
	text_put(t, S("\":"));
	text_put_json(t, value);
}

static void
put_number(struct text *t, const char *name, uint64_t n)
{
	text_put(t, S(",\""));
	text_put(t, slice_of(name, strlen(name)));
	text_put(t, S("\":"));
	text_put_number(t, n);
}

static void
put_messages(struct text *t, const struct report *report)
{
	text_put(t, S(",\"messages\":["));
	for (uint32_t i = 0; i < report->count; i++) {
		const struct report_message *message = &report->message[i];

		text_put(t, i > 0 ? S(",{\"severity\":\"") : S("{\"severity\":\""));
		text_put(t, message->warning ? S("warning\"") : S("error\""));
		put_number(t, "line", message->line);
		put_number(t, "column", message->column);
		put_member(t, "text", message->text);
		text_put_char(t, '}');
	}
	text_put_char(t, ']');
}

static void
put_notes(struct text *t, const struct import *in)
{
	text_put(t, S(",\"notes\":["));
	for (uint32_t i = 0; i < in->note_count; i++) {
		const struct import_note *note = &in->note[i];

		text_put(t, i > 0 ? S(",{\"fate\":") : S("{\"fate\":"));
		text_put_json(t, import_fate_word(note->fate));
		put_number(t, "line", note->line);
		put_number(t, "column", note->column);
		put_member(t, "path", note->path);
		if (note->text.len > 0)
			put_member(t, "text", note->text);
		text_put_char(t, '}');
	}
	text_put_char(t, ']');
}

static void
put_all(struct text *t, const struct import *in, bool whole)
{
	text_put(t, S("{\"file\":"));
	text_put_json(t, in->report.file);
	text_put(t, in->yaml.len > 0 ? S(",\"ok\":true") : S(",\"ok\":false"));
	put_number(t, "models", in->models);
	put_number(t, "groups", in->groups);
	put_number(t, "keys", in->keys);
	text_put(t, S(",\"counts\":{"));
	for (enum import_fate fate = 0; fate < IMPORT_FATES; fate++) {
		if (fate > 0)
			text_put_char(t, ',');
		text_put_json(t, import_fate_word(fate));
		text_put_char(t, ':');
		text_put_number(t, in->fates[fate]);
	}
	text_put(t, S("},\"environment\":["));
	for (uint32_t i = 0; i < in->variable_count; i++) {
		if (i > 0)
			text_put_char(t, ',');
		text_put_json(t, in->variable[i]);
	}
	text_put_char(t, ']');
	put_messages(t, &in->report);
	put_notes(t, in);
	if (whole && in->yaml.len > 0)
		put_member(t, "configuration", in->yaml);
	text_put(t, S("}\n"));
}

/* An escaped byte is six at most. */
struct slice
import_json(struct import *in, bool whole)
{
	size_t bytes = 4096 + 6 * (in->report.file.len + (whole ? in->yaml.len : 0));
	struct text t;
	char *room;

	for (uint32_t i = 0; i < in->report.count; i++)
		bytes += 128 + 6 * in->report.message[i].text.len;
	for (uint32_t i = 0; i < in->note_count; i++)
		bytes += 128 + 6 * (in->note[i].path.len + in->note[i].text.len);
	for (uint32_t i = 0; i < in->variable_count; i++)
		bytes += 8 + in->variable[i].len;
	room = arena_bytes(&in->arena, bytes);
	if (room == NULL)
		return slice_of(NULL, 0);
	text_init(&t, room, bytes);
	put_all(&t, in, whole);
	must(!text_overflowed(&t));
	return text_slice(&t);
}
