/* SPDX-License-Identifier: Apache-2.0 */
/*
 * jwt - any bytes as a token.
 *
 * They are read as they are, and, since base64url keeps a fuzzer out, once more as
 * HEADER LF CLAIMS that are put into it here.  A token that is read has one spelling: from what
 * was understood of it the same letters can be made again.  Its header allows nothing that is
 * not understood, no name stands twice, and nothing reaches beyond its size.
 */
#include "caller/jwt.h"

#include "core/limit.h"
#include "core/text.h"

#include "fuzz.h"

static const char letters[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

static void
put_letters(struct text *t, struct slice bytes)
{
	uint32_t group = 0;
	unsigned bits = 0;

	for (size_t i = 0; i < bytes.len; i++) {
		group = group << 8 | (unsigned char)bytes.ptr[i];
		for (bits += 8; bits >= 6; bits -= 6)
			text_put_char(t, letters[group >> (bits - 6) & 63]);
	}
	if (bits > 0)
		text_put_char(t, letters[group << (6 - bits) & 63]);
}

/* Of a letter, by hand; -1 for what is none. */
static int
value_of(char c)
{
	const char *at = memchr(letters, c, 64);

	return at == NULL ? -1 : (int)(at - letters);
}

/* What a part says, read without looking whether it may. */
static struct slice
plain(struct arena *a, struct slice part)
{
	char *out = arena_bytes(a, part.len + 1);
	uint32_t group = 0;
	unsigned bits = 0;
	size_t n = 0;

	for (size_t i = 0; i < part.len; i++) {
		FUZZ_CHECK(value_of(part.ptr[i]) >= 0);
		group = group << 6 | (uint32_t)value_of(part.ptr[i]);
		bits += 6;
		if (bits >= 8)
			out[n++] = (char)(group >> (bits -= 8));
	}
	return slice_of(out, n);
}

static void
check_part(struct arena *a, struct slice part, struct slice bytes)
{
	char *room = arena_bytes(a, part.len + 4);
	struct text t;

	text_init(&t, room, part.len + 4);
	put_letters(&t, bytes);
	FUZZ_CHECK(slice_eq(text_slice(&t), part));
}

/* No two names of one object mean the same. */
static void
check_names(struct arena *a, const struct json *j, uint32_t node)
{
	if (json_type(j, node) != JSON_OBJECT || j->node[node].count > 64)
		return;
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i + 1].next)
		for (uint32_t k = j->node[i + 1].next; k < j->node[node].next;
		    k = j->node[k + 1].next)
			FUZZ_CHECK(!slice_eq(json_string(a, j, i), json_string(a, j, k)));
}

static void
check_header(struct arena *a, struct slice bytes, const struct jwt *jwt)
{
	static const struct slice names[] = { S("RS256"), S("PS256"), S("ES256"), S("EdDSA") };
	struct json_fault fault;
	struct json header;

	FUZZ_CHECK(json_parse(a, bytes, JSON_DUPLICATES_REFUSED, &header, &fault) == ERR_OK);
	FUZZ_CHECK(json_is(&header, json_member(&header, 0, S("alg")), names[jwt->algorithm]));
	FUZZ_CHECK(json_member(&header, 0, S("crit")) == 0);
	FUZZ_CHECK((jwt->kid.ptr != NULL) == (json_member(&header, 0, S("kid")) != 0));
}

static void
check_times(struct arena *a, const struct jwt *jwt)
{
	static const struct slice audience[] = { S("gateway") };
	const struct jwt_terms terms = { audience, 1, 1700000000, 60 };
	int64_t expires = 0;

	if (jwt_check(a, jwt, &terms, &expires) == FLAW_none)
		FUZZ_CHECK(expires > terms.now && json_member(&jwt->claims, 0, S("aud")) != 0);
	(void)jwt_claim(jwt, S("realm_access.roles"));
}

static void
check_token(struct slice token)
{
	struct slice exact = fuzz_exact(token), part[3];
	struct jwt jwt = { 0 };
	struct arena arena;
	enum flaw r;
	size_t one, two;

	fuzz_arena(&arena);
	r = jwt_read(&arena, exact, &jwt);
	FUZZ_CHECK((unsigned)r < FLAW_COUNT);
	if (r == FLAW_none) {
		FUZZ_CHECK(token.len <= JWT_BYTES_MAX && fuzz_inside(jwt.text, exact));
		one = slice_find(exact, S("."));
		two = one + 1 + slice_find(slice_cut(exact, one + 1, exact.len), S("."));
		part[0] = slice_cut(exact, 0, one);
		part[1] = slice_cut(exact, one + 1, two);
		part[2] = slice_cut(exact, two + 1, exact.len);
		FUZZ_CHECK(jwt.text.len == two);
		check_part(&arena, part[0], plain(&arena, part[0]));
		check_part(&arena, part[1], jwt.claims.text);
		check_part(&arena, part[2], jwt.signature);
		check_header(&arena, plain(&arena, part[0]), &jwt);
		check_names(&arena, &jwt.claims, 0);
		check_times(&arena, &jwt);
	}
	arena_release(&arena);
	free((char *)exact.ptr);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = slice_of((const char *)data, size), header;
	size_t end = slice_find(bytes, S("\n")), room_bytes = 2 * size + 64;
	char *room = malloc(room_bytes);
	struct text t;

	check_token(bytes);
	header = slice_cut(bytes, 0, end);
	text_init(&t, room, room_bytes);
	put_letters(&t, header);
	text_put_char(&t, '.');
	put_letters(&t, slice_cut(bytes, end < size ? end + 1 : end, size));
	text_put(&t, S(".c2lnbmF0dXJl"));
	check_token(text_slice(&t));
	free(room);
	return 0;
}
