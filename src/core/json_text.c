/* SPDX-License-Identifier: Apache-2.0 */
/* What the nodes of a tape mean: members, strings, integers.  Reading is in json.c. */
#include "core/json.h"

#include "core/utf8.h"
#include "core/vec.h"

static const struct json_node *
node_at(const struct json *j, uint32_t node)
{
	must(node < j->count);
	return &j->node[node];
}

struct slice
json_raw(const struct json *j, uint32_t node)
{
	const struct json_node *n = node_at(j, node);

	return slice_cut(j->text, n->start, n->end);
}

struct slice
json_inside(const struct json *j, uint32_t node)
{
	const struct json_node *n = node_at(j, node);

	must(n->type == JSON_STRING);
	return slice_cut(j->text, n->start + 1, n->end - 1);
}

uint32_t
json_member(const struct json *j, uint32_t object, struct slice name)
{
	const struct json_node *n = node_at(j, object);
	uint32_t found = 0;

	if (n->type != JSON_OBJECT)
		return 0;
	for (uint32_t i = object + 1; i < n->next; i = j->node[i + 1].next)
		if (json_is_name(j, i, name))
			found = i + 1;
	return found;
}

static uint32_t
hex4(const char *p)
{
	uint32_t n = 0;

	for (int i = 0; i < 4; i++) {
		uint32_t c = (unsigned char)p[i];

		n = n << 4 | (c <= '9' ? c - '0' : (c | 0x20) - 'a' + 10);
	}
	return n;
}

/*
 * The bytes that the escape at *p means, and *p behind it.  The reader has
 * checked that the escape is whole and that surrogates come in pairs.
 */
static size_t
unescape(const char **p, char out[static 4])
{
	static const char meaning[128] = {
		['"'] = '"', ['\\'] = '\\', ['/'] = '/', ['b'] = '\b',
		['f'] = '\f', ['n'] = '\n', ['r'] = '\r', ['t'] = '\t',
	};
	const char *at = *p;
	uint32_t point;

	if (at[1] != 'u') {
		out[0] = meaning[at[1] & 127];
		*p = at + 2;
		return 1;
	}
	point = hex4(at + 2);
	*p = at + 6;
	if (point >= 0xd800 && point <= 0xdbff) {
		point = 0x10000 + ((point - 0xd800) << 10) + (hex4(at + 8) - 0xdc00);
		*p = at + 12;
	}
	return utf8_encode(point, out);
}

/* Copies up to the next backslash; there is room for at least as much as is left. */
static char *
copy_plain(const char **from, const char *end, char *to)
{
	const char *p = *from;

	while (end - p >= VEC_BYTES) {
		struct vec v = vec_load(p);
		uint32_t stop = vec_mask(vec_is(v, '\\'));

		memcpy(to, &v, VEC_BYTES);
		if (stop != 0) {
			*from = p + vec_first(stop);
			return to + vec_first(stop);
		}
		p += VEC_BYTES;
		to += VEC_BYTES;
	}
	while (p < end && *p != '\\')
		*to++ = *p++;
	*from = p;
	return to;
}

struct slice
json_string(struct arena *arena, const struct json *j, uint32_t node)
{
	struct slice in = json_inside(j, node);
	const char *p = in.ptr, *end = in.ptr + in.len;
	char *out, *to;

	if (!node_at(j, node)->escaped)
		return in;
	/* No escape means more bytes than it has. */
	out = to = arena_bytes(arena, in.len);
	if (out == NULL)
		return slice_of(NULL, 0);
	for (;;) {
		char bytes[4];
		size_t len;

		to = copy_plain(&p, end, to);
		if (p == end)
			return slice_of(out, (size_t)(to - out));
		len = unescape(&p, bytes);
		for (size_t i = 0; i < len; i++)
			*to++ = bytes[i];
	}
}

bool
json_is(const struct json *j, uint32_t node, struct slice text)
{
	const struct json_node *n = node_at(j, node);
	struct slice in;
	const char *p;

	if (n->type != JSON_STRING)
		return false;
	in = json_inside(j, node);
	if (!n->escaped)
		return slice_eq(in, text);
	for (p = in.ptr; p < in.ptr + in.len;) {
		char bytes[4] = { *p };
		size_t len = 1;

		if (*p == '\\')
			len = unescape(&p, bytes);
		else
			p++;
		if (!slice_starts(text, slice_of(bytes, len)))
			return false;
		text = slice_cut(text, len, text.len);
	}
	return text.len == 0;
}

bool
json_integer(const struct json *j, uint32_t node, uint64_t *out)
{
	uint64_t n;

	if (node_at(j, node)->type != JSON_NUMBER || !slice_number(json_raw(j, node), &n) ||
	    n > INT64_MAX)
		return false;
	*out = n;
	return true;
}

#define STEP_BYTES_MAX		32
#define MIXED_BYTES_MAX		15
#define NAME_DIGITS_MAX		5

bool
json_is_plain_name(struct slice name)
{
	bool small = true;
	unsigned digits = 0;

	for (size_t i = 0; i < name.len && i <= STEP_BYTES_MAX; i++) {
		char c = name.ptr[i];

		if ((c >= 'a' && c <= 'z') || c == '_' || c == '-')
			continue;
		small = false;
		digits += c >= '0' && c <= '9';
		if ((c < '0' || c > '9') && (c < 'A' || c > 'Z') && c != '.')
			return false;
	}
	return name.len <= (small ? STEP_BYTES_MAX : MIXED_BYTES_MAX) && digits <= NAME_DIGITS_MAX;
}

static void
put_step(struct text *t, struct slice name, bool first)
{
	text_put(t, first ? S("") : S("."));
	text_put(t, json_is_plain_name(name) ? name : S("*"));
}

/* The child of `parent` that is the node, or holds it; one step of its path. */
static uint32_t
path_step(struct text *t, const struct json *j, uint32_t parent, uint32_t node)
{
	bool object = j->node[parent].type == JSON_OBJECT;
	uint32_t i = parent + 1, index = 0;

	/* A member is its name's node, then its value's. */
	while (j->node[i].next <= node && (!object || j->node[i + 1].next <= node)) {
		i = object ? j->node[i + 1].next : j->node[i].next;
		index++;
	}
	if (object) {
		put_step(t, json_inside(j, i), parent == 0);
		return i == node ? node : i + 1;
	}
	text_put_char(t, '[');
	text_put_number(t, index);
	text_put_char(t, ']');
	return i;
}

void
json_put_path(struct text *t, const struct json *j, uint32_t node)
{
	size_t begin = t->len;

	must(node < j->count);
	for (uint32_t at = 0; at != node;) {
		if (t->len - begin > JSON_PATH_BYTES - STEP_BYTES_MAX - 24) {
			text_put_char(t, '*');
			return;
		}
		at = path_step(t, j, at, node);
	}
}
