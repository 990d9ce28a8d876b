/* SPDX-License-Identifier: Apache-2.0 */
#include "fake/embed.h"

#include "core/base64.h"
#include "core/hash.h"

/* Components are millionths between -1 and 1. */
#define PARTS	INT64_C(1000000)
/* "-0.123456," */
#define COMPONENT_BYTES	10

/* The next random word of a sequence (Steele, Lea and Flood, SplitMix64). */
static uint64_t
next_word(uint64_t *state)
{
	uint64_t z = *state += UINT64_C(0x9e3779b97f4a7c15);

	z = (z ^ z >> 30) * UINT64_C(0xbf58476d1ce4e5b9);
	z = (z ^ z >> 27) * UINT64_C(0x94d049bb133111eb);
	return z ^ z >> 31;
}

static int64_t
next_part(uint64_t *state)
{
	return (int64_t)(next_word(state) % (2 * PARTS + 1)) - PARTS;
}

static void
put_decimal(struct text *t, int64_t part)
{
	uint64_t n = (uint64_t)(part < 0 ? -part : part);
	char digit[6];

	text_put(t, part < 0 ? S("-") : S(""));
	text_put_number(t, n / PARTS);
	text_put_char(t, '.');
	n %= PARTS;
	for (unsigned i = 6; i-- > 0; n /= 10)
		digit[i] = (char)('0' + n % 10);
	text_put(t, slice_of(digit, 6));
}

static void
put_vector(struct text *t, const struct ask *ask, uint64_t state)
{
	text_put_char(t, '[');
	for (uint64_t i = 0; i < ask->dimensions; i++) {
		if (i > 0)
			text_put_char(t, ',');
		put_decimal(t, next_part(&state));
	}
	text_put_char(t, ']');
}

/* Three floats are four groups of three bytes, so the pieces join without padding between them. */
static void
put_vector_base64(struct text *t, const struct ask *ask, uint64_t state)
{
	text_put_char(t, '"');
	for (uint64_t i = 0; i < ask->dimensions; i += 3) {
		uint64_t have = ask->dimensions - i < 3 ? ask->dimensions - i : 3;
		float part[3];

		for (uint64_t k = 0; k < have; k++)
			part[k] = (float)next_part(&state) / (float)PARTS;
		base64_put(t, slice_of((const char *)part, have * sizeof part[0]));
	}
	text_put_char(t, '"');
}

static void
put_one(struct text *t, const struct ask *ask, uint64_t index, uint64_t state)
{
	if (index > 0)
		text_put_char(t, ',');
	text_put(t, S("{\"object\":\"embedding\",\"index\":"));
	text_put_number(t, index);
	text_put(t, S(",\"embedding\":"));
	if (ask->base64)
		put_vector_base64(t, ask, state);
	else
		put_vector(t, ask, state);
	text_put_char(t, '}');
}

struct slice
embed_body(struct arena *a, const struct ask *ask, uint64_t seed)
{
	const struct json *j = &ask->json;
	const struct hash_key key = { { seed, 0 } };
	bool many = json_type(j, ask->input) == JSON_ARRAY && j->node[ask->input].count > 0 &&
	    json_type(j, ask->input + 1) != JSON_NUMBER;
	uint64_t count = many ? j->node[ask->input].count : 1, index = 0;
	uint32_t end = many ? j->node[ask->input].next : ask->input + 1;
	size_t bytes = 512 + ask->model.len * 6 +
	    (size_t)count * (128 + (size_t)ask->dimensions * COMPONENT_BYTES);
	char *room = arena_bytes(a, bytes);
	struct text t;

	if (room == NULL)
		return slice_of(NULL, 0);
	text_init(&t, room, bytes);
	text_put(&t, S("{\"object\":\"list\",\"data\":["));
	for (uint32_t i = many ? ask->input + 1 : ask->input; i < end; i = j->node[i].next)
		put_one(&t, ask, index++, hash_64(&key, json_raw(j, i)));
	text_put(&t, S("],\"model\":"));
	text_put_json(&t, ask->model);
	text_put(&t, S(",\"usage\":{\"prompt_tokens\":"));
	text_put_number(&t, ask->input_tokens);
	text_put(&t, S(",\"total_tokens\":"));
	text_put_number(&t, ask->input_tokens);
	text_put(&t, S("}}"));
	return text_overflowed(&t) ? slice_of(NULL, 0) : text_slice(&t);
}
