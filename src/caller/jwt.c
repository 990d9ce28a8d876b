/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/jwt.h"

#include "core/base64.h"
#include "core/limit.h"

/* Digits of a time: enough for the age of the universe. */
#define TIME_DIGITS_MAX	18

/* Splits at the dots: three parts, or the reason why there are not. */
static enum flaw
split(struct slice token, struct slice part[static 3])
{
	size_t dots = 0, at = 0;

	for (size_t i = 0; i < token.len; i++) {
		if (token.ptr[i] != '.')
			continue;
		if (dots < 2)
			part[dots] = slice_cut(token, at, i);
		at = i + 1;
		dots++;
	}
	if (dots != 2)
		return dots == 4 ? FLAW_encrypted : FLAW_malformed;
	part[2] = slice_cut(token, at, token.len);
	return FLAW_none;
}

static bool
read_object(struct arena *a, struct slice text, struct json *out)
{
	struct json_fault fault;

	return json_parse(a, text, JSON_DUPLICATES_REFUSED, out, &fault) == ERR_OK &&
	    json_type(out, 0) == JSON_OBJECT;
}

static bool
is_string(const struct json *j, uint32_t node)
{
	return node != 0 && json_type(j, node) == JSON_STRING;
}

static enum flaw
read_algorithm(struct arena *a, const struct json *header, enum verify_algorithm *out)
{
	uint32_t node = json_member(header, 0, S("alg"));
	struct slice name;

	if (node == 0)
		return FLAW_alg_missing;
	if (!is_string(header, node))
		return FLAW_header;
	name = json_string(a, header, node);
	if (slice_same_word(name, S("none")))
		return FLAW_alg_none;
	if (name.len > 2 && slice_same_word(slice_cut(name, 0, 2), S("HS")))
		return FLAW_alg_symmetric;
	return jwks_algorithm(name, out) ? FLAW_none : FLAW_alg_unknown;
}

/* RFC 8725, 3.11: a token of another type was made for another purpose. */
static enum flaw
check_type(struct arena *a, const struct json *header)
{
	uint32_t node = json_member(header, 0, S("typ"));
	struct slice prefix = S("application/"), type;

	if (node == 0)
		return FLAW_none;
	if (!is_string(header, node))
		return FLAW_header;
	type = json_string(a, header, node);
	if (type.len > prefix.len && slice_same_word(slice_cut(type, 0, prefix.len), prefix))
		type = slice_cut(type, prefix.len, type.len);
	return slice_same_word(type, S("JWT")) || slice_same_word(type, S("at+jwt"))
	    ? FLAW_none : FLAW_type;
}

static enum flaw
read_header(struct arena *a, const struct json *header, struct jwt *out)
{
	uint32_t kid = json_member(header, 0, S("kid"));
	enum flaw r = read_algorithm(a, header, &out->algorithm);

	if (r != FLAW_none)
		return r;
	/* b64 (RFC 7797) would change what is signed; it may stand only where crit names it. */
	if (json_member(header, 0, S("crit")) != 0 || json_member(header, 0, S("b64")) != 0)
		return FLAW_critical;
	if ((r = check_type(a, header)) != FLAW_none)
		return r;
	if (kid != 0 && !is_string(header, kid))
		return FLAW_header;
	if (kid != 0)
		out->kid = json_string(a, header, kid);
	return FLAW_none;
}

enum flaw
jwt_read(struct arena *a, struct slice token, struct jwt *out)
{
	struct slice part[3], header_text, claims_text;
	struct jwt jwt = { 0 };
	struct json header;
	enum flaw r;
	uint32_t issuer;

	if (token.len > JWT_BYTES_MAX)
		return FLAW_too_large;
	if ((r = split(token, part)) != FLAW_none)
		return r;
	if (!base64_url_read(a, part[0], &header_text) ||
	    !base64_url_read(a, part[1], &claims_text) ||
	    !base64_url_read(a, part[2], &jwt.signature))
		return FLAW_encoding;
	if (!read_object(a, header_text, &header))
		return FLAW_header;
	if ((r = read_header(a, &header, &jwt)) != FLAW_none)
		return r;
	if (!read_object(a, claims_text, &jwt.claims))
		return FLAW_claims;
	issuer = json_member(&jwt.claims, 0, S("iss"));
	if (!is_string(&jwt.claims, issuer))
		return issuer == 0 ? FLAW_issuer_missing : FLAW_claims;
	jwt.issuer = json_string(a, &jwt.claims, issuer);
	jwt.text = slice_cut(token, 0, part[0].len + 1 + part[1].len);
	/* A name that found no room would pass for one that is not there. */
	if (arena_overflowed(a))
		return FLAW_malformed;
	*out = jwt;
	return FLAW_none;
}

enum flaw
jwt_verify(const struct jwt *jwt, const struct jwks *keys, unsigned allowed)
{
	const struct verify_key *key;
	enum flaw r;

	if ((allowed >> jwt->algorithm & 1) == 0)
		return FLAW_alg_forbidden;
	r = jwks_find(keys, jwt->kid, jwt->algorithm, &key);
	if (r != FLAW_none)
		return r;
	return verify_signature(key, jwt->algorithm, jwt->text, jwt->signature)
	    ? FLAW_none : FLAW_signature;
}

/* ---- what it says ---- */

static bool
is_audience(struct arena *a, const struct json *j, uint32_t node, const struct jwt_terms *terms)
{
	struct slice name;

	if (json_type(j, node) != JSON_STRING)
		return false;
	name = json_string(a, j, node);
	for (uint32_t i = 0; i < terms->audience_count; i++)
		if (slice_eq(name, terms->audience[i]))
			return true;
	return false;
}

/* One name, or a list of them of which one is enough. */
static bool
has_audience(struct arena *a, const struct json *j, const struct jwt_terms *terms)
{
	uint32_t node = json_member(j, 0, S("aud"));

	if (node == 0)
		return false;
	if (json_type(j, node) != JSON_ARRAY)
		return is_audience(a, j, node, terms);
	for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next)
		if (is_audience(a, j, i, terms))
			return true;
	return false;
}

/* A NumericDate (RFC 7519, 2): seconds since 1970, of which a fraction is dropped. */
static bool
read_time(const struct json *j, uint32_t node, int64_t *out)
{
	struct slice text = json_raw(j, node);
	size_t digits = slice_find(text, S("."));
	uint64_t seconds;

	if (json_type(j, node) != JSON_NUMBER || digits > TIME_DIGITS_MAX ||
	    !slice_number(slice_cut(text, 0, digits), &seconds))
		return false;
	for (size_t i = digits + 1; i < text.len; i++)
		if (text.ptr[i] < '0' || text.ptr[i] > '9')
			return false;
	*out = (int64_t)seconds;
	return true;
}

enum flaw
jwt_check(struct arena *a, const struct jwt *jwt, const struct jwt_terms *terms, int64_t *expires)
{
	const struct json *j = &jwt->claims;
	uint32_t exp = json_member(j, 0, S("exp")), nbf = json_member(j, 0, S("nbf"));
	uint32_t iat = json_member(j, 0, S("iat"));
	int64_t until, from = 0, made = 0;

	if (!has_audience(a, j, terms))
		return FLAW_audience;
	if (exp == 0)
		return FLAW_exp_missing;
	if (!read_time(j, exp, &until) || (nbf != 0 && !read_time(j, nbf, &from)) ||
	    (iat != 0 && !read_time(j, iat, &made)))
		return FLAW_time;
	if (terms->now >= until + terms->leeway)
		return FLAW_expired;
	if (terms->now + terms->leeway < from)
		return FLAW_not_yet;
	if (terms->now + terms->leeway < made)
		return FLAW_issued_later;
	*expires = until + terms->leeway;
	return FLAW_none;
}

uint32_t
jwt_claim(const struct jwt *jwt, struct slice path)
{
	const struct json *j = &jwt->claims;
	uint32_t node = json_member(j, 0, path);

	/* Some issuers' names are URLs, and have dots themselves. */
	if (node != 0)
		return node;
	while (path.len > 0) {
		size_t dot = slice_find(path, S("."));

		node = json_member(j, node, slice_cut(path, 0, dot));
		if (node == 0 || dot == path.len)
			return node;
		path = slice_cut(path, dot + 1, path.len);
	}
	return 0;
}
