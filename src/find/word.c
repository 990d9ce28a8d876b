/* SPDX-License-Identifier: Apache-2.0 */
#include "find/word.h"

#include "core/must.h"
#include "core/vec.h"
#include "core/wide.h"

#define BLOCK_BYTES	64

/* ---- folding ---- */

/* U+00C0 to U+017F without accents; digits stand for two letters. */
static const char latin[] =
    "aaaaaa2ceeeeiiiidnooooox" "ouuuuyt1" "aaaaaa2ceeeeiiiidnooooox" "ouuuuyty"
    "aaaaaaccccccccddddeeeeeeeeeegggggggghhhhiiiiiiiiii44jjkkkllllllll"
    "llnnnnnnnnnoooooo33rrrrrrssssssssttttttuuuuuuuuuuuuwwyyyzzzzzzs";

_Static_assert(sizeof latin - 1 == 0x180 - 0xc0, "one for each");

static const char two[][2] = { { 's', 's' }, { 'a', 'e' }, { 'o', 'e' }, { 'i', 'j' } };

/* Two bytes of UTF-8 at `p`, folded to one or two at `to`. */
static size_t
fold_pair(const unsigned char *p, unsigned char *to)
{
	if (p[0] >= 0xc3 && p[0] <= 0xc5) {
		char c = latin[(unsigned)(p[0] - 0xc3) << 6 | (p[1] & 0x3f)];

		if (c >= '1' && c <= '4')
			memcpy(to, two[c - '1'], 2);
		else
			to[0] = (unsigned char)c;
		return c >= '1' && c <= '4' ? 2 : 1;
	}
	to[0] = p[0];
	to[1] = p[1];
	if (p[0] == 0xd0 && p[1] >= 0x90 && p[1] < 0xb0) {
		to[0] = p[1] < 0xa0 ? 0xd0 : 0xd1;
		to[1] = (unsigned char)(p[1] < 0xa0 ? p[1] + 0x20 : p[1] - 0x20);
	}
	return 2;
}

/* The word folded, in a room of WORD_BYTES_MAX and 8 bytes of zeros; 0 if it is too long. */
static size_t
fold(const unsigned char *p, size_t len, unsigned char *to)
{
	size_t n = 0;

	for (size_t i = 0; i < len;) {
		if (p[i] >= 0xc3 && p[i] <= 0xdf && i + 1 < len && (p[i + 1] & 0xc0) == 0x80) {
			n += fold_pair(p + i, to + n);
			i += 2;
		} else {
			to[n++] = p[i] < 0x80 ? p[i] | 0x20 : p[i];
			i++;
		}
		if (n > WORD_BYTES_MAX)
			return 0;
	}
	return n;
}

/* ---- hashing ---- */

static inline uint64_t
mix(uint64_t h, uint64_t eight)
{
	h = (h ^ eight) * UINT64_C(0xff51afd7ed558ccd);
	return h ^ h >> 32;
}

static inline uint64_t
load(const void *p)
{
	uint64_t eight;

	memcpy(&eight, p, sizeof eight);
	return eight;
}

#define SEED	UINT64_C(0x9e3779b97f4a7c15)

/* Of bytes that are folded and that zeros follow. */
static uint32_t
hash_folded(const unsigned char *p, size_t len)
{
	uint64_t h = SEED;

	for (size_t i = 0; i < len; i += 8)
		h = mix(h, load(p + i));
	return (uint32_t)h;
}

static uint32_t
hash_any(const char *p, size_t len)
{
	unsigned char room[WORD_BYTES_MAX + 8] = { 0 };
	size_t n = fold((const unsigned char *)p, len, room);

	return n == 0 ? 0 : hash_folded(room, n);
}

/* Of ASCII; eight bytes at once may be read where `readable` says that there are so many. */
static inline uint32_t
hash_ascii(const char *p, size_t len, size_t readable)
{
	uint64_t h = SEED, small = UINT64_C(0x2020202020202020);

	if (len > WORD_BYTES_MAX)
		return 0;
	if (len + 7 > readable)
		return hash_any(p, len);
	for (; len > 8; len -= 8, p += 8)
		h = mix(h, load(p) | small);
	return (uint32_t)mix(h, (load(p) | small) & UINT64_MAX >> (64 - 8 * len));
}

uint32_t
word_hash(struct slice word)
{
	return hash_any(word.ptr, word.len);
}

/* ---- blocks ---- */

struct block {
	uint64_t	word;		/* the bytes of words, as bits */
	uint64_t	high;		/* those above ASCII */
};

static struct block
see(const char *p)
{
	struct block b = { 0 };

	for (unsigned i = 0; i < BLOCK_BYTES; i += VEC_BYTES) {
		struct vec v = vec_load(p + i), letter = vec_or(v, vec_all(0x20));
		uint64_t high = vec_mask(v);

		letter = vec_or(vec_within(letter, 'a', 'z'), vec_within(v, '0', '9'));
		b.word |= (vec_mask(letter) | high) << i;
		b.high |= high << i;
	}
	return b;
}

#if WIDE_IS_THERE
static WIDE struct block
see_wide(const char *p)
{
	struct block b = { 0 };

	for (unsigned i = 0; i < BLOCK_BYTES; i += WIDE_BYTES) {
		struct wide v = wide_load(p + i), letter, digit;
		uint64_t high = wide_mask(v);

		letter.b = (v.b | 0x20) - 'a';
		digit.b = v.b - '0';
		letter = wide_or(wide_to(letter, 25), wide_to(digit, 9));
		b.word |= (wide_mask(letter) | high) << i;
		b.high |= high << i;
	}
	return b;
}
#else
#define see_wide	see
#endif

/* ---- words ---- */

/* Whether one character of ideographs or kana is at `at`: it is a word. */
static bool
is_ideograph(struct slice s, size_t at, size_t end)
{
	const unsigned char *p = (const unsigned char *)s.ptr + at;

	return p[0] >= 0xe3 && p[0] <= 0xe9 && end - at >= 3 && (p[1] & 0xc0) == 0x80 &&
	    (p[2] & 0xc0) == 0x80;
}

static unsigned
emit_mixed(struct slice s, size_t at, size_t end, struct word *out)
{
	unsigned count = 0;

	while (at < end) {
		size_t to = at;

		if (is_ideograph(s, at, end))
			to += 3;
		else
			while (to < end && !is_ideograph(s, to, end))
				to++;
		out[count++] = (struct word){ (uint32_t)at, (uint32_t)to,
			hash_any(s.ptr + at, to - at) };
		at = to;
	}
	return count;
}

static inline unsigned
emit(struct words *w, size_t end, struct word *out)
{
	size_t at = w->open;

	w->is_open = false;
	if (!w->is_ascii)
		return emit_mixed(w->text, at, end, out);
	*out = (struct word){ (uint32_t)at, (uint32_t)end,
		hash_ascii(w->text.ptr + at, end - at, w->text.len - at) };
	return 1;
}

/* Bits [from, to) of a block; to > from. */
static inline uint64_t
range(size_t from, size_t to)
{
	return UINT64_MAX >> (BLOCK_BYTES - to) >> from << from;
}

/* A word that goes on behind a whole block of it is cut; one of ASCII costs nothing. */
static unsigned
cut(struct words *w, size_t end, struct word *out)
{
	size_t at = end;
	unsigned count;

	if (w->is_ascii || end - w->open < BLOCK_BYTES || end == w->text.len)
		return 0;
	while (end - at < 3 && ((unsigned char)w->text.ptr[at] & 0xc0) == 0x80)
		at--;
	count = emit(w, at, out);
	w->open = at;
	w->is_open = true;
	return count;
}

/* The words that end in a block; each edge of its bits begins or ends one. */
static unsigned
read_block(struct words *w, struct block b, struct word *out)
{
	uint64_t edges = b.word ^ (b.word << 1 | w->is_open);
	size_t from = 0;
	unsigned count = 0;

	for (; edges != 0; edges &= edges - 1) {
		size_t at = (size_t)__builtin_ctzll(edges);

		if (w->is_open) {
			w->is_ascii &= at == 0 || (b.high & range(from, at)) == 0;
			count += emit(w, w->at + at, out + count);
		} else {
			w->open = w->at + at;
			w->is_open = true;
			w->is_ascii = true;
			from = at;
		}
	}
	if (w->is_open)
		w->is_ascii &= (b.high & range(from, BLOCK_BYTES)) == 0;
	w->at += BLOCK_BYTES;
	if (w->is_open && w->at <= w->text.len)
		count += cut(w, w->at, out + count);
	return count;
}

void
words_init(struct words *w, struct slice text, bool wide)
{
	*w = (struct words){ .text = text, .wide = wide };
}

unsigned
words_read(struct words *w, struct word *out, unsigned room)
{
	unsigned count = 0;

	must(room >= WORDS_ROOM_MIN);
	/* A block behind the end closes the last word. */
	while (w->at <= w->text.len && room - count >= WORDS_ROOM_MIN) {
		char last[BLOCK_BYTES] = { 0 };
		const char *p = w->text.ptr + w->at;

		if (w->text.len - w->at < BLOCK_BYTES) {
			if (w->text.len > w->at)
				memcpy(last, p, w->text.len - w->at);
			p = last;
		}
		count += read_block(w, w->wide ? see_wide(p) : see(p), out + count);
	}
	return count;
}
