/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/dictionary.h"

#include "core/limit.h"
#include "core/must.h"
#include "find/phrase.h"

#define GATE_LOG2	16
#define SLOTS_LOG2_MIN	6

/* Of the hash of a value, these give way to its type, which is never the first. */
#define TYPE_BITS	((uint64_t)0x3ff)

_Static_assert(TYPE_COUNT <= TYPE_BITS, "a type fits into its bits");

struct dictionary {
	struct arena		*arena;
	struct hash_key		 key;
	struct phrase_slot	*slot;
	uint64_t		*gate;
	unsigned		 slots_log2;
	uint32_t		 edges;
	uint32_t		 states;
	uint32_t		 words;		/* entries */
	uint64_t		*value;		/* hashes, with TYPE_BITS of the type; 0 is none */
	unsigned		 values_log2;
	uint32_t		 values;
	const struct matcher	*matcher;	/* or NULL */
};

static const char no_memory[] = "there is no memory for it";
static const char too_many[] = "there are more than a dictionary holds";
static const char elsewhere[] = "it is in another list, too";

struct dictionary *
dictionary_new(struct arena *a, struct hash_key key)
{
	struct dictionary *d = arena_zero(a, sizeof *d);

	if (d == NULL)
		return NULL;
	*d = (struct dictionary){ .arena = a, .key = key, .slots_log2 = SLOTS_LOG2_MIN,
		.values_log2 = SLOTS_LOG2_MIN, .states = 1 };
	d->slot = arena_zero(a, sizeof *d->slot << SLOTS_LOG2_MIN);
	d->value = arena_zero(a, sizeof *d->value << SLOTS_LOG2_MIN);
	d->gate = arena_zero(a, sizeof *d->gate << (GATE_LOG2 - 6));
	return d->slot != NULL && d->value != NULL && d->gate != NULL ? d : NULL;
}

const struct hash_key *
dictionary_key(const struct dictionary *d)
{
	return &d->key;
}

/* ---- words ---- */

/* The slot of the key, or the empty one where it belongs. */
static struct phrase_slot *
slot_of(struct phrase_slot *slot, unsigned slots_log2, uint32_t key)
{
	uint32_t at = phrase_slot(key, slots_log2);

	while ((slot[at].to != 0 || slot[at].row != 0) && slot[at].key != key)
		at = (at + 1) & ((1U << slots_log2) - 1);
	return &slot[at];
}

/* Room for one more edge, half of the slots being empty. */
static bool
grow_slots(struct dictionary *d)
{
	struct phrase_slot *slot;

	if (2 * (d->edges + 1) <= 1U << d->slots_log2)
		return true;
	if ((slot = arena_zero(d->arena, sizeof *slot << (d->slots_log2 + 1))) == NULL)
		return false;
	for (uint32_t i = 0; i < 1U << d->slots_log2; i++)
		if (d->slot[i].to != 0 || d->slot[i].row != 0)
			*slot_of(slot, d->slots_log2 + 1, d->slot[i].key) = d->slot[i];
	d->slot = slot;
	d->slots_log2++;
	return true;
}

static const char *
add_path(struct dictionary *d, const struct word *word, unsigned count, enum detect_type type)
{
	uint32_t state = 0, head = word[0].hash >> (32 - GATE_LOG2);

	for (unsigned i = 0; i < count; i++) {
		uint32_t key = phrase_key(state, word[i].hash);
		struct phrase_slot *s;

		if (!grow_slots(d))
			return no_memory;
		s = slot_of(d->slot, d->slots_log2, key);
		d->edges += s->to == 0 && s->row == 0;
		s->key = key;
		if (i + 1 == count && s->row != 0 && s->row != type)
			return elsewhere;
		if (i + 1 == count)
			s->row = type;
		else if (s->to == 0)
			s->to = d->states++;
		state = s->to;
	}
	d->gate[head / 64] |= UINT64_C(1) << head % 64;
	d->words++;
	return NULL;
}

const char *
dictionary_add_word(struct dictionary *d, struct slice phrase, enum detect_type type)
{
	struct word word[PHRASE_ROOM];
	struct words words;
	unsigned count = 0, got;

	if (d->words == DICTIONARY_MAX)
		return too_many;
	words_init(&words, phrase, false);
	while (count <= PHRASE_WORDS_MAX &&
	    (got = words_read(&words, word + count, PHRASE_ROOM - count)) > 0)
		count += got;
	if (count == 0)
		return "it has no letter and no digit";
	if (count > PHRASE_WORDS_MAX)
		return "it has too many words";
	for (unsigned i = 0; i < count; i++)
		if (word[i].hash == 0)
			return "it has a word that is too long";
	return add_path(d, word, count, type);
}

/* ---- values ---- */

static uint64_t *
value_of(uint64_t *value, unsigned values_log2, uint64_t hash)
{
	uint64_t at = hash >> (64 - values_log2);

	while (value[at] != 0 && ((value[at] ^ hash) & ~TYPE_BITS) != 0)
		at = (at + 1) & ((UINT64_C(1) << values_log2) - 1);
	return &value[at];
}

const char *
dictionary_reserve_values(struct dictionary *d, uint32_t count)
{
	unsigned values_log2 = d->values_log2;
	uint64_t *value;

	if (count > DICTIONARY_VALUES_MAX - d->values)
		return too_many;
	while (2 * (uint64_t)(d->values + count) > UINT64_C(1) << values_log2)
		values_log2++;
	if (values_log2 == d->values_log2)
		return NULL;
	if ((value = arena_zero(d->arena, sizeof *value << values_log2)) == NULL)
		return no_memory;
	for (uint32_t i = 0; i < 1U << d->values_log2; i++)
		if (d->value[i] != 0)
			*value_of(value, values_log2, d->value[i]) = d->value[i];
	d->value = value;
	d->values_log2 = values_log2;
	return NULL;
}

const char *
dictionary_add_value(struct dictionary *d, uint64_t hash, enum detect_type type)
{
	const char *why = dictionary_reserve_values(d, 1);
	uint64_t *place;

	must(type > 0);
	if (why != NULL)
		return why;
	place = value_of(d->value, d->values_log2, hash);
	if (*place != 0 && (*place & TYPE_BITS) != type)
		return elsewhere;
	d->values += *place == 0;
	*place = (hash & ~TYPE_BITS) | type;
	return NULL;
}

/* The letters and digits of a value, in upper case. */
struct plain {
	char	byte[DICTIONARY_VALUE_MAX];
	size_t	len;
	bool	digit;
};

/* Adds those of a word; false if it has others, or is too long. */
static bool
add_plain(struct plain *p, struct slice word)
{
	if (word.len > sizeof p->byte - p->len)
		return false;
	for (size_t i = 0; i < word.len; i++) {
		unsigned char c = (unsigned char)word.ptr[i];
		bool letter = (unsigned)((c | 0x20) - 'a') < 26;

		if (c >= 0x80)
			return false;
		p->digit |= !letter;
		p->byte[p->len++] = (char)(letter ? c & ~0x20 : c);
	}
	return true;
}

static bool
hash_plain(const struct hash_key *key, const struct plain *p, uint64_t *out)
{
	if (p->len < DICTIONARY_VALUE_MIN || !p->digit)
		return false;
	*out = hash_64(key, slice_of(p->byte, p->len));
	return true;
}

/* May word[0] and word[1] be parts of one value? */
static bool
is_joined(struct slice text, const struct word *word)
{
	return word[1].start - word[0].end == 1 &&
	    memchr(" -_./:", text.ptr[word[0].end], 6) != NULL;
}

/* The words of the longest value that begins at word[0], and its type; 0 if none does. */
static unsigned
find_value(const struct dictionary *d, struct slice text, const struct word *word, unsigned count,
    uint16_t *type)
{
	struct plain p = { .len = 0 };
	unsigned found = 0;
	uint64_t hash, held;

	for (unsigned i = 0; i < count && i < DICTIONARY_PARTS; i++) {
		if ((i > 0 && !is_joined(text, &word[i - 1])) ||
		    !add_plain(&p, slice_cut(text, word[i].start, word[i].end)))
			break;
		if (!hash_plain(&d->key, &p, &hash) ||
		    (held = *value_of(d->value, d->values_log2, hash)) == 0)
			continue;
		found = i + 1;
		*type = (uint16_t)(held & TYPE_BITS);
	}
	return found;
}

bool
dictionary_hash(const struct hash_key *key, struct slice value, uint64_t *out)
{
	struct word word[WORDS_ROOM_MIN];
	struct plain p = { .len = 0 };
	struct words words;
	unsigned count;

	if (value.len > 2 * DICTIONARY_VALUE_MAX)
		return false;
	words_init(&words, value, false);
	count = words_read(&words, word, WORDS_ROOM_MIN);
	for (unsigned i = 0; i < count; i++)
		if (i == DICTIONARY_PARTS || (i > 0 && !is_joined(value, &word[i - 1])) ||
		    !add_plain(&p, slice_cut(value, word[i].start, word[i].end)))
			return false;
	return words_read(&words, word, WORDS_ROOM_MIN) == 0 && hash_plain(key, &p, out);
}

void
dictionary_set_matcher(struct dictionary *d, const struct matcher *m)
{
	d->matcher = m;
}

/* ---- looking ---- */

static void
look_for_words(const struct dictionary *d, const struct look *l)
{
	struct phrases phrases = { d->slot, d->gate, d->slots_log2, GATE_LOG2 };
	struct phrase_reader reader;
	const struct word *words;
	struct phrase one;
	unsigned count;

	phrase_begin(&reader, &phrases, l->text, l->wide);
	while (phrase_fill(&reader, &words, &count))
		while (phrase_next(&reader, &one))
			findings_add(l->findings, (struct finding){ one.start, one.end,
			    (uint16_t)one.row, 90, EVIDENCE_LIST });
}

static void
look_for_values(const struct dictionary *d, const struct look *l)
{
	struct word word[WORDS_ROOM_MIN + DICTIONARY_PARTS];
	struct words words;
	unsigned ready = 0, got;

	words_init(&words, l->text, l->wide);
	do {
		unsigned i = 0, until;

		got = words_read(&words, word + ready, WORDS_ROOM_MIN);
		ready += got;
		until = got == 0 ? ready : ready > DICTIONARY_PARTS ? ready - DICTIONARY_PARTS : 0;
		while (i < until) {
			uint16_t type;
			unsigned parts = find_value(d, l->text, word + i, ready - i, &type);

			if (parts > 0)
				findings_add(l->findings, (struct finding){ word[i].start,
				    word[i + parts - 1].end, type, 100,
				    EVIDENCE_LIST | EVIDENCE_VALID });
			i += parts > 0 ? parts : 1;
		}
		memmove(word, word + i, (ready - i) * sizeof *word);
		ready -= i;
	} while (got > 0);
}

void
dictionary_look(const struct dictionary *d, const struct look *l)
{
	if (d->words > 0)
		look_for_words(d, l);
	if (d->values > 0)
		look_for_values(d, l);
	if (d->matcher != NULL)
		d->matcher->look(d->matcher, l);
}
