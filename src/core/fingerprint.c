/* SPDX-License-Identifier: Apache-2.0 */
#include "core/fingerprint.h"

#include "core/wide.h"

#define PRIME		((UINT64_C(1) << 61) - 1)
#define STEP_BYTES	32
#define STEP_WORDS	(STEP_BYTES / 8)

/* One more coefficient, below 2^61, of the polynomial at the key's point. */
static inline uint64_t
evaluate(const struct fingerprint_key *key, uint64_t state, uint64_t coefficient)
{
	unsigned __int128 product = (unsigned __int128)state * (key->point & PRIME) + coefficient;
	/* 2^61 is 1 here. */
	uint64_t sum = ((uint64_t)product & PRIME) + (uint64_t)(product >> 61);

	return sum >= PRIME ? sum - PRIME : sum;
}

static inline uint64_t
word_at(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

/* NH of 32 bytes: the halves of each word are added to the key's and multiplied. */
static inline uint64_t
sum_step(const char *p, const uint64_t *key)
{
	uint64_t sum = 0;

	for (int i = 0; i < STEP_WORDS; i++) {
		uint64_t word = word_at(p + 8 * i);
		uint32_t low = (uint32_t)word + (uint32_t)key[i];
		uint32_t high = (uint32_t)(word >> 32) + (uint32_t)(key[i] >> 32);

		sum += (uint64_t)low * high;
	}
	return sum;
}

/* NH of so many steps, and of one more at `last` where there is one. */
static uint64_t
sum_of(const char *p, size_t steps, const char *last, const uint64_t *key)
{
	uint64_t sum = 0;

	for (; steps > 0; steps--, p += STEP_BYTES, key += STEP_WORDS)
		sum += sum_step(p, key);
	return last != NULL ? sum + sum_step(last, key) : sum;
}

#if WIDE_IS_THERE

WIDE_INLINE struct wide
wide_step(const char *p, const uint64_t *key)
{
	struct wide v = wide_add_32(wide_load(p), wide_load((const char *)key));

	return wide_multiply_32(v, wide_high_32(v));
}

static WIDE uint64_t
wide_sum_of(const char *p, size_t steps, const char *last, const uint64_t *key)
{
	struct wide sum = wide_all(0), other = wide_all(0);

	for (; steps >= 4; steps -= 4, p += 4 * STEP_BYTES, key += 4 * STEP_WORDS) {
		sum = wide_add_64(sum, wide_step(p, key));
		other = wide_add_64(other, wide_step(p + STEP_BYTES, key + STEP_WORDS));
		sum = wide_add_64(sum, wide_step(p + 2 * STEP_BYTES, key + 2 * STEP_WORDS));
		other = wide_add_64(other, wide_step(p + 3 * STEP_BYTES, key + 3 * STEP_WORDS));
	}
	for (; steps > 0; steps--, p += STEP_BYTES, key += STEP_WORDS)
		sum = wide_add_64(sum, wide_step(p, key));
	if (last != NULL)
		other = wide_add_64(other, wide_step(last, key));
	return wide_sum_64(wide_add_64(sum, other));
}

#else

#define wide_sum_of	sum_of

#endif

void
fingerprint_init(struct fingerprint *f, const struct fingerprint_key *key, bool wide)
{
	*f = (struct fingerprint){ .key = key, .state = 1, .wide = wide };
}

/*
 * Where a piece does not end with a step, the last one reaches back over bytes that were
 * taken before, or has zeros behind: with the length known, both tell bytes from others.
 */
static const char *
last_step(struct slice piece, char room[static STEP_BYTES])
{
	if (piece.len % STEP_BYTES == 0)
		return NULL;
	if (piece.len > STEP_BYTES)
		return piece.ptr + piece.len - STEP_BYTES;
	memcpy(room, piece.ptr, piece.len);
	return room;
}

/* The length stands before the sums, so that it is known how many of them there are. */
void
fingerprint_add(struct fingerprint *f, struct slice piece)
{
	const struct fingerprint_key *key = f->key;
	uint64_t state = evaluate(key, f->state, piece.len);
	char room[STEP_BYTES] = { 0 };
	const char *last = last_step(piece, room);

	for (size_t at = 0; at < piece.len; at += FINGERPRINT_BLOCK) {
		size_t left = piece.len - at;
		bool ends = left <= FINGERPRINT_BLOCK;
		size_t steps = (ends ? left : FINGERPRINT_BLOCK) / STEP_BYTES;
		uint64_t sum = f->wide
		    ? wide_sum_of(piece.ptr + at, steps, ends ? last : NULL, key->word)
		    : sum_of(piece.ptr + at, steps, ends ? last : NULL, key->word);

		state = evaluate(key, evaluate(key, state, sum >> 32), (uint32_t)sum);
	}
	f->state = state;
}
