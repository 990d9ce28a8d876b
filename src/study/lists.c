/* SPDX-License-Identifier: Apache-2.0 */
#include "study/lists.h"

#define BUCKETS		(1U << GAZETTEER_BITS)
#define MAGIC		S(GAZETTEER_MAGIC)

/* What of a hash the file keeps: a bucket and a print. */
#define KEPT		(~UINT32_C(0) << (32 - GAZETTEER_BITS) | UINT32_C(0xffff))

static enum err
make_room(struct lists *l, uint32_t room)
{
	struct lists old = *l;

	l->at = arena_zero(l->arena, room * sizeof *l->at);
	if (l->at == NULL)
		return ERR_MEMORY;
	l->room = room;
	for (uint32_t i = 0; i < old.room; i++) {
		uint32_t at = old.at[i].hash * UINT32_C(0x9e3779b1) % room;

		if (old.at[i].is == 0)
			continue;
		while (l->at[at].is != 0)
			at = (at + 1) % room;
		l->at[at] = old.at[i];
	}
	return ERR_OK;
}

enum err
lists_init(struct lists *l, struct arena *a)
{
	*l = (struct lists){ .arena = a };
	return make_room(l, 1U << 16);
}

static enum err
add(struct lists *l, uint32_t hash, unsigned is)
{
	uint32_t at;

	hash &= KEPT;
	if (2 * l->count >= l->room && make_room(l, 2 * l->room) != ERR_OK)
		return ERR_MEMORY;
	at = hash * UINT32_C(0x9e3779b1) % l->room;
	while (l->at[at].is != 0 && l->at[at].hash != hash)
		at = (at + 1) % l->room;
	l->count += l->at[at].is == 0;
	if (is >= IS_ROLE)
		l->at[at].is %= IS_ROLE;
	l->at[at].hash = hash;
	l->at[at].is |= (uint16_t)is;
	return ERR_OK;
}

unsigned
lists_class(struct slice name)
{
	static const struct slice names[] = {
		{ "first", 5 }, { "last", 4 }, { "place", 5 }, { "firm", 4 },
		{ "common", 6 }, { "nation", 6 }, { "proper", 6 }, { "of", 2 },
	};

	for (unsigned i = 0; i < sizeof names / sizeof names[0]; i++)
		if (slice_eq(name, names[i]))
			return 1U << i;
	return 0;
}

enum err
lists_keep(struct lists *l, struct slice file, unsigned is)
{
	uint32_t bytes = BUCKETS * 4 + 4, *first = arena_zero(l->arena, bytes);
	size_t start = MAGIC.len + bytes;
	struct gazetteer_entry e;

	if (first == NULL)
		return ERR_MEMORY;
	if (!slice_starts(file, MAGIC) || file.len < start)
		return ERR_CONF;
	memcpy(first, file.ptr + MAGIC.len, bytes);
	if (file.len != start + first[BUCKETS] * sizeof e + GAZETTEER_PAD)
		return ERR_CONF;
	for (uint32_t bucket = 0, i = 0; bucket < BUCKETS; bucket++)
		for (; i < first[bucket + 1]; i++) {
			memcpy(&e, file.ptr + start + i * sizeof e, sizeof e);
			if ((e.is & is) != 0 && add(l, bucket << (32 - GAZETTEER_BITS) | e.print,
			    e.is & is) != ERR_OK)
				return ERR_MEMORY;
		}
	return ERR_OK;
}

/* One word or phrase. */
static enum err
add_phrase(struct lists *l, struct atoms *ws, struct slice phrase, unsigned is)
{
	uint32_t hash;

	ws->text = phrase;
	ws->next = 0;
	if (!atoms_read(ws) || ws->count > GAZETTEER_PHRASE)
		return ERR_OK;
	hash = ws->at[0].hash;
	for (uint32_t i = 1; i < ws->count; i++)
		hash = atoms_hash_on(hash, ws->at[i].hash);
	if (ws->count > 1 && add(l, ws->at[0].hash, IS_START) != ERR_OK)
		return ERR_MEMORY;
	return add(l, hash, is);
}

/* The next line, or what stands before the next comma. */
static struct slice
next(struct slice *rest, struct slice end)
{
	size_t at = slice_find(*rest, end);
	struct slice one = slice_cut(*rest, 0, at);

	*rest = slice_cut(*rest, at < rest->len ? at + 1 : at, rest->len);
	return one;
}

enum err
lists_read(struct lists *l, struct slice list, unsigned is)
{
	struct atoms ws;
	enum err e = ERR_OK;

	if (!atoms_init(&ws, l->arena, list))
		return ERR_MEMORY;
	for (l->line = 1; e == ERR_OK && list.len > 0; l->line++) {
		struct slice line = next(&list, S("\n"));

		line = slice_cut(line, 0, slice_find(line, S("\t")));
		line = slice_cut(line, 0, slice_find(line, S(",")));
		e = add_phrase(l, &ws, line, is);
	}
	return e;
}

enum err
lists_read_lexicon(struct lists *l, struct slice lexicon)
{
	struct atoms ws;
	enum err e = ERR_OK;

	if (!atoms_init(&ws, l->arena, lexicon))
		return ERR_MEMORY;
	for (l->line = 1; lexicon.len > 0; l->line++) {
		struct slice line = slice_trim(next(&lexicon, S("\n")));
		size_t colon = slice_find(line, S(":"));
		enum atom_role role = gazetteer_role_of(slice_cut(line, 0, colon));

		if (line.len == 0 || line.ptr[0] == '#')
			continue;
		if (role == ROLE_COUNT || colon == line.len)
			return ERR_CONF;
		line = slice_cut(line, colon + 1, line.len);
		while (e == ERR_OK && line.len > 0)
			e = add_phrase(l, &ws, next(&line, S(",")), (unsigned)role * IS_ROLE);
		if (e != ERR_OK)
			return e;
	}
	return ERR_OK;
}

enum err
lists_put(const struct lists *l, struct text *out)
{
	uint32_t *first = arena_zero(l->arena, (BUCKETS + 1) * sizeof *first);
	struct gazetteer_entry *e = arena_zero(l->arena, l->count * sizeof *e);

	if (first == NULL || e == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < l->room; i++)
		if (l->at[i].is != 0)
			first[(l->at[i].hash >> (32 - GAZETTEER_BITS)) + 1]++;
	for (uint32_t i = 0; i < BUCKETS; i++)
		first[i + 1] += first[i];
	text_put(out, MAGIC);
	text_put(out, slice_of((const char *)first, (BUCKETS + 1) * sizeof *first));
	for (uint32_t i = 0; i < l->room; i++) {
		const struct lists_word *w = &l->at[i];

		if (w->is != 0)
			e[first[w->hash >> (32 - GAZETTEER_BITS)]++] =
			    (struct gazetteer_entry){ (uint16_t)w->hash, w->is };
	}
	text_put(out, slice_of((const char *)e, l->count * sizeof *e));
	for (unsigned i = 0; i < GAZETTEER_PAD; i++)
		text_put_char(out, 0);
	return ERR_OK;
}
