/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_VEC_H
#define CORE_VEC_H

/*
 * vec - sixteen bytes at once.
 *
 * The scanners of core/ and wire/ look at blocks of sixteen bytes and ask
 * which of them matter: every comparison gives 0xff or 0 a byte, vec_mask()
 * makes one bit of each, and the lowest set bit is the first byte that counts.
 * Written in the vector extensions of gcc and clang, which become SSE2 on
 * every x86-64 and NEON on every arm64; only the mask has an instruction of
 * its own (not with VEC_PLAIN, so that the other way is tested too).  A load
 * reads sixteen bytes: that they exist is the caller's promise.
 */

#include <stdint.h>
#include <string.h>

#define VEC_BYTES	16

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "the first byte is the lowest bit");

struct vec {
	unsigned char	b __attribute__((vector_size(VEC_BYTES)));
};

#define VEC_SIGNED	signed char __attribute__((vector_size(VEC_BYTES)))
#define VEC_UNSIGNED	unsigned char __attribute__((vector_size(VEC_BYTES)))

static inline struct vec
vec_load(const char *p)
{
	struct vec v;

	memcpy(&v, p, sizeof v);
	return v;
}

static inline void
vec_store(char *p, struct vec v)
{
	memcpy(p, &v, sizeof v);
}

static inline struct vec
vec_all(unsigned char c)
{
	return (struct vec){ (VEC_UNSIGNED){ c, c, c, c, c, c, c, c, c, c, c, c, c, c, c, c } };
}

static inline struct vec
vec_or(struct vec v, struct vec w)
{
	return (struct vec){ v.b | w.b };
}

static inline struct vec
vec_and(struct vec v, struct vec w)
{
	return (struct vec){ v.b & w.b };
}

/* The bits of v that are not in w. */
static inline struct vec
vec_and_not(struct vec v, struct vec w)
{
	return (struct vec){ v.b & ~w.b };
}

/* Of each byte: is it that of w? */
static inline struct vec
vec_same(struct vec v, struct vec w)
{
	return (struct vec){ (VEC_UNSIGNED)(v.b == w.b) };
}

/* Of each byte: is it c? */
static inline struct vec
vec_is(struct vec v, unsigned char c)
{
	return vec_same(v, vec_all(c));
}

/* Of each byte: is it at least c? */
static inline struct vec
vec_from(struct vec v, unsigned char c)
{
	return (struct vec){ (VEC_UNSIGNED)(v.b >= vec_all(c).b) };
}

/* Of each byte: is it at most c? */
static inline struct vec
vec_to(struct vec v, unsigned char c)
{
	return (struct vec){ (VEC_UNSIGNED)(v.b <= vec_all(c).b) };
}

/* Of each byte: is it between lo and hi, both included? */
static inline struct vec
vec_within(struct vec v, unsigned char lo, unsigned char hi)
{
	return vec_to((struct vec){ v.b - vec_all(lo).b }, (unsigned char)(hi - lo));
}

static inline struct vec
vec_xor(struct vec v, struct vec w)
{
	return (struct vec){ v.b ^ w.b };
}

/* Of each byte: is it ASCII and above c? */
static inline struct vec
vec_ascii_above(struct vec v, unsigned char c)
{
	return (struct vec){ (VEC_UNSIGNED)((VEC_SIGNED)v.b > (VEC_SIGNED)vec_all(c).b) };
}

/* The highest bit of byte i as bit i. */
static inline uint32_t
vec_mask(struct vec v)
{
#if defined(__SSE2__) && !defined(VEC_PLAIN)
	return (uint32_t)__builtin_ia32_pmovmskb128((char __attribute__((vector_size(16))))v.b);
#else
	uint64_t half[2], bits[2];

	memcpy(half, &v, sizeof half);
	for (int i = 0; i < 2; i++) {
		bits[i] = half[i] >> 7 & UINT64_C(0x0101010101010101);
		bits[i] = bits[i] * UINT64_C(0x0102040810204080) >> 56;
	}
	return (uint32_t)(bits[0] | bits[1] << 8);
#endif
}

/* The index of the lowest set bit; the mask is not 0. */
static inline unsigned
vec_first(uint32_t mask)
{
	return (unsigned)__builtin_ctz(mask);
}

#endif
