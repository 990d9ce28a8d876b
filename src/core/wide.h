/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_WIDE_H
#define CORE_WIDE_H

/*
 * wide - thirty-two bytes at once, on a machine that can.
 *
 * vec.h is what every machine of its kind can; this is what only newer ones can
 * (AVX2 on x86-64), so it may be used only where somebody says so who has asked
 * the machine: a plain value, called `wide`, that comes from run/kernel.h.  The
 * functions are made into those that use them, which are marked WIDE; where
 * there is nothing wider, WIDE_IS_THERE is 0 and the value is not looked at.
 * What a wide function finds is what the one beside it finds with vec.h.
 */

#include <stdint.h>

#if defined(__x86_64__)
#define WIDE_IS_THERE	1
#define WIDE		__attribute__((target("avx2,bmi")))
#define WIDE_INLINE	static inline __attribute__((always_inline, target("avx2,bmi")))

#define WIDE_BYTES	32

struct wide {
	unsigned char	b __attribute__((vector_size(WIDE_BYTES)));
};

#define WIDE_SIGNED	signed char __attribute__((vector_size(WIDE_BYTES)))
#define WIDE_UNSIGNED	unsigned char __attribute__((vector_size(WIDE_BYTES)))
#define WIDE_32		uint32_t __attribute__((vector_size(WIDE_BYTES)))
#define WIDE_64		uint64_t __attribute__((vector_size(WIDE_BYTES)))

/* The same, wherever it lies; a memcpy() would go by way of the stack. */
struct wide_bytes {
	unsigned char	b __attribute__((vector_size(WIDE_BYTES)));
} __attribute__((packed, may_alias));

WIDE_INLINE struct wide
wide_load(const char *p)
{
	return (struct wide){ ((const struct wide_bytes *)(const void *)p)->b };
}

WIDE_INLINE struct wide
wide_all(unsigned char c)
{
	return (struct wide){ (WIDE_UNSIGNED){ 0 } + c };
}

WIDE_INLINE struct wide
wide_or(struct wide v, struct wide w)
{
	return (struct wide){ v.b | w.b };
}

WIDE_INLINE struct wide
wide_and(struct wide v, struct wide w)
{
	return (struct wide){ v.b & w.b };
}

WIDE_INLINE struct wide
wide_and_not(struct wide v, struct wide w)
{
	return (struct wide){ v.b & ~w.b };
}

WIDE_INLINE struct wide
wide_xor(struct wide v, struct wide w)
{
	return (struct wide){ v.b ^ w.b };
}

WIDE_INLINE struct wide
wide_is(struct wide v, unsigned char c)
{
	return (struct wide){ (WIDE_UNSIGNED)(v.b == wide_all(c).b) };
}

WIDE_INLINE struct wide
wide_from(struct wide v, unsigned char c)
{
	return (struct wide){ (WIDE_UNSIGNED)(v.b >= wide_all(c).b) };
}

WIDE_INLINE struct wide
wide_to(struct wide v, unsigned char c)
{
	return (struct wide){ (WIDE_UNSIGNED)(v.b <= wide_all(c).b) };
}

WIDE_INLINE struct wide
wide_ascii_above(struct wide v, unsigned char c)
{
	return (struct wide){ (WIDE_UNSIGNED)((WIDE_SIGNED)v.b > (WIDE_SIGNED)wide_all(c).b) };
}

/* Of eight numbers of 32 bits, or of four of 64. */
WIDE_INLINE struct wide
wide_add_32(struct wide v, struct wide w)
{
	return (struct wide){ (WIDE_UNSIGNED)((WIDE_32)v.b + (WIDE_32)w.b) };
}

WIDE_INLINE struct wide
wide_add_64(struct wide v, struct wide w)
{
	return (struct wide){ (WIDE_UNSIGNED)((WIDE_64)v.b + (WIDE_64)w.b) };
}

/* The upper halves of four numbers of 64 bits. */
WIDE_INLINE struct wide
wide_high_32(struct wide v)
{
	return (struct wide){ (WIDE_UNSIGNED)((WIDE_64)v.b >> 32) };
}

/* The products of the lower halves of four numbers of 64 bits. */
WIDE_INLINE struct wide
wide_multiply_32(struct wide v, struct wide w)
{
	return (struct wide){ (WIDE_UNSIGNED)__builtin_ia32_pmuludq256(
	    (int __attribute__((vector_size(WIDE_BYTES))))v.b,
	    (int __attribute__((vector_size(WIDE_BYTES))))w.b) };
}

/* The sum of four numbers of 64 bits. */
WIDE_INLINE uint64_t
wide_sum_64(struct wide v)
{
	WIDE_64 n = (WIDE_64)v.b;

	return n[0] + n[1] + n[2] + n[3];
}

WIDE_INLINE uint32_t
wide_mask(struct wide v)
{
	return (uint32_t)__builtin_ia32_pmovmskb256((char __attribute__((vector_size(32))))v.b);
}

#else
#define WIDE_IS_THERE	0
#endif

#endif
