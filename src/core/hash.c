/* SPDX-License-Identifier: Apache-2.0 */
#include "core/hash.h"

struct state {
	uint64_t	v0, v1, v2, v3;
};

static inline uint64_t
turn(uint64_t x, unsigned bits)
{
	return x << bits | x >> (64 - bits);
}

static inline void
mix(struct state *s, unsigned rounds)
{
	while (rounds-- > 0) {
		s->v0 += s->v1;
		s->v1 = turn(s->v1, 13) ^ s->v0;
		s->v0 = turn(s->v0, 32);
		s->v2 += s->v3;
		s->v3 = turn(s->v3, 16) ^ s->v2;
		s->v0 += s->v3;
		s->v3 = turn(s->v3, 21) ^ s->v0;
		s->v2 += s->v1;
		s->v1 = turn(s->v1, 17) ^ s->v2;
		s->v2 = turn(s->v2, 32);
	}
}

/* Words are read from the lowest byte on, whatever the machine's order. */
static inline uint64_t
read_word(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return __BYTE_ORDER__ == __ORDER_BIG_ENDIAN__ ? __builtin_bswap64(word) : word;
}

static inline uint64_t
read_rest(const char *p, size_t len)
{
	uint64_t word = 0;

	for (size_t i = 0; i < len; i++)
		word |= (uint64_t)(unsigned char)p[i] << 8 * i;
	return word;
}

static inline void
absorb(struct state *s, uint64_t word)
{
	s->v3 ^= word;
	mix(s, 2);
	s->v0 ^= word;
}

static inline struct state
digest(const struct hash_key *key, struct slice text, uint64_t wide)
{
	struct state s = {
		.v0 = key->word[0] ^ UINT64_C(0x736f6d6570736575),
		.v1 = key->word[1] ^ UINT64_C(0x646f72616e646f6d) ^ wide,
		.v2 = key->word[0] ^ UINT64_C(0x6c7967656e657261),
		.v3 = key->word[1] ^ UINT64_C(0x7465646279746573),
	};
	size_t at = 0;

	for (; at + 8 <= text.len; at += 8)
		absorb(&s, read_word(text.ptr + at));
	/* The empty text may have no address, and nothing may be added to that. */
	absorb(&s, read_rest(at < text.len ? text.ptr + at : "", text.len - at) |
	    (uint64_t)text.len << 56);
	return s;
}

static inline uint64_t
fold(const struct state *s)
{
	return s->v0 ^ s->v1 ^ s->v2 ^ s->v3;
}

uint64_t
hash_64(const struct hash_key *key, struct slice text)
{
	struct state s = digest(key, text, 0);

	s.v2 ^= 0xff;
	mix(&s, 4);
	return fold(&s);
}

struct hash_digest
hash_128(const struct hash_key *key, struct slice text)
{
	struct state s = digest(key, text, 0xee);
	struct hash_digest out;

	s.v2 ^= 0xee;
	mix(&s, 4);
	out.word[0] = fold(&s);
	s.v1 ^= 0xdd;
	mix(&s, 4);
	out.word[1] = fold(&s);
	return out;
}

/* Each digest is the key of the next one: a cascade, in which no part can pass for another's. */
struct hash_digest
hash_parts(const struct hash_key *key, const struct slice *part, size_t count)
{
	struct hash_digest d = { { key->word[0], key->word[1] } };

	for (size_t i = 0; i < count; i++)
		d = hash_128(&(struct hash_key){ { d.word[0], d.word[1] } }, part[i]);
	return d;
}
