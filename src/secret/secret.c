/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/secret.h"

#include "core/vec.h"
#include "core/wide.h"
#include "secret/assign.h"
#include "secret/login.h"
#include "secret/prefix.h"
#include "guess/entropy.h"
#include "guess/hint.h"
#include "guess/value.h"

#define BLOCK_BYTES	64

/* The shortest run that is looked at; the passes below know it. */
#define RUN_BYTES_MIN	16

/* A longer run is no token: a picture in base64, a million of one character. */
#define RUN_BYTES_MAX	4096

/* A token may have other signs before its first long run: this far, and so many of them. */
#define JOINT_BYTES_MAX	96
#define JOINTS_MAX	6

/* The words that say what a run is stand in so many bytes before it. */
#define NEAR_BYTES	72

#define HINT_ANY	(HINT_PASSWORD | HINT_SECRET | HINT_KEY)

/* A private key of RSA with 16,384 bits has 12,800 characters. */
#define PEM_BYTES_MAX	16384

/* Bit i: byte i of a block is ... */
struct masks {
	uint64_t	token;	/* a letter, a digit, _ or - */
	uint64_t	sign;	/* = : > $ */
	uint64_t	dash;
	uint64_t	twin;	/* s or n, of which password and Kennwort have two */
};

struct pass {
	const struct look	*look;
	size_t			 open;		/* where the run into this block began */
	bool			 is_open, is_seen;
	uint64_t		 dash_before, twin_before;	/* bit 0: the last byte was one */
	size_t			 found_end;	/* of the last token; no second one is in it */
	size_t			 seen_end;	/* of what the last run is a part of */
};

static void
add(struct pass *p, enum detect_type type, size_t start, size_t end, unsigned score)
{
	findings_add(p->look->findings, (struct finding){ .start = (uint32_t)start,
	    .end = (uint32_t)end, .type = (uint16_t)type, .score = (uint8_t)score,
	    .evidence = EVIDENCE_CONTEXT | EVIDENCE_ENTROPY });
}

/* ---- runs ---- */

static bool
is_token(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10 || c == '_' ||
	    c == '-';
}

static bool
is_joint(char c)
{
	return c == '.' || c == '!' || c == '~' || c == '+' || c == '/' || c == '$' || c == ',' ||
	    c == ':' || c == '=' || c == '%' || c == '\\';
}

/* A token of a known issuer that begins at `at`. */
static bool
try_prefix(struct pass *p, size_t at)
{
	struct slice text = p->look->text;
	struct prefix_match m = prefix_match(slice_cut(text, at, text.len));

	if (m.bytes == 0)
		return false;
	findings_add(p->look->findings, (struct finding){ .start = (uint32_t)at,
	    .end = (uint32_t)(at + m.bytes), .type = (uint16_t)m.type, .score = m.score,
	    .evidence = m.evidence });
	p->found_end = at + m.bytes;
	return true;
}

/*
 * The beginning may stand before the run, where a sign is inside the token (SG.x.y, $2b$10$x),
 * and behind its first bytes where those are the end of an escape (\nghp_, %3Dghp_).  What is
 * part of a longer thing was looked at with that, but for a dot, which base64 has not.
 */
static bool
try_prefixes(struct pass *p, size_t start)
{
	struct slice text = p->look->text;
	size_t floor = start > JOINT_BYTES_MAX ? start - JOINT_BYTES_MAX : 0;
	size_t begins[JOINTS_MAX + 3], count = 0, at = start;
	bool is_part = start < p->seen_end;

	begins[count++] = start;
	if (start > 0 && text.ptr[start - 1] == '\\')
		begins[count++] = start + 1;
	else if (start > 0 && text.ptr[start - 1] == '%')
		begins[count++] = start + 2;
	for (unsigned joints = is_part ? JOINTS_MAX - 2 : 0; joints < JOINTS_MAX && at > floor &&
	    (is_part ? text.ptr[at - 1] == '.' : is_joint(text.ptr[at - 1])); joints++) {
		size_t end = --at;

		while (at > floor && is_token(text.ptr[at - 1]))
			at--;
		if (text.ptr[end] == '$' || at < end)
			begins[count++] = text.ptr[end] == '$' && at == end ? end : at;
	}
	/* The first that fits, from the left: it is the longest. */
	while (count > 0) {
		if (try_prefix(p, begins[--count]))
			return true;
	}
	return false;
}

static size_t
run_end(struct slice text, size_t at)
{
	size_t most = text.len - at < RUN_BYTES_MAX ? text.len : at + RUN_BYTES_MAX;

	while (at < most && is_token(text.ptr[at]))
		at++;
	return at;
}

/* Does the text before `start` end with these words, in small letters? */
static bool
is_behind(struct slice text, size_t start, struct slice words)
{
	return start >= words.len &&
	    slice_same_word(slice_cut(text, start - words.len, start), words);
}

/* The name and password of RFC 7617 in base64, behind `Basic `. */
static bool
is_basic(struct slice s)
{
	return s.len >= 8 && !value_is_stand_in(s) && !entropy_wordy(s);
}

/* Is it given to a name?  Then that name says what it is (secret/assign.h), not the words. */
static bool
is_given(struct slice text, size_t start)
{
	while (start > 0 && memchr(" \"'`", text.ptr[start - 1], 4) != NULL)
		start--;
	return start > 0 && memchr("=:>", text.ptr[start - 1], 3) != NULL;
}

/* A value that was made by chance, and the words before it: what do they say of it? */
static bool
weigh_near(struct pass *p, struct slice before, struct slice run)
{
	size_t start = (size_t)(run.ptr - p->look->text.ptr);
	unsigned hints = hint_of_vendor(before);
	bool is_access = (hints & HINT_VENDOR) != 0 && (hints & HINT_ACCESS) != 0;

	if ((hints & HINT_ANY) == 0 && !is_access)
		return false;
	if ((hints & HINT_OTHER) != 0 || ((hints & HINT_VENDOR) == 0 && value_is_stand_in(run)))
		return true;
	if ((hints & HINT_VENDOR) != 0)
		add(p, TYPE_vendor_key, start, start + run.len, 72);
	else if ((hints & (HINT_SECRET | HINT_PASSWORD)) != 0)
		add(p, TYPE_generic_secret, start, start + run.len, 75);
	return true;
}

/* A run between words, and not given to a name. */
static void
look_near(struct pass *p, size_t start, size_t end)
{
	struct slice text = p->look->text, run = slice_cut(text, start, end);
	size_t floor = start > NEAR_BYTES ? start - NEAR_BYTES : 0, last = run.len;

	if (!value_is_random(run))
		return;
	/* A word is not cut. */
	while (floor > 0 && floor < start && is_token(text.ptr[floor]))
		floor++;
	if (weigh_near(p, slice_cut(text, floor, start), run))
		return;
	/* Or its words are in it: datadog-token-0123456789abcdef. */
	while (last > 0 && run.ptr[last - 1] != '-' && run.ptr[last - 1] != '_')
		last--;
	if (last > 0 && value_is_random(slice_cut(run, last, run.len)))
		weigh_near(p, slice_cut(run, 0, last), slice_cut(run, last, run.len));
}

/* A run of at least RUN_BYTES_MIN characters begins at `start`. */
static void
see_run(struct pass *p, size_t start)
{
	struct slice text = p->look->text;
	size_t end;

	if (start < p->found_end || try_prefixes(p, start))
		return;
	end = run_end(text, start);
	if (start < p->seen_end)
		return;
	while (end < text.len && memchr("=/+.", text.ptr[end], 4) != NULL &&
	    end - start < RUN_BYTES_MAX)
		end = run_end(text, end + 1);
	p->seen_end = end;
	end -= text.ptr[end - 1] == '.';
	if (is_behind(text, start, S("Basic "))) {
		if (is_basic(slice_cut(text, start, end)))
			add(p, TYPE_basic_auth, start, end, 92);
	} else if (is_behind(text, start, S("Bearer "))) {
		if (value_is_random(slice_cut(text, start, end)))
			add(p, TYPE_bearer_token, start, end, 92);
	} else if (is_behind(text, start, S("/hooks/"))) {
		if (value_is_random(slice_cut(text, start, end)))
			add(p, TYPE_webhook_url, start, end, 80);
	} else if (end - start < RUN_BYTES_MAX && !is_given(text, start)) {
		look_near(p, start, end);
	}
}

/*
 * The runs of a block: those that are long enough inside it, and the one that comes out of the
 * block before, whose bytes there count too.
 */
static void
see_runs(struct pass *p, uint64_t token, size_t base)
{
	uint64_t long_enough = token & token >> 1, starts;
	unsigned lead = ~token == 0 ? BLOCK_BYTES : (unsigned)__builtin_ctzll(~token);

	if (p->is_open && !p->is_seen && base - p->open + lead >= RUN_BYTES_MIN) {
		see_run(p, p->open);
		p->is_seen = true;
	}
	long_enough &= long_enough >> 2;
	long_enough &= long_enough >> 4;
	long_enough &= long_enough >> 8;
	starts = long_enough & ~(long_enough << 1);
	if (p->is_open)
		starts &= ~UINT64_C(1);
	for (; starts != 0; starts &= starts - 1)
		see_run(p, base + (unsigned)__builtin_ctzll(starts));
	if (token >> 63 == 0) {
		p->is_open = false;
	} else if (lead < BLOCK_BYTES || !p->is_open) {
		unsigned tail = ~token == 0 ? BLOCK_BYTES : (unsigned)__builtin_clzll(~token);

		p->is_open = true;
		p->open = base + BLOCK_BYTES - tail;
		p->is_seen = tail >= RUN_BYTES_MIN;
	}
}

/* ---- dashes ---- */

static bool
is_pem(char c)
{
	return is_token(c) || memchr("+/=\n\r\t \\\"':,.()<>@", c, 18) != NULL;
}

/* At `at` stands -----BEGIN: the key that follows, with its frame (RFC 7468, section 2). */
static void
see_key(struct pass *p, size_t at)
{
	struct slice text = p->look->text, label = slice_cut(text, at + 11, text.len);
	size_t end, most, body = 0;

	label = slice_cut(label, 0, label.len < 48 ? label.len : 48);
	label = slice_cut(label, 0, slice_find(label, S("-----")));
	if (slice_find(label, S("PRIVATE KEY")) == label.len)
		return;
	end = label.ptr + label.len + 5 - text.ptr > (ptrdiff_t)text.len ? text.len
	    : (size_t)(label.ptr + label.len + 5 - text.ptr);
	most = text.len - end < PEM_BYTES_MAX ? text.len : end + PEM_BYTES_MAX;
	for (; end < most && is_pem(text.ptr[end]); end++) {
		if (slice_starts(slice_cut(text, end, text.len), S("-----END")))
			break;
		body += is_token(text.ptr[end]);
	}
	if (body < 32)
		return;
	if (end < text.len && text.ptr[end] == '-') {
		struct slice rest = slice_cut(text, end + 8, text.len);
		size_t frame;

		rest.len = rest.len < 64 ? rest.len : 64;
		frame = slice_find(rest, S("-----"));
		end += frame < rest.len ? frame + 13 : 8;
	}
	findings_add(p->look->findings, (struct finding){ .start = (uint32_t)at,
	    .end = (uint32_t)end, .type = TYPE_private_key, .score = 98,
	    .evidence = EVIDENCE_PREFIX | EVIDENCE_SHAPE });
	p->found_end = end;
}

/* The first of some dashes stands at `at`. */
static void
see_dash(struct pass *p, size_t at)
{
	struct slice text = p->look->text, rest = slice_cut(text, at, text.len);

	if (rest.len < 4 || (at > 0 && is_token(text.ptr[at - 1]) && rest.ptr[1] != '-'))
		return;
	if (slice_starts(rest, S("-----BEGIN ")))
		see_key(p, at);
	else if ((rest.ptr[1] == '-' && rest.ptr[2] != '-') || slice_starts(rest, S("-u ")) ||
	    slice_starts(rest, S("-pass")) || (slice_starts(rest, S("-p ")) &&
	    is_behind(text, at, S("sshpass "))))
		assign_option(p->look, at);
}

/* ---- signs ---- */

static void
see_sign(struct pass *p, size_t at)
{
	struct slice text = p->look->text;

	if (text.ptr[at] == '$') {
		/* $2b$, $6$, $argon2id$: the hash of a password, by crypt(5). */
		if (text.len - at > 24 && at >= p->found_end &&
		    memchr("1256789aky", text.ptr[at + 1], 10) != NULL)
			try_prefix(p, at);
	} else if (text.ptr[at] == ':' && slice_starts(slice_cut(text, at + 1, text.len), S("//")))
		login_at(p->look, at);
	else
		assign_at(p->look, at);
}

/* Two s or two n end at `at`: is this password, Passwort, passe, Kennwort? */
static void
see_twins(struct pass *p, size_t at)
{
	struct slice text = p->look->text;

	if (at < 3 || text.len - at < 8 || text.ptr[at] != text.ptr[at - 1] ||
	    (at > 3 && is_token(text.ptr[at - 4])))
		return;
	if (((text.ptr[at - 3] | 0x20) == 'p' && (text.ptr[at - 2] | 0x20) == 'a') ||
	    ((text.ptr[at - 3] | 0x20) == 'k' && text.ptr[at - 2] == 'e' &&
	    text.ptr[at + 1] == 'w'))
		assign_said(p->look, at - 3);
}

/* ---- the pass ---- */

static void
see_block(struct pass *p, const struct masks *m, size_t base)
{
	uint64_t dashes = m->dash & ~(m->dash << 1 | p->dash_before);
	uint64_t twins = m->twin & (m->twin << 1 | p->twin_before);

	p->dash_before = m->dash >> 63;
	p->twin_before = m->twin >> 63;
	see_runs(p, m->token, base);
	for (uint64_t bits = dashes; bits != 0; bits &= bits - 1)
		see_dash(p, base + (unsigned)__builtin_ctzll(bits));
	for (uint64_t bits = m->sign; bits != 0; bits &= bits - 1)
		see_sign(p, base + (unsigned)__builtin_ctzll(bits));
	for (uint64_t bits = twins; bits != 0; bits &= bits - 1)
		see_twins(p, base + (unsigned)__builtin_ctzll(bits));
}

static struct masks
masks_of(const char *at)
{
	struct masks m = { 0 };

	for (unsigned i = 0; i < BLOCK_BYTES; i += VEC_BYTES) {
		struct vec v = vec_load(at + i), small = vec_or(v, vec_all(0x20));
		struct vec dash = vec_is(v, '-');
		struct vec word = vec_or(vec_or(vec_within(small, 'a', 'z'), vec_within(v, '0',
		    '9')),
		    vec_or(vec_is(v, '_'), dash));
		struct vec sign = vec_or(vec_or(vec_is(v, '='), vec_is(v, ':')),
		    vec_or(vec_is(v, '>'), vec_is(v, '$')));

		m.token |= (uint64_t)vec_mask(word) << i;
		m.sign |= (uint64_t)vec_mask(sign) << i;
		m.dash |= (uint64_t)vec_mask(dash) << i;
		m.twin |= (uint64_t)vec_mask(vec_or(vec_is(small, 's'), vec_is(small, 'n'))) << i;
	}
	return m;
}

static size_t
pass_plain(struct pass *p, struct slice text)
{
	size_t at = 0;

	for (; at + BLOCK_BYTES <= text.len; at += BLOCK_BYTES) {
		struct masks m = masks_of(text.ptr + at);

		see_block(p, &m, at);
	}
	return at;
}

#if WIDE_IS_THERE
WIDE_INLINE struct wide
wide_within(struct wide v, unsigned char low, unsigned char high)
{
	struct wide moved = { v.b - wide_all(low).b };

	return wide_to(moved, (unsigned char)(high - low));
}

WIDE static size_t
pass_wide(struct pass *p, struct slice text)
{
	size_t at = 0;

	for (; at + BLOCK_BYTES <= text.len; at += BLOCK_BYTES) {
		struct masks m = { 0 };

		for (unsigned i = 0; i < BLOCK_BYTES; i += WIDE_BYTES) {
			struct wide v = wide_load(text.ptr + at + i);
			struct wide small = wide_or(v, wide_all(0x20)), dash = wide_is(v, '-');
			struct wide word = wide_or(wide_or(wide_within(small, 'a', 'z'),
			    wide_within(v, '0', '9')), wide_or(wide_is(v, '_'), dash));
			struct wide sign = wide_or(wide_or(wide_is(v, '='), wide_is(v, ':')),
			    wide_or(wide_is(v, '>'), wide_is(v, '$')));

			m.token |= (uint64_t)wide_mask(word) << i;
			m.sign |= (uint64_t)wide_mask(sign) << i;
			m.dash |= (uint64_t)wide_mask(dash) << i;
			m.twin |= (uint64_t)wide_mask(wide_or(wide_is(small, 's'), wide_is(small,
			    'n'))) << i;
		}
		see_block(p, &m, at);
	}
	return at;
}
#endif

void
secret_look(const struct look *l)
{
	struct pass p = { .look = l };
	char rest[BLOCK_BYTES] = { 0 };
	struct masks m;
	size_t at;

	assign_whole(l);
#if WIDE_IS_THERE
	at = l->wide ? pass_wide(&p, l->text) : pass_plain(&p, l->text);
#else
	at = pass_plain(&p, l->text);
#endif
	if (at < l->text.len)
		memcpy(rest, l->text.ptr + at, l->text.len - at);
	m = masks_of(rest);
	see_block(&p, &m, at);
}
