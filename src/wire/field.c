/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/field.h"

#include "core/limit.h"
#include "core/vec.h"
#include "wire/byte.h"

#define MARKED	64			/* bytes whose marks are one word */

/*
 * A known field is found by one byte made of its name's length and ends: a
 * compare of sixteen such bytes at once leaves a candidate or, for most fields
 * of other people's making, none.
 */
#define SIGN(len, first, last)								\
	((unsigned char)((len) * 5u + ((first) | 0x20u) * 3u + ((last) | 0x20u) * 7u))
#define KNOWN_BYTES	32		/* room for the names, and for each name */

_Static_assert(HEADER_COUNT <= KNOWN_BYTES, "more fields need another block");

static const char known_sign[KNOWN_BYTES] = {
#define HEADER(name, field, times)							\
	(char)SIGN(sizeof(field) - 1, (unsigned char)(field)[0],			\
	    (unsigned char)(field)[sizeof(field) - 2]),
#include "wire/header.tbl"
#undef HEADER
};

static const char known_name[][KNOWN_BYTES] = {
#define HEADER(name, field, times)	field,
#include "wire/header.tbl"
#undef HEADER
};

static const unsigned char known_len[] = {
#define HEADER(name, field, times)	sizeof(field) - 1,
#include "wire/header.tbl"
#undef HEADER
};

/* The fields that may stand more than once, as bits. */
static const uint32_t known_lists =
#define one	UINT32_C(0)
#define list	UINT32_C(1)
#define HEADER(name, field, times)	times << HEADER_##name |
#include "wire/header.tbl"
#undef HEADER
#undef list
#undef one
    0;

#define HEADER(name, field, times)							\
	_Static_assert(sizeof(field) <= KNOWN_BYTES, "a longer name needs more room");
#include "wire/header.tbl"
#undef HEADER

/* Needs no bound but for its load: the CR that ends the head stops it. */
static inline const char *
name_end(const char *p, const char *end)
{
	if (end - p >= VEC_BYTES) {
		struct vec v = vec_load(p);
		struct vec plain = vec_or(vec_within(vec_or(v, vec_all(0x20)), 'a', 'z'),
		    vec_or(vec_within(v, '0', '9'), vec_is(v, '-')));

		p += vec_first(~vec_mask(plain));
	}
	while (byte_is(*p, BYTE_TOKEN))
		p++;
	return p;
}

/* Which of sixteen bytes differ, when letters are folded, from those of a known name. */
static inline uint32_t
differing(const char *p, const char *name)
{
	return ~vec_mask(vec_same(vec_or(vec_load(p), vec_all(0x20)), vec_load(name))) & 0xffff;
}

/*
 * The name is as long as the row's, and a token, so that setting a bit folds
 * letters and makes no other byte equal.
 */
static inline bool
same_name(const char *name, const char *end, size_t row)
{
	const char *known = known_name[row];
	uint32_t len = known_len[row];

	if (end - name >= KNOWN_BYTES) {
		uint32_t differ = differing(name, known);

		if (len > VEC_BYTES)
			differ |= differing(name + VEC_BYTES, known + VEC_BYTES) << VEC_BYTES;
		return (differ & ((UINT32_C(1) << len) - 1)) == 0;
	}
	for (size_t i = 0; i < len; i++)
		if ((name[i] | 0x20) != known[i])
			return false;
	return true;
}

/* The field that a name means, or HEADER_COUNT. */
static inline enum header
find(struct slice name, const char *end)
{
	struct vec sign = vec_all(SIGN((unsigned)name.len, (unsigned char)name.ptr[0],
	    (unsigned char)name.ptr[name.len - 1]));
	uint32_t hit = vec_mask(vec_same(vec_load(known_sign), sign)) |
	    vec_mask(vec_same(vec_load(known_sign + VEC_BYTES), sign)) << VEC_BYTES;

	for (; hit != 0; hit &= hit - 1) {
		unsigned row = vec_first(hit);

		if (row < HEADER_COUNT && known_len[row] == name.len &&
		    same_name(name.ptr, end, row))
			return (enum header)row;
	}
	return HEADER_COUNT;
}

static void
read_connection(struct fields *f, struct slice value)
{
	size_t len;

	for (; value.len > 0; value = slice_cut(value, len + (len < value.len), value.len)) {
		for (len = 0; len < value.len && value.ptr[len] != ',';)
			len++;

		struct slice option = slice_trim(slice_cut(value, 0, len));

		f->close |= slice_same_word(option, S("close"));
		f->persist |= slice_same_word(option, S("keep-alive"));
	}
}

static bool
keep(struct fields *f, enum header which, struct slice value)
{
	uint32_t bit = UINT32_C(1) << which;

	if (which == HEADER_CONNECTION)
		read_connection(f, value);
	if ((f->present & bit) != 0)
		return (known_lists & bit) != 0;
	f->present |= bit;
	f->value[which] = value;
	return true;
}

/* Reads the field line from p to `stop`, where its CRLF is. */
static inline bool
read_line(struct fields *f, const char *p, const char *stop)
{
	struct slice name = { p, 0 };
	enum header which;

	p = name_end(p, f->end);
	name.len = (size_t)(p - name.ptr);
	if (name.len == 0 || *p != ':')
		return false;
	which = find(name, f->end);
	if (which == HEADER_COUNT)
		return true;
	do
		p++;
	while (byte_is_blank(*p));
	while (stop > p && byte_is_blank(stop[-1]))
		stop--;
	return keep(f, which, slice_of(p, (size_t)(stop - p)));
}

/* Of 64 bytes: which are CR, and which are control bytes, CR among them but not the tab. */
struct marks {
	uint64_t	cr, control;
};

static inline void
mark_block(struct marks *m, const char *p, unsigned at)
{
	struct vec v = vec_load(p + at);
	struct vec control = vec_or(vec_to(v, 0x1f), vec_is(v, 0x7f));

	m->cr |= (uint64_t)vec_mask(vec_is(v, '\r')) << at;
	m->control |= (uint64_t)vec_mask(vec_and_not(control, vec_is(v, '\t'))) << at;
}

static inline struct marks
mark(const char *p)
{
	struct marks m = { 0, 0 };

	mark_block(&m, p, 0);
	mark_block(&m, p, 16);
	mark_block(&m, p, 32);
	mark_block(&m, p, 48);
	return m;
}

/* The same of a head's last bytes, fewer than 64: together with those before them, or alone. */
static struct marks
mark_last(const struct fields *f, const char *p)
{
	unsigned left = (unsigned)(f->end - p);
	struct marks m = { 0, 0 };

	if (f->end - f->begin >= MARKED) {
		m = mark(f->end - MARKED);
		m.cr >>= MARKED - left;
		m.control >>= MARKED - left;
		return m;
	}
	for (unsigned i = 0; i < left; i++) {
		m.cr |= (uint64_t)(p[i] == '\r') << i;
		m.control |= (uint64_t)!byte_is(p[i], BYTE_VALUE) << i;
	}
	return m;
}

/*
 * Reads the field lines from p up to the empty line that ends the head.  The
 * ends of lines are found first, so that one line need not wait for the last:
 * a processor reads several of them at once.
 */
enum err
field_read(struct fields *f, const char *p)
{
	const char *line = p, *stop;
	uint64_t before = 0;

	for (; p < f->end; p += MARKED) {
		struct marks m = f->end - p >= MARKED ? mark(p) : mark_last(f, p);

		/* The only control bytes are each CR and the byte behind it. */
		if (m.control != (m.cr | m.cr << 1 | before))
			return ERR_MALFORMED_REQUEST;
		before = m.cr >> (MARKED - 1);
		for (; m.cr != 0; m.cr &= m.cr - 1, line = stop + 2) {
			stop = p + __builtin_ctzll(m.cr);
			if (stop[1] != '\n')
				return ERR_MALFORMED_REQUEST;
			if (stop == line)
				return stop == f->end - 2 ? ERR_OK : ERR_MALFORMED_REQUEST;
			if (++f->count > HEADER_COUNT_MAX)
				return ERR_HEAD_TOO_LARGE;
			if (!read_line(f, line, stop))
				return ERR_MALFORMED_REQUEST;
		}
	}
	return ERR_MALFORMED_REQUEST;
}
