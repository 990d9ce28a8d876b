/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/code.h"

#include "core/vec.h"

#define BLOCK_BYTES	64

/* Of a longer line this much is looked at. */
#define LINE_BYTES_MAX	160

/* Points that make a line one of a program, and lines that make a program. */
#define LINE_POINTS	3
#define LINES_MIN	3

/* Two lines are enough, if they and what stands between them have so many points. */
#define PART_POINTS	8

/* So many lines in a row that are none end it. */
#define GAP_LINES_MAX	3

enum sort { CODE, SQL, DIFF, TRACE, LICENCE, SORTS };

static const struct {
	uint8_t		sort;
	struct slice	begins;
} begins[] = {
#define LINE(sort, begins)	{ sort, { begins, sizeof(begins) - 1 } },
#include "secret/code.tbl"
#undef LINE
};

/* A set of the first bytes of these, each without its highest two bits. */
static const uint64_t begins_with = 0
#define LINE(sort, begins)	| UINT64_C(1) << ((begins)[0] & 63)
#include "secret/code.tbl"
#undef LINE
    ;

/*
 * The same of their first two bytes, for those that make a program alone: a line that has no sign
 * of one and does not begin so need not be looked at.
 */
#define SLOT(s)		(((unsigned char)(s)[0] * 5U + (unsigned char)(s)[1]) & 63)
static const uint64_t alone_begins_with = 0
#define LINE(sort, begins)	| (sort == CODE ? 0 : UINT64_C(1) << SLOT(begins))
#include "secret/code.tbl"
#undef LINE
    ;

/* Lines that belong together, so far. */
struct part {
	size_t		start, end;	/* of the first and behind the last of a program */
	unsigned	lines, gap;	/* of a program; without one since */
	unsigned	points;
	unsigned	of[SORTS];
	bool		fenced;		/* behind ``` */
};

struct pass {
	const struct look	*look;
	struct slice		 text;
	struct part		 part;
};

/* ---- one line ---- */

static bool
is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static bool
is_name(char c)
{
	return is_letter(c) || (unsigned)(c - '0') < 10 || c == '_';
}

static bool
has(struct slice line, struct slice words)
{
	return slice_find(line, words) < line.len;
}

/* The sort of a program of which a line begins so; SORTS: of none. */
static enum sort
sort_of(struct slice line)
{
	if ((begins_with >> (line.ptr[0] & 63) & 1) == 0)
		return SORTS;
	for (size_t i = 0; i < sizeof begins / sizeof begins[0]; i++) {
		if (begins[i].begins.ptr[0] == line.ptr[0] && slice_starts(line, begins[i].begins))
			return (enum sort)begins[i].sort;
	}
	return SORTS;
}

/* Data: a member of JSON, a row of a table, an item of a list, a heading. */
static bool
is_data(struct slice line)
{
	char c = line.ptr[0], next = line.len > 1 ? line.ptr[1] : 0;

	switch (c) {
	case '"': case '|': case '>': return true;
	case '{': return next == '"';
	case '[': return next != 0;
	case '-': case '*': case '+': return next == ' ';
	case '#': return next == ' ' || next == '#';
	default: return (unsigned)(c - '0') < 10;
	}
}

/* What a line is made of. */
struct made {
	unsigned	uses;	/* calls, assignments, members: a name,
	    and a sign right behind it */
	unsigned	signs;	/* pairs of signs that prose has not */
	bool		prose;	/* six words with nothing but spaces between */
};

/* Signs that come in pairs in programs, each with those that may follow it. */
static bool
is_pair(char c, char next)
{
	switch (c) {
	case '(': return next == ')';
	case '=': return next == '=' || next == '>';
	case '!': return next == '=';
	case '-': return next == '>';
	case ':': return next == ':' || next == '=';
	case '+': return next == '=' || next == '+';
	case '&': case '|': return next == c;
	case '[': return next == ']';
	case '{': return next == '}';
	case '/': return next == '/' || next == '*';
	case '*': return next == '/';
	default: return false;
	}
}

/* A call, an assignment, a member; but not a sentence without a space behind its end. */
static bool
is_use(char before, char c, char next)
{
	if (c == '.')
		return is_name(before) && is_letter(next) && (unsigned)(before - 'A') >= 26;
	return c == '(' ? is_name(before) : c == '=' && before == ' ' && next == ' ';
}

static struct made
made_of(struct slice line)
{
	struct made m = { 0 };
	unsigned words = 0, letters = 0;

	for (size_t i = 0; i < line.len; i++) {
		char c = line.ptr[i], before = i > 0 ? line.ptr[i - 1] : 0;
		char next = i + 1 < line.len ? line.ptr[i + 1] : 0;

		if (is_letter(c) || (unsigned char)c >= 0x80) {
			letters++;
			continue;
		}
		if (c == ' ' || c == ',' || c == '\'') {
			words += c == ' ' && letters > 0;
			letters = c == ' ' ? 0 : letters;
			m.prose |= words >= 6;
			continue;
		}
		words = letters = 0;
		m.uses += is_use(before, c, next);
		m.signs += is_pair(c, next) && before != ':' && before != c;
	}
	m.uses = m.uses < 2 ? m.uses : 2;
	m.signs = m.signs < 2 ? m.signs : 2;
	return m;
}

static unsigned
end_points(struct slice line)
{
	char last = line.ptr[line.len - 1], before = line.len > 1 ? line.ptr[line.len - 2] : 0;

	if (last == ';')
		return 2;
	if (last == '{' || last == '}')
		return line.len < 4 ? 1 : 2;
	if (last == ':' && before == ')')
		return 2;
	return last == ')' || last == ',' || last == '\\' || last == '(' ? 1 : 0;
}

/* What a beginning needs beside itself, because prose begins so too. */
static bool
is_meant(enum sort sort, struct slice line)
{
	switch (sort) {
	case SQL:
		if (line.ptr[0] >= 'a' && !has(line, S("=")) && !has(line, S("*")) &&
		    !has(line, S(";")) && !has(line, S("_")) && !has(line, S("(")))
			return false;
		return has(line, S(" FROM ")) || has(line, S(" from ")) || has(line, S(" INTO ")) ||
		    has(line, S(" into ")) || has(line, S("TABLE ")) || has(line, S(" SET ")) ||
		    has(line, S(" AS ")) || has(line, S(" VIEW ")) ||
		    (slice_starts(line, S("SELECT ")) && has(line, S(", ")));
	case TRACE:
		return line.ptr[0] != 'a' || has(line, S(" line ")) ||
		    (has(line, S("(")) && has(line, S(":")) && !has(line, S(", ")));
	default:
		return true;
	}
}

/* Points of a line without the space around it; *sort is that of its beginning. */
static unsigned
points_of(struct slice line, enum sort *sort)
{
	unsigned points = 0;
	struct made m;

	*sort = sort_of(line);
	if (*sort < SORTS && !is_meant(*sort, line))
		*sort = SORTS;
	if (*sort > CODE && *sort < SORTS)
		return LINE_POINTS;
	if (*sort == SORTS && is_data(line))
		return 0;
	m = made_of(line);
	points = end_points(line) + m.uses + m.signs + (*sort == CODE ? 2 : 0);
	if (m.prose)
		points = points > 3 ? points - 3 : 0;
	return points;
}

/* ---- lines together ---- */

static enum detect_type
type_of_part(const struct part *part)
{
	static const enum detect_type type[SORTS] = {
		TYPE_source_code, TYPE_sql_statement, TYPE_code_diff, TYPE_stack_trace,
		TYPE_code_licence,
	};
	enum sort most = CODE;

	for (enum sort s = SQL; s < SORTS; s++)
		most = part->of[s] > part->of[most] ? s : most;
	/* One such line says of which sort all of it is. */
	if (part->of[DIFF] > 0)
		most = DIFF;
	return type[most];
}

/* A statement or a licence may be a line; the rest must be more. */
static bool
is_enough(const struct part *part)
{
	if (part->of[SQL] > 0 && part->of[SQL] >= part->of[CODE])
		return true;
	if (part->of[LICENCE] > 0 && part->lines == part->of[LICENCE])
		return true;
	if (part->of[TRACE] > 0 || part->of[DIFF] > 0)
		return part->lines >= 2;
	return part->lines >= LINES_MIN || (part->lines >= 2 && part->points >= PART_POINTS);
}

static void
end_part(struct pass *p)
{
	struct part *part = &p->part;
	unsigned score = 60 + (part->lines < 12 ? 3 * part->lines : 35);

	if (part->lines > 0 && (part->fenced || is_enough(part)))
		findings_add(p->look->findings, (struct finding){ .start = (uint32_t)part->start,
		    .end = (uint32_t)part->end, .type = (uint16_t)type_of_part(part),
		    .score = (uint8_t)score, .evidence = EVIDENCE_SHAPE | (part->fenced ?
		    EVIDENCE_CONTEXT : 0) });
	*part = (struct part){ .fenced = part->fenced };
}

/* ``` and what is behind it: is this the beginning of something that is no data? */
static void
see_fence(struct pass *p, struct slice line)
{
	static const struct slice data[] = {
		{ "json", 4 }, { "csv", 3 }, { "text", 4 }, { "txt", 3 }, { "markdown", 8 },
		    { "md", 2 },
		{ "yaml", 4 }, { "yml", 3 }, { "xml", 3 }, { "log", 3 }, { "plaintext", 9 },
		    { "console", 7 }, { "sh", 2 }, { "bash", 4 }, { "shell", 5 },
	};
	struct slice name = slice_trim(slice_cut(line, 3, line.len));
	bool is_code = !p->part.fenced && name.len > 0;

	end_part(p);
	for (size_t i = 0; i < sizeof data / sizeof data[0]; i++)
		is_code &= !slice_same_word(name, data[i]);
	p->part.fenced = is_code;
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t' || c == '\r';
}

/* Does it stand between lines of a program: a bracket, a comment, what is short and indented? */
static bool
is_between(struct slice line, bool is_indented)
{
	char c = line.ptr[0];

	if (c == '*' || c == '}' || c == '{' || c == ')' || c == '#' || sort_of(line) == CODE ||
	    slice_starts(line, S("//")) || slice_starts(line, S("/*")))
		return true;
	return is_indented && !made_of(line).prose;
}

/* A line with its points, which is one of a program by itself or by what stands before it. */
static void
take_line(struct pass *p, struct slice line, bool is_indented)
{
	struct part *part = &p->part;
	enum sort sort = SORTS;
	unsigned points = points_of(line, &sort);
	size_t start = (size_t)(line.ptr - p->text.ptr);
	bool is_change = part->of[DIFF] > 0 && part->gap == 0 &&
	    (line.ptr[0] == '+' || line.ptr[0] == '-');

	if (points >= LINE_POINTS || part->fenced || is_change) {
		part->start = part->lines == 0 ? start : part->start;
		part->end = start + line.len;
		part->lines++;
		part->of[sort < SORTS ? sort : CODE]++;
		part->points += points;
		part->gap = 0;
	} else if (part->lines > 0 && is_between(line, is_indented)) {
		part->points += points;
		part->end = start + line.len;
	} else if (part->lines > 0 && ++part->gap == GAP_LINES_MAX) {
		end_part(p);
	}
}

/* The line from `start` to `end`; `marks` of its bytes are signs of programs. */
static void
see_line(struct pass *p, size_t start, size_t end, unsigned marks)
{
	size_t from = start, to = end - start > LINE_BYTES_MAX ? start + LINE_BYTES_MAX : end;
	struct slice line;

	while (from < to && is_space(p->text.ptr[from]))
		from++;
	while (to > from && is_space(p->text.ptr[to - 1]))
		to--;
	line = slice_cut(p->text, from, to);
	if (line.len < 2 && p->part.lines == 0)
		return;
	if (slice_starts(line, S("```")))
		see_fence(p, line);
	else if (line.len > 0 && (p->part.lines > 0 || p->part.fenced || marks >= 2 ||
	    (marks == 1 && end_points(line) > 0) || (alone_begins_with >> SLOT(line.ptr) & 1) != 0))
		take_line(p, line, from > start);
}

/* ---- the pass ---- */

/* Ends of lines, and bytes that programs have more of than prose. */
static void
signs_of(const char *at, uint64_t *ends, uint64_t *marks)
{
	*ends = *marks = 0;
	for (unsigned i = 0; i < BLOCK_BYTES; i += VEC_BYTES) {
		struct vec v = vec_load(at + i), low = vec_or(v, vec_all(0x20));
		struct vec found = vec_or(vec_or(vec_is(v, '='), vec_is(v, ';')),
		    vec_or(vec_or(vec_is(v, '('), vec_is(v, '_')), vec_within(low, '{', '}')));

		*ends |= (uint64_t)vec_mask(vec_is(v, '\n')) << i;
		*marks |= (uint64_t)vec_mask(found) << i;
	}
}

/* Without an instruction of its own, which not every machine has: few bits are set. */
static unsigned
count_bits(uint64_t bits)
{
	unsigned count = 0;

	for (; bits != 0; bits &= bits - 1)
		count++;
	return count;
}

void
code_look(const struct look *l)
{
	struct pass p = { .look = l, .text = l->text };
	char rest[BLOCK_BYTES] = { 0 };
	uint64_t ends, marks;
	unsigned count = 0;
	size_t start = 0;

	for (size_t at = 0; at < l->text.len; at += BLOCK_BYTES) {
		unsigned seen = 0;

		if (l->text.len - at < BLOCK_BYTES)
			memcpy(rest, l->text.ptr + at, l->text.len - at);
		signs_of(l->text.len - at < BLOCK_BYTES ? rest : l->text.ptr + at, &ends, &marks);
		for (; ends != 0; ends &= ends - 1) {
			unsigned end = (unsigned)__builtin_ctzll(ends);

			count += count_bits(marks >> seen << seen &
			    ((UINT64_C(1) << end) - 1));
			see_line(&p, start, at + end, count);
			start = at + end + 1;
			seen = end;
			count = 0;
		}
		count += count_bits(marks >> seen);
	}
	if (start < l->text.len)
		see_line(&p, start, l->text.len, count);
	end_part(&p);
}
