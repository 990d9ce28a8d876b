/* SPDX-License-Identifier: Apache-2.0 */
#include "term/injection.h"

/* Sums are kept in sixteenths. */
#define FINE		16
#define DECAY_LOG2	4

/* A sum that is as sure as it gets. */
#define SUM_SURE	(3 * INJECTION_SUM_MIN)

struct weight {
	uint32_t	key;
	int32_t		by;		/* 0: the slot is empty */
};

#define SLOTS(slots_log2, gate_log2)						\
	enum { SLOTS_LOG2 = slots_log2, GATE_LOG2 = gate_log2 };
#define WEIGHT(at, key, by)
#define GATE(at, bits)
#include "term/injection.tbl"
#undef SLOTS
#undef WEIGHT
#undef GATE

#define SLOTS(slots_log2, gate_log2)
static const struct weight weights[1 << SLOTS_LOG2] = {
#define WEIGHT(at, key, by)	[at] = { key, by },
#define GATE(at, bits)
#include "term/injection.tbl"
#undef WEIGHT
#undef GATE
};

static const uint64_t gate[1 << (GATE_LOG2 - 6)] = {
#define WEIGHT(at, key, by)
#define GATE(at, bits)		[at] = bits,
#include "term/injection.tbl"
#undef WEIGHT
#undef GATE
};
#undef SLOTS

static int32_t
find(uint32_t key)
{
	uint32_t at = (uint32_t)(key * UINT64_C(0x9e3779b97f4a7c15) >> (64 - SLOTS_LOG2));

	while (weights[at].by != 0 && weights[at].key != key)
		at = (at + 1) & ((1 << SLOTS_LOG2) - 1);
	return weights[at].by;
}

/* Most hashes have no weight, and most of those need no look at the table. */
static inline int32_t
weight(uint32_t key)
{
	uint32_t bit = key >> (32 - GATE_LOG2);

	return (gate[bit / 64] >> bit % 64 & 1) != 0 ? find(key) : 0;
}

static inline uint32_t
spread(uint32_t x)
{
	return x ^ x >> 15;
}

/* Hashes, compared at once. */
struct four {
	uint32_t	lane __attribute__((vector_size(16)));
};

static inline bool
is_recent(const struct injection *r, uint32_t key)
{
	struct four same = { { 0 } };
	uint64_t half[2];

	for (unsigned i = 0; i < INJECTION_RECENT; i += 4) {
		struct four four;

		memcpy(&four, r->recent + i, sizeof four);
		same.lane |= (struct four){ four.lane == key }.lane;
	}
	memcpy(half, &same, sizeof half);
	return (half[0] | half[1]) != 0;
}

/* What a hash adds. */
static inline int32_t
count(struct injection *r, uint32_t key)
{
	int32_t by = weight(key);

	if (by == 0 || is_recent(r, key))
		return 0;
	r->recent[r->count++ % INJECTION_RECENT] = key;
	return by;
}

/* What the word adds, with the pair and the triple that end in it. */
static inline int32_t
read_word(struct injection *r, uint32_t hash)
{
	uint32_t two = r->before * 0x85ebca6bu + hash;
	uint32_t three = r->first * 0x27d4eb2fu + two;
	int32_t by = count(r, hash);

	by += count(r, spread(two * 0xc2b2ae35u));
	by += count(r, spread(three * 0x9e3779b1u));
	r->first = r->before;
	r->before = hash;
	r->sum += by * FINE;
	r->sum -= r->sum >> DECAY_LOG2;
	if (r->sum < 0)
		r->sum = 0;
	return by;
}

void
injection_end(struct injection *r, const struct look *l)
{
	int32_t sum = r->most / FINE;

	if (sum >= INJECTION_SUM_MIN)
		findings_add(l->findings, (struct finding){ r->word.start, r->word.end,
		    TYPE_prompt_injection,
		    (uint8_t)(sum < SUM_SURE ? 60 + 35 * (sum - INJECTION_SUM_MIN) /
		    (SUM_SURE - INJECTION_SUM_MIN) : 95), EVIDENCE_LIST });
	r->most = r->by = 0;
}

void
injection_read(struct injection *r, const struct look *l, const struct word *words,
    unsigned count)
{
	for (unsigned i = 0; i < count; i++) {
		int32_t by = read_word(r, words[i].hash);

		if (by > r->by) {
			r->by = by;
			r->word = words[i];
		}
		r->most = r->sum > r->most ? r->sum : r->most;
		if (r->sum == 0 && r->most > 0)
			injection_end(r, l);
	}
}

uint32_t
injection_sum(struct slice text, bool wide)
{
	struct word at[WORDS_ROOM_MIN];
	struct injection r = { 0 };
	struct words words;
	int32_t most = 0;

	words_init(&words, text, wide);
	for (unsigned got; (got = words_read(&words, at, WORDS_ROOM_MIN)) > 0;) {
		for (unsigned i = 0; i < got; i++) {
			read_word(&r, at[i].hash);
			most = r.sum > most ? r.sum : most;
		}
	}
	return (uint32_t)(most / FINE);
}
