/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/guard.h"

#include "core/lower.h"
#include "mask/spelling.h"

/*
 * From these lengths on a link could carry a sentence away.  Links to documents, issues and
 * commits stay below: the longest ones common in answers have a path of some 120 bytes.
 */
#define QUERY_BYTES_MAX		96
#define REST_BYTES_MAX		200
#define HOST_LONG_BYTES		80

/* A run of letters and digits that is longer is no word, no number and no UUID. */
#define RUN_BYTES_MIN		24
#define RUN_DISTINCT_MIN	12
/* And of hexadecimal digits, no digest that documents are named by: SHA-1 has 40. */
#define HEX_BYTES_MIN		48

/* Tag characters that a flag has behind it: those of Scotland are six. */
#define FLAG_TAGS_MAX		7

#define GUARD(name, text)	LOWER_FITS(name);
#include "mask/guard.tbl"
#undef GUARD

struct slice
guard_name(enum guard_reason reason)
{
	static const char name[][LOWER_BYTES] = {
#define GUARD(name, text)	LOWER(name),
#include "mask/guard.tbl"
#undef GUARD
	};
	size_t len = 0;

	must(reason < GUARD_REASON_COUNT);
	while (len < LOWER_BYTES && name[reason][len] != 0)
		len++;
	return slice_of(name[reason], len);
}

struct slice
guard_text(enum guard_reason reason)
{
	static const struct slice text[] = {
#define GUARD(name, text)	{ text, sizeof(text) - 1 },
#include "mask/guard.tbl"
#undef GUARD
	};

	must(reason < GUARD_REASON_COUNT);
	return text[reason];
}

static void
mark(struct guard *g, char c)
{
	g->special[(unsigned char)c / 64] |= UINT64_C(1) << (unsigned char)c % 64;
}

static bool
is_special(const struct guard *g, char c)
{
	return (g->special[(unsigned char)c / 64] >> (unsigned char)c % 64 & 1) != 0;
}

void
guard_init(struct guard *g, const struct guard_rules *rules)
{
	*g = (struct guard){ .rules = rules };
	mark(g, '/');
	mark(g, '\\');
	mark(g, '\xf0');
	mark(g, '\xf3');
	for (size_t i = 0; i < rules->canaries; i++) {
		must(rules->canary[i].len > 0 && rules->canary[i].len <= GUARD_CANARY_MAX);
		mark(g, rules->canary[i].ptr[0]);
	}
}

size_t
guard_held(const struct guard *g)
{
	return g->len - g->given;
}

/* ---- URLs ---- */

static bool
is_slash(char c)
{
	/* Browsers read a backslash as a slash. */
	return c == '/' || c == '\\';
}

/* What ends a URL; but a closing parenthesis is its own if the opening one is. */
static bool
is_url_end(char c)
{
	return (unsigned char)c <= ' ' || c == '"' || c == '\'' || c == '<' || c == '>' ||
	    c == '`' || c == ')' || c == 0x7f;
}

/* Its host: behind what names a user, before the port. */
static struct slice
host_of(struct slice url, size_t *past)
{
	size_t from = 2, end = 2;

	while (end < url.len && !is_slash(url.ptr[end]) && url.ptr[end] != '?' &&
	    url.ptr[end] != '#' && !is_url_end(url.ptr[end])) {
		if (url.ptr[end] == '@')
			from = end + 1;
		end++;
	}
	*past = end;
	for (size_t i = end; i > from && url.ptr[i - 1] != ']'; i--)
		if (url.ptr[i - 1] == ':')
			end = i - 1;
	if (end > from && url.ptr[end - 1] == '.')
		end--;
	return slice_cut(url, from, end);
}

static bool
is_allowed(const struct guard_rules *r, struct slice host)
{
	for (size_t i = 0; i < r->hosts; i++) {
		struct slice may = r->host[i];

		if (may.len > 1 && may.ptr[0] == '.') {
			if (slice_same_word(host, slice_cut(may, 1, may.len)))
				return true;
			if (host.len > may.len && slice_same_word(may,
			    slice_cut(host, host.len - may.len, host.len)))
				return true;
		} else if (slice_same_word(host, may)) {
			return true;
		}
	}
	return false;
}

static int
hex(char c)
{
	if ((unsigned)(c - '0') < 10)
		return c - '0';
	c |= 0x20;
	return (unsigned)(c - 'a') < 6 ? c - 'a' + 10 : -1;
}

/* The URL with its escapes read, plus signs as spaces. */
static struct slice
unescape(struct slice url, char *to)
{
	size_t len = 0;

	for (size_t i = 0; i < url.len; i++) {
		char c = url.ptr[i];

		if (c == '%' && i + 2 < url.len && hex(url.ptr[i + 1]) >= 0 &&
		    hex(url.ptr[i + 2]) >= 0) {
			c = (char)(hex(url.ptr[i + 1]) << 4 | hex(url.ptr[i + 2]));
			i += 2;
		} else if (c == '+') {
			c = ' ';
		}
		to[len++] = c;
	}
	return slice_of(to, len);
}

/* One run of letters and digits: is it as random as what is encoded? */
static bool
is_random_run(struct slice run)
{
	uint64_t letters[4] = { 0 };
	unsigned classes = 0, distinct = 0;
	bool is_hex = true;

	for (size_t i = 0; i < run.len; i++) {
		unsigned char c = (unsigned char)run.ptr[i];

		distinct += (letters[c / 64] >> c % 64 & 1) == 0;
		letters[c / 64] |= UINT64_C(1) << c % 64;
		classes |= c <= '9' ? 1 : c <= 'Z' ? 2 : 4;
		is_hex &= hex(run.ptr[i]) >= 0;
	}
	if (is_hex)
		return run.len >= HEX_BYTES_MIN;
	return classes == 7 && run.len >= RUN_BYTES_MIN && distinct >= RUN_DISTINCT_MIN;
}

static bool
has_random(struct slice s)
{
	size_t from = 0;

	for (size_t i = 0; i <= s.len; i++) {
		if (i < s.len && ((unsigned)(s.ptr[i] - '0') < 10 ||
		    (unsigned)((s.ptr[i] | 0x20) - 'a') < 26))
			continue;
		if (is_random_run(slice_cut(s, from, i)))
			return true;
		from = i + 1;
	}
	return false;
}

static bool
has_token(const struct vault *v, struct slice s)
{
	struct spelling one;

	for (size_t from = 0; v != NULL && spelling_next(v, s, from, SPELLING_LOOSE, &one);
	    from = one.end)
		if (one.entry != NULL)
			return true;
	return false;
}

static bool
has_value(const struct occurrences *o, struct slice s)
{
	struct occurrence one;

	return o != NULL && occurrence_next(o, s, 0, s.len, &one);
}

static bool
has_canary(const struct guard_rules *r, struct slice s)
{
	for (size_t i = 0; i < r->canaries; i++)
		if (slice_find(s, r->canary[i]) < s.len)
			return true;
	return false;
}

/* What is wrong with a URL, from its slashes on, whose host is not allowed; or _COUNT. */
static enum guard_reason
judge(struct guard *g, struct slice url, size_t host_end)
{
	struct slice plain = unescape(url, g->plain), rest = slice_cut(url, host_end, url.len);
	size_t query = 0;

	while (query < rest.len && rest.ptr[query] != '?' && rest.ptr[query] != '#')
		query++;
	if (has_token(g->rules->vault, url) || has_token(g->rules->vault, plain))
		return GUARD_TOKEN;
	if (has_value(g->rules->values, url) || has_value(g->rules->values, plain))
		return GUARD_VALUE;
	if (has_canary(g->rules, plain))
		return GUARD_CANARY;
	if (rest.len >= REST_BYTES_MAX || rest.len - query >= QUERY_BYTES_MAX ||
	    host_end >= HOST_LONG_BYTES)
		return GUARD_LONG;
	return has_random(url) ? GUARD_RANDOM : GUARD_REASON_COUNT;
}

/* ---- what begins at the first byte that is not clear ---- */

enum is { IS_CLEAR, IS_OPEN, IS_FOUND };

struct opinion {
	enum is			is;
	uint32_t		bytes;		/* clear, or found */
	enum guard_reason	reason;
};

#define CLEAR(n)	((struct opinion){ .is = IS_CLEAR, .bytes = (n) })
#define OPEN		((struct opinion){ .is = IS_OPEN })

/* Can a URL with a host begin behind this byte?  Two slashes elsewhere are a comment. */
static bool
is_before_url(char c)
{
	return c == ':' || c == '(' || c == '"' || c == '\'' || c == '=' || c == '<' || c == '`';
}

/* The end of the URL, as far as is known; goes on where it stopped. */
static bool
find_url_end(struct guard *g, struct slice url)
{
	if (g->url < 2)
		g->url = 2;
	for (; g->url < url.len; g->url++) {
		char c = url.ptr[g->url];

		g->open += c == '(';
		if (c == ')' && g->open > 0)
			g->open--;
		else if (is_url_end(c))
			return true;
	}
	return g->ended;
}

static struct opinion
look_at_slash(struct guard *g, struct slice s, char before)
{
	size_t host_end;
	struct slice host;
	enum guard_reason reason;
	bool ends;

	if (s.len == 1)
		return g->ended || !is_before_url(before) ? CLEAR(1) : OPEN;
	if (!is_slash(s.ptr[1]) || !is_before_url(before))
		return CLEAR(1);
	host = host_of(s, &host_end);
	/* With an allowed host it may go: what is behind that is looked at for itself. */
	if ((g->ended || host_end < s.len) && is_allowed(g->rules, host))
		return CLEAR((uint32_t)host_end);
	ends = find_url_end(g, s);
	s = slice_cut(s, 0, g->url);
	if (!ends && s.len < GUARD_BYTES_MAX)
		return OPEN;
	reason = ends ? judge(g, s, host_end) : GUARD_LONG;
	if (reason == GUARD_REASON_COUNT)
		return CLEAR(2);
	return (struct opinion){ IS_FOUND, (uint32_t)s.len, reason };
}

/* A flag may have tags behind it; elsewhere they are what nobody sees. */
static struct opinion
look_at_four(struct guard *g, struct slice s)
{
	static const char flag[] = "\xf0\x9f\x8f\xb4", tag[] = "\xf3\xa0";
	bool is_flag = s.ptr[0] == flag[0];
	size_t known = is_flag ? 4 : 2, len = s.len < known ? s.len : known;

	if (memcmp(s.ptr, is_flag ? flag : tag, len) != 0 ||
	    (!is_flag && s.len > 2 && ((unsigned char)s.ptr[2] | 1) != 0x81))
		return CLEAR(1);
	if (s.len < 4)
		return g->ended ? CLEAR(1) : OPEN;
	if (is_flag || g->flag > 0) {
		g->flag = (uint8_t)(is_flag ? FLAG_TAGS_MAX : g->flag - 1);
		return CLEAR(4);
	}
	return (struct opinion){ IS_FOUND, 4, GUARD_TAG };
}

static struct opinion
look_at_canaries(const struct guard *g, struct slice s)
{
	struct opinion is = CLEAR(1);

	for (size_t i = 0; i < g->rules->canaries; i++) {
		struct slice canary = g->rules->canary[i];

		if (slice_starts(s, canary))
			return (struct opinion){ IS_FOUND, (uint32_t)canary.len, GUARD_CANARY };
		if (!g->ended && slice_starts(canary, s))
			is = OPEN;
	}
	return is;
}

static struct opinion
look(struct guard *g)
{
	struct slice s = slice_of(g->held + g->clear, g->len - g->clear);
	char before = g->clear > 0 ? g->held[g->clear - 1] : g->before, c = s.ptr[0];
	struct opinion is = look_at_canaries(g, s), other = CLEAR(1);

	if (is.is == IS_FOUND)
		return is;
	if (c != '\xf3')
		g->flag = 0;
	if (is_slash(c))
		other = look_at_slash(g, s, before);
	else if (c == '\xf0' || c == '\xf3')
		other = look_at_four(g, s);
	if (other.is == IS_FOUND || is.is != IS_OPEN)
		return other;
	return is;
}

/* ---- bytes in, pieces out ---- */

void
guard_feed(struct guard *g, struct slice bytes)
{
	must(!g->ended && g->in.len == 0 && g->clear == 0 && g->found == 0);
	g->in = bytes;
}

void
guard_end(struct guard *g)
{
	must(g->in.len == 0 && g->clear == 0 && g->found == 0);
	g->ended = true;
}

/* Lets go of the first bytes of what is held. */
static void
drop(struct guard *g, uint32_t bytes)
{
	if (bytes == 0)
		return;
	g->before = g->held[bytes - 1];
	g->seen += bytes;
	g->len -= bytes;
	memmove(g->held, g->held + bytes, g->len);
}

static void
take_more(struct guard *g)
{
	size_t room = sizeof g->held - g->len, n = g->in.len < room ? g->in.len : room;

	if (n > 0)
		memcpy(g->held + g->len, g->in.ptr, n);
	g->len += (uint32_t)n;
	g->in = slice_cut(g->in, n, g->in.len);
}

/* Nothing is held: what is fed goes out up to the first byte that may begin something. */
static bool
pass(struct guard *g, struct slice *piece)
{
	size_t n = 0;

	while (n < g->in.len && !is_special(g, g->in.ptr[n]))
		n++;
	*piece = slice_cut(g->in, 0, n);
	g->in = slice_cut(g->in, n, g->in.len);
	if (n == 0)
		return false;
	g->flag = 0;
	g->before = piece->ptr[n - 1];
	g->seen += n;
	return true;
}

/* Clears what is held as far as that can be told; true if something was found. */
static bool
clear(struct guard *g, struct guard_finding *finding)
{
	while (g->clear < g->len) {
		struct opinion is;

		if (!is_special(g, g->held[g->clear])) {
			g->flag = 0;
			g->clear++;
			continue;
		}
		is = look(g);
		if (is.is == IS_OPEN)
			return false;
		g->url = g->open = 0;
		if (is.is == IS_FOUND) {
			g->found = is.bytes;
			*finding = (struct guard_finding){ is.reason, g->seen + g->clear,
			    is.bytes };
			return true;
		}
		g->clear += is.bytes;
	}
	return false;
}

enum guard_event
guard_next(struct guard *g, struct slice *piece, struct guard_finding *finding)
{
	must(g->found == 0);
	drop(g, g->given);
	g->given = 0;
	for (;;) {
		if (g->len == 0 && pass(g, piece))
			return GUARD_PIECE;
		take_more(g);
		if (g->clear == 0 && clear(g, finding) && g->clear == 0)
			return GUARD_FOUND;
		/* What was found behind something clear will be found once more. */
		g->found = 0;
		if (g->clear > 0) {
			*piece = slice_of(g->held, g->clear);
			g->given = g->clear;
			g->clear = 0;
			return GUARD_PIECE;
		}
		if (g->in.len == 0)
			return GUARD_MORE;
		/* What is held is full, and open: that cannot be, for then it is found. */
		must(g->len < sizeof g->held);
	}
}

void
guard_go_on(struct guard *g, bool let_out)
{
	must(g->found > 0);
	if (let_out)
		g->clear = g->found;
	else
		drop(g, g->found);
	g->found = 0;
}
