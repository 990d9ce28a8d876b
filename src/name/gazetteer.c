/* SPDX-License-Identifier: Apache-2.0 */
#include "name/gazetteer.h"

/* The bytes of the file, from the root of the tree, where everything is compiled. */
__asm__(".pushsection .rodata\n"
    ".balign 8\n"
    "gazetteer_bin: .incbin \"src/name/gazetteer.bin\"\n"
    ".popsection\n");
extern const char gazetteer_bin[] __attribute__((visibility("hidden")));

#define MAGIC_BYTES	8
#define BUCKETS		(1U << GAZETTEER_BITS)

/* The file does not fit a processor's first cache: it is asked for so many words ahead. */
#define AHEAD		8

/* Entries, compared at once. */
struct four {
	uint32_t	lane __attribute__((vector_size(16)));
};

static inline const uint32_t *
first_of(uint32_t bucket)
{
	return (const uint32_t *)(const void *)(gazetteer_bin + MAGIC_BYTES) + bucket;
}

/* The bucket first, then the entries to which it leads. */
static inline void
fetch_ahead(const struct atom *w, const struct atom *end)
{
	if (w + 2 * AHEAD < end)
		__builtin_prefetch(first_of(w[2 * AHEAD].hash >> (32 - GAZETTEER_BITS)));
	if (w + AHEAD < end)
		__builtin_prefetch((const char *)first_of(BUCKETS + 1) +
		    *first_of(w[AHEAD].hash >> (32 - GAZETTEER_BITS)) *
		    sizeof(struct gazetteer_entry));
}

uint16_t
gazetteer_look(uint32_t hash)
{
	const struct gazetteer_entry *entries = (const void *)first_of(BUCKETS + 1);
	const uint32_t *bucket = first_of(hash >> (32 - GAZETTEER_BITS));

	for (uint32_t i = bucket[0]; i < bucket[1]; i += 4) {
		struct four four;
		uint64_t half[2];

		memcpy(&four, entries + i, sizeof four);
		four.lane = (four.lane & 0xffff) == (hash & 0xffff);
		memcpy(half, &four, sizeof half);
		for (uint32_t k = i; (half[0] | half[1]) != 0 && k < i + 4 && k < bucket[1]; k++)
			if (entries[k].print == (uint16_t)hash)
				return entries[k].is;
	}
	return 0;
}

/* Half of a text are words that stood in it before. */
#define KNOWN		128

struct known {
	uint32_t	hash, is;
};

/* The longest phrase that begins with w is marked as what it is. */
static void
mark_phrase(struct atom *w, const struct atom *end)
{
	uint32_t hash = w->hash, words = 1;
	uint16_t is = 0, found;

	for (uint32_t n = 1; n < GAZETTEER_PHRASE && w + n < end && w[n].gap <= GAP_LINE; n++) {
		hash = atoms_hash_on(hash, w[n].hash);
		if (w[n].shape == ATOM_MARK ||
		    ((found = gazetteer_look(hash)) & (IS_PLACE | IS_FIRM)) == 0)
			continue;
		is = found;
		words = n + 1;
	}
	for (uint32_t n = 0; n < words && is != 0; n++)
		w[n].is |= (uint16_t)((is & (IS_PLACE | IS_FIRM)) | IS_PHRASE);
}

void
gazetteer_mark(struct atoms *ws)
{
	struct atom *end = ws->at + ws->count;
	struct known known[KNOWN] = { 0 };

	for (struct atom *w = ws->at; w < end; w++) {
		struct known *k = &known[w->hash % KNOWN];

		fetch_ahead(w, end);
		if (w->shape < ATOM_LOWER || w->shape > ATOM_MIXED)
			continue;
		if (k->hash != w->hash)
			*k = (struct known){ w->hash, gazetteer_look(w->hash) };
		w->is = (uint16_t)k->is;
	}
	for (struct atom *w = ws->at; w < end; w++)
		if ((w->is & IS_START) != 0 && w->shape != ATOM_LOWER)
			mark_phrase(w, end);
}

enum atom_role
gazetteer_role_of(struct slice name)
{
	static const struct slice names[ROLE_COUNT] = {
#define ROLE(name, what)	{ #name, sizeof(#name) - 1 },
#include "name/role.tbl"
#undef ROLE
	};
	unsigned role = 0;

	while (role < ROLE_COUNT && !slice_same_word(names[role], name))
		role++;
	return (enum atom_role)role;
}
