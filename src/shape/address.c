/* SPDX-License-Identifier: Apache-2.0 */
#include "shape/address.h"

#include "core/slice.h"

#define LABEL_BYTES	63

static bool
is_hex(unsigned char c)
{
	return eye_is_digit(c) || (unsigned)((c | 0x20) - 'a') < 6;
}

/* ---- mailboxes and hosts ---- */

static bool
is_local(unsigned char c)
{
	return eye_is_word(c) || c == '.' || c == '_' || c == '-' || c == '+' || c == '%' ||
	    c == '\'' || c >= 0x80;
}

/*
 * The end of the host name that begins at `start`: labels with dots between them, the last one
 * of letters only (or in punycode).  0 if there is none; where the last label begins is in *top.
 */
static uint32_t
host_end(const struct eye *s, uint32_t start, uint32_t *top)
{
	uint32_t end = 0, label = start, i = start;
	bool letters = true;

	*top = 0;
	for (; i - start < ADDRESS_BYTES; i++) {
		unsigned char c = eye_at(s, i);

		if (eye_is_word(c) || c == '-' || c >= 0x80) {
			letters &= c != '-' && !eye_is_digit(c);
			continue;
		}
		if (i == label || i - label > LABEL_BYTES || s->p[i - 1] == '-' ||
		    s->p[label] == '-')
			break;
		if (label > start && i - label >= 2 && (letters || (i - label > 4 &&
		    slice_same_word(slice_of(s->p + label, 4), S("xn--"))))) {
			end = i;
			*top = label;
		}
		if (c != '.')
			break;
		label = i + 1;
		letters = true;
	}
	/* What follows the last dot may only end a sentence. */
	return end != 0 && (i == end || label == i || end >= label) ? end : 0;
}

/* user:password@host is no mailbox. */
static bool
is_user_of_url(const struct eye *s, uint32_t start)
{
	uint32_t i = start;

	if (eye_at(s, start - 1) != ':' && eye_at(s, start - 1) != '/')
		return false;
	for (; start - i < LABEL_BYTES && (unsigned char)eye_at(s, i - 1) > ' '; i--)
		if (eye_at(s, i - 1) == '/' && eye_at(s, i - 2) == '/')
			return true;
	return false;
}

uint32_t
address_mail(struct eye *s, uint32_t at)
{
	uint32_t start = at, top, end;

	while (at - start < 64 && is_local(eye_at(s, start - 1)))
		start--;
	while (start < at && !eye_is_word((unsigned char)s->p[start]) &&
	    (unsigned char)s->p[start] < 0x80 && s->p[start] != '_')
		start++;
	/* A byte that continues a character cannot begin a name. */
	while (start < at && ((unsigned char)s->p[start] & 0xc0) == 0x80)
		start++;
	if (start == at || s->p[at - 1] == '.' || is_user_of_url(s, start))
		return 0;
	end = host_end(s, at + 1, &top);
	if (end == 0 || top == 0)
		return 0;
	eye_add(s, start, end, TYPE_email_address, eye_score(97, EVIDENCE_SHAPE | EVIDENCE_VALID));
	context_used(&s->context, end, (struct topic){ 0 });
	return end;
}

/* Top-level domains of names that stand without a scheme; behind the empty one, words too. */
static bool
is_top(const char *p, uint32_t len, bool deep)
{
	static const char known[][9] = {
		"com", "org", "net", "edu", "gov", "mil", "biz", "cloud", "xyz", "website", "io",
		"eu", "de", "fr", "uk", "nl", "ch", "dk", "pl", "cz", "pt", "ie", "gr", "hu", "ru",
		"ua", "tr", "jp", "cn", "kr", "tw", "hk", "sg", "au", "nz", "br", "mx", "ar", "cl",
		"ca", "za", "co", "",
		"int", "info", "online", "site", "shop", "tech", "store", "es", "it", "at", "be",
		"se", "fi", "ro", "il", "in", "us", "no",
	};

	for (unsigned i = 0; i < sizeof known / sizeof known[0]; i++) {
		uint32_t n = 0;

		if (known[i][0] == 0 && !deep)
			return false;
		while (n < len && known[i][n] != 0 && known[i][n] == (p[n] | 0x20))
			n++;
		if (n == len && known[i][n] == 0)
			return true;
	}
	return false;
}

/* Where the scheme in front of a host begins; the host itself if there is none. */
static uint32_t
scheme_start(const struct eye *s, uint32_t host)
{
	uint32_t start = host;

	if (host < 4 || memcmp(s->p + host - 3, "://", 3) != 0)
		return host;
	start = host - 3;
	while (host - start < 24 && (eye_is_word(eye_at(s, start - 1)) ||
	    eye_at(s, start - 1) == '+'))
		start--;
	return start < host - 3 ? start : host;
}

/* Does a URL end in front of this byte? */
static bool
is_border(unsigned char c)
{
	static const char borders[] = "\"<>'`)]}";

	for (unsigned i = 0; i < sizeof borders - 1; i++)
		if (c == (unsigned char)borders[i])
			return true;
	return c <= ' ' || c >= 0x7f;
}

/* The end of the path, query and fragment behind a host. */
static uint32_t
path_end(const struct eye *s, uint32_t end)
{
	uint32_t i = end;
	unsigned char c;

	if (eye_at(s, i) == ':' && eye_is_digit(eye_at(s, i + 1)))
		i += 1 + eye_digits(s, i + 1, 5);
	c = eye_at(s, i);
	if (c != '/' && c != '?' && c != '#')
		return i;
	while (i - end < ADDRESS_BYTES && !is_border(eye_at(s, i)))
		i++;
	while (i > end && (s->p[i - 1] == '.' || s->p[i - 1] == ',' || s->p[i - 1] == ';'))
		i--;
	return i;
}

static bool
is_lower(const char *p, uint32_t len)
{
	for (uint32_t i = 0; i < len; i++)
		if ((unsigned)(p[i] - 'A') < 26)
			return false;
	return true;
}

/* A name alone, "example.com", is a host only if it is written as one. */
static bool
is_host_alone(const struct eye *s, uint32_t host, uint32_t top, uint32_t end)
{
	unsigned char before = eye_at(s, host - 1);

	bool deep = false;

	for (uint32_t i = host; i + 1 < top; i++)
		deep |= s->p[i] == '.';
	return before != '/' && before != '$' && is_top(s->p + top, end - top, deep) &&
	    is_lower(s->p + host, end - host);
}

uint32_t
address_host(struct eye *s, uint32_t dot)
{
	uint32_t host = dot, start, top, end;
	unsigned char before, behind;

	while (dot - host < LABEL_BYTES && (eye_is_word(eye_at(s, host - 1)) ||
	    eye_at(s, host - 1) == '-'))
		host--;
	before = eye_at(s, host - 1);
	if (host == dot || before == '_' || before == '.')
		return 0;
	if ((end = host_end(s, host, &top)) == 0)
		return 0;
	behind = eye_at(s, end);
	if (behind == '@')
		return address_mail(s, end);
	if (behind == '_' || behind == '(' || before == '@')
		return 0;
	start = scheme_start(s, host);
	if (start < host || (dot - host == 3 && top > dot + 1 &&
	    slice_same_word(slice_of(s->p + host, 3), S("www")))) {
		eye_add(s, start, path_end(s, end), TYPE_url, eye_score(90, EVIDENCE_SHAPE));
		return end;
	}
	if (!is_host_alone(s, host, top, end))
		return 0;
	eye_add(s, start, path_end(s, end), TYPE_domain_name, eye_score(75, EVIDENCE_SHAPE));
	return end;
}

/* ---- machines ---- */

/* Reads four numbers up to 255 with dots between them; the end, or 0. */
static uint32_t
quad_end(const struct eye *s, uint32_t start)
{
	uint32_t i = start;

	for (unsigned part = 0; part < 4; part++) {
		uint32_t from, digits = eye_digits(s, i, 4), value;

		if (part > 0 && eye_at(s, i++) != '.')
			return 0;
		from = i;
		digits = eye_digits(s, i, 4);
		value = eye_number(s, &i, 3);
		if (digits == 0 || digits > 3 || value > 255 || (digits > 1 && s->p[from] == '0'))
			return 0;
	}
	return i;
}

/* The end with "/24" if that is a length up to `most`. */
static uint32_t
prefix_end(const struct eye *s, uint32_t end, uint32_t most)
{
	uint32_t i = end + 1, digits;

	if (eye_at(s, end) != '/')
		return end;
	digits = eye_digits(s, i, 4);
	return digits > 0 && digits <= 3 && eye_number(s, &i, 3) <= most &&
	    !eye_is_word(eye_at(s, i)) ? i : end;
}

static void
add_ip(struct eye *s, uint32_t start, uint32_t end, unsigned score)
{
	eye_add(s, start, end, TYPE_ip_address, eye_score(score, EVIDENCE_SHAPE | EVIDENCE_VALID));
}

uint32_t
address_ip4(struct eye *s, uint32_t start)
{
	uint32_t end = quad_end(s, start);
	unsigned char before = eye_at(s, start - 1), behind = eye_at(s, end);
	struct topic topic;

	if (end == 0 || eye_is_word(before) || before == '.' || before == '_' ||
	    eye_is_word(behind) || behind == '_' || (behind == '.' &&
	    eye_is_digit(eye_at(s, end + 1))))
		return 0;
	if (before == '-' && eye_is_word(eye_at(s, start - 2)))
		return 0;
	topic = context_of(&s->context, start, end);
	if ((topic.what & CONCEPT_BIT(OTHER)) != 0 && (topic.what & CONCEPT_BIT(ADDRESS)) == 0 &&
	    end - start < 9)
		return 0;
	end = prefix_end(s, end, 32);
	add_ip(s, start, end, 90);
	return end;
}

/* What stands of an address of IPv6. */
struct groups {
	unsigned	count;
	bool		gap, digit, quad;
	uint32_t	end;
};

static struct groups
read_groups(const struct eye *s, uint32_t start)
{
	struct groups g = { .end = start };
	uint32_t i = start;

	while (g.count < 9) {
		uint32_t from = i, quad;

		while (i - from < 5 && is_hex(eye_at(s, i)))
			g.digit |= eye_is_digit((unsigned char)s->p[i++]);
		if (i - from > 4)
			break;
		if (i > from && eye_at(s, i) == '.' && (quad = quad_end(s, from)) != 0) {
			g.count += 2;
			g.quad = true;
			g.end = quad;
			break;
		}
		g.count += i > from;
		if (i > from)
			g.end = i;
		if (eye_at(s, i) != ':')
			break;
		if (eye_at(s, i + 1) == ':') {
			if (g.gap || eye_at(s, i + 2) == ':')
				return (struct groups){ 0 };
			g.gap = true;
			i += 2;
			g.end = i;
		} else if (i++ == from) {
			return (struct groups){ 0 };
		}
	}
	return g;
}

/* Two colons alone are an operator, and names of letters are of a program. */
static bool
is_no_operator(const struct eye *s, const struct groups *g, uint32_t start, uint32_t end)
{
	if (g->digit)
		return true;
	return g->count == 0 && (eye_at(s, start - 1) == '=' || end > g->end);
}

/* Does what was read end here? */
static bool
ends_groups(const struct eye *s, uint32_t end)
{
	unsigned char behind = eye_at(s, end);

	return !eye_is_word(behind) && behind != '_' && behind != ':' &&
	    (behind != '.' || !eye_is_digit(eye_at(s, end + 1)));
}

uint32_t
address_ip6(struct eye *s, uint32_t at)
{
	uint32_t start = at, end;
	unsigned char before;
	struct groups g;

	while (at - start < 46 && (is_hex(eye_at(s, start - 1)) || eye_at(s, start - 1) == ':'))
		start--;
	before = eye_at(s, start - 1);
	if (eye_is_word(before) || before == '_' || before == '.')
		return 0;
	g = read_groups(s, start);
	if (g.end <= at || (g.gap ? g.count > 7 : g.count != 8))
		return 0;
	if (!ends_groups(s, g.end))
		return 0;
	end = prefix_end(s, g.end, 128);
	if (!is_no_operator(s, &g, start, end))
		return 0;
	add_ip(s, start, end, 90);
	return end;
}

/* Pairs, or groups of four, of hexadecimal digits with one separator; the end, or 0. */
static uint32_t
pairs_end(const struct eye *s, uint32_t start, unsigned groups, unsigned size)
{
	unsigned char gap = eye_at(s, start + size);
	uint32_t i = start;

	for (unsigned g = 0; g < groups; g++) {
		if (g > 0 && eye_at(s, i++) != gap)
			return 0;
		for (unsigned n = 0; n < size; n++)
			if (!is_hex(eye_at(s, i++)))
				return 0;
	}
	return eye_is_word(eye_at(s, i)) || (eye_at(s, i) == gap &&
	    is_hex(eye_at(s, i + 1))) ? 0 : i;
}

uint32_t
address_mac(struct eye *s, uint32_t at)
{
	uint32_t start = at, end;
	unsigned char gap, before;
	bool zero = true, ones = true;

	while (at - start < 4 && is_hex(eye_at(s, start - 1)))
		start--;
	before = eye_at(s, start - 1);
	gap = eye_at(s, start + 2);
	if (eye_is_word(before) || before == ':' || before == '.')
		return 0;
	if (gap == ':' || gap == '-')
		end = pairs_end(s, start, 6, 2);
	else
		end = eye_at(s, start + 4) == '.' ? pairs_end(s, start, 3, 4) : 0;
	if (end == 0)
		return 0;
	for (uint32_t i = start; i < end; i++) {
		zero &= !is_hex((unsigned char)s->p[i]) || s->p[i] == '0';
		ones &= !is_hex((unsigned char)s->p[i]) || (s->p[i] | 0x20) == 'f';
	}
	if (zero || ones)
		return 0;
	eye_add(s, start, end, TYPE_mac_address, eye_score(92, EVIDENCE_SHAPE | EVIDENCE_VALID));
	return end;
}

/* ---- places ---- */

/* Reads "-13.404954": its end and its degrees; 0 without at least three decimals. */
static uint32_t
degrees_end(const struct eye *s, uint32_t start, uint32_t *degrees)
{
	uint32_t i = start, whole = eye_digits(s, i, 4), decimals;

	if (whole == 0 || whole > 3)
		return 0;
	*degrees = eye_number(s, &i, 3);
	decimals = eye_digits(s, i + 1, 18);
	return eye_at(s, i) == '.' && decimals >= 3 && decimals < 18 ? i + 1 + decimals : 0;
}

/* The end of the second of a pair, or 0. */
static uint32_t
pair_end(const struct eye *s, uint32_t end, uint32_t *degrees)
{
	uint32_t i = end;

	while (i - end < 3 && (eye_at(s, i) == ',' || eye_at(s, i) == ' ' || eye_at(s, i) == ';'))
		i++;
	if (i == end)
		return 0;
	if (eye_at(s, i) == '-' || eye_at(s, i) == '+')
		i++;
	i = degrees_end(s, i, degrees);
	return *degrees <= 180 ? i : 0;
}

/* Is it no part of many numbers, as what a model calls a vector is? */
static bool
is_only_pair(const struct eye *s, uint32_t from, uint32_t end)
{
	return end - from >= 16 && eye_at(s, from - 1) != ',' && eye_at(s, from - 2) != ',' &&
	    eye_at(s, end) != ',';
}

uint32_t
address_place(struct eye *s, uint32_t start)
{
	uint32_t lat, lon = 0, end = degrees_end(s, start, &lat), second;
	uint32_t from = eye_at(s, start - 1) == '-' || eye_at(s, start - 1) == '+' ? start - 1
	    : start;
	unsigned char before = eye_at(s, from - 1);
	struct topic topic;
	unsigned evidence;

	if (end == 0 || lat > 180 || eye_is_word(before) || before == '.' || before == '$')
		return 0;
	topic = context_of(&s->context, from, end);
	evidence = EVIDENCE_SHAPE;
	evidence |= (topic.what & CONCEPT_BIT(PLACE)) != 0 ? (unsigned)EVIDENCE_CONTEXT : 0;
	second = lat <= 90 ? pair_end(s, end, &lon) : 0;
	if (second != 0 && (evidence != EVIDENCE_SHAPE || (lat + lon > 2 &&
	    is_only_pair(s, from, second))))
		end = second;
	else if (evidence == EVIDENCE_SHAPE)
		return 0;
	eye_add(s, from, end, TYPE_geo_coordinates, eye_score(evidence == EVIDENCE_SHAPE ? 65 : 90,
	    evidence));
	context_used(&s->context, end, topic);
	return end;
}
