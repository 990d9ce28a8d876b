/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/structure.h"

#include "core/must.h"
#include "core/vec.h"
#include "core/wide.h"
#include "shape/account.h"
#include "shape/address.h"
#include "shape/chain.h"
#include "shape/label.h"
#include "shape/moment.h"
#include "shape/pattern.h"
#include "shape/phone.h"

#define BLOCK	64

/* Which of 64 bytes are what; bit i is byte i. */
struct marks {
	uint64_t	digit, letter, upper;
	uint64_t	at, dot, colon, dash;
	uint64_t	day;			/* the y of "day" */
};

/* ---- what stands at a mark ---- */

/* Addresses of machines, which have a sign of their own behind the first group. */
static uint32_t
look_for_machine(struct eye *s, const struct group *g, bool digit)
{
	unsigned char behind = eye_at(s, g->end);
	uint32_t end = 0;

	if (behind == ':' && (end = address_ip6(s, g->start)) != 0)
		return end;
	if (behind == ':' || behind == '-' || behind == '.')
		end = address_mac(s, g->start);
	if (end == 0 && behind == '.' && digit)
		end = address_ip4(s, g->start);
	if (end == 0 && behind == '.' && digit)
		end = address_place(s, g->start);
	return end;
}

/* What has rules of its own about where it ends. */
static uint32_t
look_for_one(struct eye *s, const struct group *g, bool digit)
{
	uint32_t end = look_for_machine(s, g, digit);

	if (end == 0 && digit)
		end = moment_date(s, g->start);
	if (end == 0 && digit)
		end = moment_age(s, g->start);
	if (end == 0 && digit)
		end = account_card(s, g->start);
	if (end == 0 && !digit)
		end = account_iban(s, g->start);
	if (end == 0 && !digit && eye_at(s, g->start - 1) == '%')
		end = account_card(s, g->start + 1);
	if (end == 0 && g->end - g->start >= 26)
		end = account_wallet(s, g->start, g->end);
	return end;
}

/* All that can begin with group `at` of a chain; returns its end, or 0. */
static uint32_t
look_at_group(struct eye *s, const struct chain *f, unsigned at)
{
	const struct group *g = &f->group[at];
	bool digit = eye_is_digit((unsigned char)s->p[g->start]);
	uint32_t end;
	unsigned groups;

	/* blk_-1608999687919862906 is a name that a program gave. */
	if (digit && eye_at(s, g->start - 1) == '-' && eye_at(s, g->start - 2) == '_')
		return g->end;
	if ((end = look_for_one(s, g, digit)) != 0)
		return end;
	groups = pattern_look(s, f, at);
	if (groups == 0 && digit && (end = phone_look(s, g->start)) != 0)
		return end;
	if (groups == 0)
		groups = label_look(s, f, at);
	return groups > 0 ? f->group[at + groups - 1].end : 0;
}

static void
look_at_digit(struct eye *s, uint32_t digit)
{
	uint32_t start = chain_start(s, digit), end, token;
	struct chain f;

	bool whole = chain_read(&f, s, start, &token);

	if (eye_at(s, token) == '<' && (end = pattern_mrz(s, start)) != 0) {
		s->done = end;
		return;
	}
	if (!whole) {
		account_wallet(s, start, token);
		s->done = token;
		return;
	}
	for (unsigned i = 0; i < f.count; i++) {
		/* The last groups of a chain that goes on are seen with what follows them. */
		if (f.more && i >= CHAIN_GROUPS - CHAIN_RUNS)
			return;
		if (f.group[i].start >= s->done || i == 0) {
			end = look_at_group(s, &f, i);
			s->done = end > f.group[i].end ? end : f.group[i].end;
		}
	}
}

static void
look_at(struct eye *s, uint32_t at)
{
	uint32_t end = 0;

	switch (s->p[at]) {
	case '@':
		end = address_mail(s, at);
		break;
	case '.':
		end = (end = address_host(s, at)) != 0 ? end : address_mac(s, at);
		break;
	case ':':
		end = eye_at(s, at + 1) == ':' ? address_ip6(s, at) : address_mac(s, at);
		break;
	case '-':
		end = address_mac(s, at);
		break;
	case 'y':
	case 'Y':
		if (at >= 5 && (s->p[at - 1] | 0x20) == 'a' && (s->p[at - 2] | 0x20) == 'd')
			end = moment_weekday(s, at - 2);
		break;
	default:
		if (eye_is_digit((unsigned char)s->p[at]))
			look_at_digit(s, at);
		else
			end = (end = pattern_mrz(s, at)) != 0 ? end : account_bic(s, at);
	}
	if (end > s->done)
		s->done = end;
}

/* ---- where something may stand ---- */

/*
 * Bits of the bytes at which something may be.  What the next block says of the last bytes of
 * this one is not known here, and taken for the better.
 */
static uint64_t
find_starts(const struct marks *m)
{
	uint64_t word = m->letter | m->digit, pair, run;
	uint64_t gaps = m->colon | m->dash;
	uint64_t starts = m->digit | m->at;

	starts |= m->dot & (m->letter >> 1 | UINT64_C(1) << 63) & (word << 1 | 1);
	pair = m->colon & (m->colon >> 1 | UINT64_C(1) << 63);
	starts |= pair;
	starts |= gaps & (gaps >> 3 | UINT64_C(7) << 61) & (gaps >> 6 | UINT64_C(63) << 58);
	run = m->upper & (m->upper >> 1 | UINT64_C(1) << 63);
	run &= run >> 2 | UINT64_C(3) << 62;
	run &= run >> 4 | UINT64_C(15) << 60;
	/* The last letter of a word, where it is a y: of Monday, too. */
	starts |= m->day & ~(word >> 1);
	return starts | (run & ~(m->upper << 1));
}

static void
look_at_block(struct eye *s, uint32_t base, const struct marks *m)
{
	uint64_t starts = find_starts(m);

	while (starts != 0) {
		uint32_t at = base + (uint32_t)__builtin_ctzll(starts);

		starts &= starts - 1;
		if (at >= s->len)
			return;
		if (at >= s->done)
			look_at(s, at);
	}
}

static struct marks
read_plain(const char *p)
{
	struct marks m = { 0 };

	for (unsigned i = 0; i < BLOCK; i += VEC_BYTES) {
		struct vec v = vec_load(p + i), low = vec_or(v, vec_all(0x20));

		m.digit |= (uint64_t)vec_mask(vec_within(v, '0', '9')) << i;
		m.letter |= (uint64_t)vec_mask(vec_within(low, 'a', 'z')) << i;
		m.upper |= (uint64_t)vec_mask(vec_within(v, 'A', 'Z')) << i;
		m.at |= (uint64_t)vec_mask(vec_is(v, '@')) << i;
		m.dot |= (uint64_t)vec_mask(vec_is(v, '.')) << i;
		m.colon |= (uint64_t)vec_mask(vec_is(v, ':')) << i;
		m.dash |= (uint64_t)vec_mask(vec_is(v, '-')) << i;
		m.day |= (uint64_t)vec_mask(vec_is(low, 'y')) << i;
	}
	return m;
}

#if WIDE_IS_THERE

WIDE_INLINE struct wide
wide_within(struct wide v, unsigned char lo, unsigned char hi)
{
	return wide_to((struct wide){ v.b - wide_all(lo).b }, (unsigned char)(hi - lo));
}

WIDE_INLINE void
read_wide(struct marks *m, const char *p)
{
	*m = (struct marks){ 0 };
	for (unsigned i = 0; i < BLOCK; i += WIDE_BYTES) {
		struct wide v = wide_load(p + i), low = wide_or(v, wide_all(0x20));

		m->digit |= (uint64_t)wide_mask(wide_within(v, '0', '9')) << i;
		m->letter |= (uint64_t)wide_mask(wide_within(low, 'a', 'z')) << i;
		m->upper |= (uint64_t)wide_mask(wide_within(v, 'A', 'Z')) << i;
		m->at |= (uint64_t)wide_mask(wide_is(v, '@')) << i;
		m->dot |= (uint64_t)wide_mask(wide_is(v, '.')) << i;
		m->colon |= (uint64_t)wide_mask(wide_is(v, ':')) << i;
		m->dash |= (uint64_t)wide_mask(wide_is(v, '-')) << i;
		m->day |= (uint64_t)wide_mask(wide_is(low, 'y')) << i;
	}
}

/* As look_plain(). */
WIDE static uint32_t
look_wide(struct eye *s)
{
	uint32_t i = 0;

	for (; i + BLOCK <= s->len; i += BLOCK) {
		struct marks m;

		read_wide(&m, s->p + i);
		look_at_block(s, i, &m);
	}
	return i;
}

#endif

/* Whole blocks; returns how many bytes they have. */
static uint32_t
look_plain(struct eye *s)
{
	uint32_t i = 0;

	for (; i + BLOCK <= s->len; i += BLOCK) {
		struct marks m = read_plain(s->p + i);

		look_at_block(s, i, &m);
	}
	return i;
}

void
structure_look(const struct look *l)
{
	struct eye s = { .look = l, .p = l->text.ptr };
	char rest[BLOCK] = { 0 };
	struct marks m;
	uint32_t i;

	must(l->text.len <= UINT32_MAX - 2 * BLOCK);
	s.len = (uint32_t)l->text.len;
	if (s.len == 0)
		return;
	context_init(&s.context, l->text, l->key);
#if WIDE_IS_THERE
	i = l->wide ? look_wide(&s) : look_plain(&s);
#else
	i = look_plain(&s);
#endif
	memcpy(rest, s.p + i, s.len - i);
	m = read_plain(rest);
	look_at_block(&s, i, &m);
}
