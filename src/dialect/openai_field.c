/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai_field.h"

#include "core/vec.h"

#define SIGN(len, first, last)	((unsigned char)((len) * 5u + (first) * 3u + (last) * 7u))
#define SIGNS			32

_Static_assert(FIELD_COUNT <= SIGNS, "more fields need another block");

const struct slice openai_field_name[FIELD_COUNT] = {
#define FIELD(name)	{ #name, sizeof(#name) - 1 },
#include "dialect/openai_field.tbl"
#undef FIELD
};

static const char signs[SIGNS] = {
#define FIELD(name)	(char)SIGN(sizeof(#name) - 1, (unsigned char)(#name)[0],	\
	(unsigned char)(#name)[sizeof(#name) - 2]),
#include "dialect/openai_field.tbl"
#undef FIELD
};

/* Of a name with escapes nothing is known but what it means. */
static enum openai_field
find_escaped(const struct json *j, uint32_t key)
{
	unsigned f = 0;

	while (f < FIELD_COUNT && !json_is(j, key, openai_field_name[f]))
		f++;
	return (enum openai_field)f;
}

enum openai_field
openai_field_of(const struct json *j, uint32_t key)
{
	struct slice name;
	struct vec sign;
	uint32_t hit;

	if (j->node[key].escaped)
		return find_escaped(j, key);
	name = json_inside(j, key);
	if (name.len == 0)
		return FIELD_COUNT;
	sign = vec_all(SIGN((unsigned)name.len, (unsigned char)name.ptr[0],
	    (unsigned char)name.ptr[name.len - 1]));
	hit = vec_mask(vec_same(vec_load(signs), sign)) |
	    vec_mask(vec_same(vec_load(signs + VEC_BYTES), sign)) << VEC_BYTES;
	for (; hit != 0; hit &= hit - 1) {
		unsigned f = vec_first(hit);

		if (f < FIELD_COUNT && slice_eq(name, openai_field_name[f]))
			return (enum openai_field)f;
	}
	return FIELD_COUNT;
}
