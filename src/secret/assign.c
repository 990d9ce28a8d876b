/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/assign.h"

#include "guess/entropy.h"
#include "guess/hint.h"
#include "guess/value.h"

/* A name is looked for in so many bytes before the sign, and has no more words than that. */
#define NAME_BYTES_MAX	64
#define PHRASE_WORDS	4

/* A value without quotes. */
#define BARE_BYTES_MAX	256

enum { EVIDENCE = EVIDENCE_CONTEXT | EVIDENCE_ENTROPY };

static bool
is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static bool
is_name(char c)
{
	static const bool name[256] = {
		['a' ... 'z'] = true, ['A' ... 'Z'] = true, ['0' ... '9'] = true, ['_'] = true,
		['-'] = true, ['.'] = true, ['$'] = true, [0x80 ... 0xff] = true,
	};

	return name[(unsigned char)c];
}

static bool
is_space(char c)
{
	return c == ' ' || c == '\t';
}

/* ---- quotes ---- */

static const struct slice quotes[] = {
	{ "\\\"", 2 }, { "\\'", 2 }, { "\"", 1 }, { "'", 1 }, { "`", 1 },
	{ "&quot;", 6 }, { "&#34;", 5 }, { "&#39;", 5 },
};

#define QUOTES	(sizeof quotes / sizeof quotes[0])

/* The quote that begins at `at`; QUOTES: none does. */
static size_t
quote_at(struct slice text, size_t at)
{
	struct slice rest = slice_cut(text, at, text.len);
	size_t i = 0;

	while (i < QUOTES && !slice_starts(rest, quotes[i]))
		i++;
	return i;
}

/* The quote that ends at `end`; QUOTES: none does. */
static size_t
quote_before(struct slice text, size_t end)
{
	size_t i = 0;

	while (i < QUOTES && (quotes[i].len > end ||
	    memcmp(text.ptr + end - quotes[i].len, quotes[i].ptr, quotes[i].len) != 0))
		i++;
	return i;
}

/* ---- the name ---- */

static size_t
back_over_name(struct slice text, size_t end, size_t floor)
{
	while (end > floor && is_name(text.ptr[end - 1]))
		end--;
	return end;
}

static size_t
back_over_space(struct slice text, size_t end, size_t floor)
{
	while (end > floor && is_space(text.ptr[end - 1]))
		end--;
	return end;
}

/* The name between quotes that ends before the one at `end`. */
static struct slice
quoted_name(struct slice text, size_t end, size_t floor, struct slice quote)
{
	size_t start = end;

	while (start > floor && text.ptr[start - 1] != quote.ptr[quote.len - 1] &&
	    text.ptr[start - 1] != ';' && text.ptr[start - 1] != '\n')
		start--;
	return slice_cut(text, start, end);
}

/* Words before the one that was found, as long as there is one space between: mot de passe. */
static size_t
phrase_start(struct slice text, size_t start, size_t floor)
{
	for (unsigned words = 1; words < PHRASE_WORDS && start > floor + 1; words++) {
		size_t end = start - 1, from;

		if (text.ptr[end] != ' ')
			break;
		from = back_over_name(text, end, floor);
		if (from == end)
			break;
		start = from;
	}
	return start;
}

/* Where the signs that stand before a = are gone: :=, +=, ||=, ?:. */
static size_t
operator_start(struct slice text, size_t at, size_t floor)
{
	while (at > floor && memchr(":+?|*", text.ptr[at - 1], 5) != NULL)
		at--;
	return at;
}

/* The name before the sign at `at`. */
static struct slice
name_before(struct slice text, size_t at)
{
	size_t floor = at > NAME_BYTES_MAX ? at - NAME_BYTES_MAX : 0;
	size_t end = operator_start(text, back_over_space(text, at, floor), floor), start, quote;

	end = back_over_space(text, end, floor);
	if (end > floor && text.ptr[end - 1] == ']')
		end--;
	if ((quote = quote_before(text, end)) < QUOTES)
		return quoted_name(text, end - quotes[quote].len, floor, quotes[quote]);
	start = back_over_name(text, end, floor);
	if (start == end)
		return slice_cut(text, end, end);
	/* In password: str = the name stands before its type. */
	if (text.ptr[at] == '=' && start > floor + 2 && text.ptr[start - 1] == ' ' &&
	    text.ptr[start - 2] == ':') {
		end = start - 2;
		start = back_over_name(text, end, floor);
	}
	return slice_cut(text, phrase_start(text, start, floor), end);
}

/* The name of the tag that ends at `at`: <password>, <Pass encoding="base64">. */
static struct slice
tag_before(struct slice text, size_t at)
{
	size_t floor = at > NAME_BYTES_MAX ? at - NAME_BYTES_MAX : 0, start = at, end;

	while (start > floor && text.ptr[start - 1] != '<' && text.ptr[start - 1] != '>' &&
	    text.ptr[start - 1] != '\n')
		start--;
	if (start == floor || text.ptr[start - 1] != '<' || !is_letter(text.ptr[start]))
		return slice_cut(text, at, at);
	for (end = start; end < at && is_name(text.ptr[end]);)
		end++;
	return slice_cut(text, start, end);
}

/* {"name": "DB_PASSWORD", "value": ...} and <add key="password" value=...>: the text before. */
static struct slice
named_before(struct slice text, const char *value_name)
{
	size_t at = (size_t)(value_name - text.ptr), quote;
	size_t floor = at > NAME_BYTES_MAX ? at - NAME_BYTES_MAX : 0;

	while (at > floor && !is_name(text.ptr[at - 1]))
		at--;
	if (at == floor || (quote = quote_at(text, at)) == QUOTES)
		return slice_cut(text, at, at);
	return quoted_name(text, at, floor, quotes[quote]);
}

/* ---- the value ---- */

struct value {
	struct slice	text;
	bool		quoted;
};

/* The text between the quote at `at` and its like on the same line. */
static struct value
quoted_value(struct slice text, size_t at, struct slice quote)
{
	size_t start = at + quote.len, end = start;
	size_t most = text.len - start < VALUE_BYTES_MAX ? text.len : start + VALUE_BYTES_MAX;

	while (end + quote.len <= most && memcmp(text.ptr + end, quote.ptr, quote.len) != 0 &&
	    text.ptr[end] != '\n')
		end++;
	if (end + quote.len > most || text.ptr[end] == '\n')
		end = start;
	return (struct value){ slice_cut(text, start, end), true };
}

static bool
is_bare(char c)
{
	static const bool ends[256] = {
		[0 ... ' '] = true, ['"'] = true, ['\''] = true, ['`'] = true, [','] = true,
		[';'] = true, ['('] = true, [')'] = true, [']'] = true, ['}'] = true, ['<'] = true,
		['>'] = true, ['&'] = true, ['|'] = true, ['\\'] = true,
	};

	return !ends[(unsigned char)c];
}

/* The text up to a space or a sign that does not belong to it. */
static struct value
bare_value(struct slice text, size_t at)
{
	size_t end = at, most = text.len - at < BARE_BYTES_MAX ? text.len : at + BARE_BYTES_MAX;

	while (end < most && is_bare(text.ptr[end])) {
		/* A name that is given a value of its own; but base64 ends so. */
		if (text.ptr[end] == '=' && end + 1 < most && is_name(text.ptr[end + 1]))
			break;
		end++;
	}
	/* A call, an index. */
	if (end < text.len && (text.ptr[end] == '(' || (end == most && is_bare(text.ptr[end]))))
		return (struct value){ slice_cut(text, at, at), false };
	while (end > at && memchr(".,:*", text.ptr[end - 1], 4) != NULL)
		end--;
	return (struct value){ slice_cut(text, at, end), false };
}

/* What a call is made with, if it only makes another type of it: []byte("..."), b"...". */
static size_t
inside_call(struct slice text, size_t at)
{
	size_t most = at + 32 < text.len ? at + 32 : text.len, end = at;
	struct slice call;

	while (end < most && (is_name(text.ptr[end]) || memchr("[]@", text.ptr[end], 3) != NULL))
		end++;
	call = slice_cut(text, at, end);
	if (end < most && text.ptr[end] == '(' && quote_at(text, end + 1) < QUOTES &&
	    (slice_find(call, S("yte")) < call.len || slice_find(call, S("tring")) < call.len ||
	    slice_find(call, S("from")) < call.len))
		return end + 1;
	return end < most && end - at <= 2 && quote_at(text, end) < QUOTES ? end : at;
}

/* What stands behind the scheme of an Authorization: Bearer, Basic, token. */
static size_t
behind_scheme(struct slice text, size_t at)
{
	static const struct slice scheme[] = {
		{ "Bearer ", 7 }, { "bearer ", 7 }, { "Basic ", 6 }, { "basic ", 6 },
		{ "token ", 6 }, { "Token ", 6 }, { "ApiKey ", 7 }, { "SSWS ", 5 },
	};
	struct slice rest = slice_cut(text, at, text.len);

	for (size_t i = 0; i < sizeof scheme / sizeof scheme[0]; i++) {
		if (slice_starts(rest, scheme[i]))
			return at + scheme[i].len;
	}
	return at;
}

static struct value
value_from(struct slice text, size_t at)
{
	size_t most = at + 8 < text.len ? at + 8 : text.len, quote;

	while (at < most && (is_space(text.ptr[at]) || text.ptr[at] == '*'))
		at++;
	if (at < text.len && (quote = quote_at(text, at)) == QUOTES)
		at = inside_call(text, at);
	if (at == text.len)
		return (struct value){ slice_cut(text, at, at), false };
	if ((quote = quote_at(text, at)) == QUOTES)
		return bare_value(text, behind_scheme(text, at));
	return quoted_value(text, at, quotes[quote]);
}

/* ---- the finding ---- */

static void
add(const struct look *l, enum detect_type type, struct slice value, unsigned score)
{
	size_t start = (size_t)(value.ptr - l->text.ptr);

	findings_add(l->findings, (struct finding){ .start = (uint32_t)start,
	    .end = (uint32_t)(start + value.len), .type = (uint16_t)type, .score = (uint8_t)score,
	    .evidence = EVIDENCE });
}

static void
weigh(const struct look *l, unsigned hints, struct value v)
{
	unsigned score = value_weigh(v.text, hints, v.quoted);

	if (score == 0)
		return;
	if ((hints & HINT_PASSWORD) != 0)
		add(l, TYPE_password, v.text, score);
	else
		add(l, (hints & HINT_VENDOR) != 0 ? TYPE_vendor_key : TYPE_generic_secret, v.text,
		    score);
}

/* Could a value begin here?  Numbers of one digit, true, null, lists and objects are most. */
static bool
may_begin(struct slice text, size_t at)
{
	while (at < text.len && is_space(text.ptr[at]))
		at++;
	return at + 4 <= text.len && text.ptr[at] != '{' && text.ptr[at] != '[' &&
	    text.ptr[at] != '\n';
}

/* Behind =, == and =>, but not behind !=, <= and =~. */
static size_t
equal_end(size_t at, char before, char after)
{
	if (before == '=' || before == '!' || before == '<' || before == '>' || after == '~')
		return 0;
	return after == '=' || after == '>' ? at + 2 : at + 1;
}

/* Does the sign at `at` give something a value; and where does that begin? */
static size_t
value_start(struct slice text, size_t at)
{
	char before = at > 0 ? text.ptr[at - 1] : 0;
	char after = at + 1 < text.len ? text.ptr[at + 1] : 0;

	switch (text.ptr[at]) {
	case '=':
		return equal_end(at, before, after);
	case ':':
		return after == ':' || after == '=' || before == ':' || after == '/' ||
		    ((unsigned)(before - '0') < 10 && (unsigned)(after - '0') < 10) ? 0 : at + 1;
	default:
		return before == '-' || before == '=' || before == ' ' || before == '>' ||
		    after == '=' || after == '<' ? 0 : at + 1;
	}
}

void
assign_at(const struct look *l, size_t at)
{
	struct slice text = l->text, name;
	size_t start = value_start(text, at);
	unsigned hints;
	struct value v;

	if (start == 0 || !may_begin(text, start))
		return;
	name = text.ptr[at] == '>' ? tag_before(text, at) : name_before(text, at);
	if (name.len < 2)
		return;
	if (slice_same_word(name, S("value")) || slice_same_word(name, S("string")))
		name = named_before(text, name.ptr);
	hints = hint_of(name);
	if ((hints & (HINT_PASSWORD | HINT_SECRET | HINT_KEY)) == 0 || (hints & HINT_OTHER) != 0)
		return;
	hints |= hint_of_vendor(name);
	v = value_from(text, start);
	/* What is compared with something in quotes is as good as given. */
	if (v.quoted || start == at + 1 || text.ptr[start - 1] != '=')
		weigh(l, hints, v);
}

void
assign_whole(const struct look *l)
{
	unsigned hints = l->key.len == 0 ? 0 : hint_of(l->key);

	if (hints != 0 && l->text.len > 0 && l->text.len <= VALUE_BYTES_MAX)
		weigh(l, hints, (struct value){ slice_trim(l->text), true });
}

void
assign_option(const struct look *l, size_t at)
{
	struct slice text = l->text;
	struct slice option;
	size_t end = at, colon;
	struct value v;

	while (end < text.len && end < at + NAME_BYTES_MAX && is_name(text.ptr[end]))
		end++;
	if (end == text.len || text.ptr[end] != ' ')
		return;
	option = slice_cut(text, at, end);
	v = value_from(text, end);
	if (v.text.len > 0 && v.text.ptr[0] == '-')
		return;
	if (slice_eq(option, S("-u")) || slice_eq(option, S("--user"))) {
		if ((colon = slice_find(v.text, S(":"))) == v.text.len || colon == 0)
			return;
		v.text = slice_cut(v.text, colon + 1, v.text.len);
		weigh(l, HINT_PASSWORD, v);
	} else {
		weigh(l, slice_eq(option, S("-p")) ? HINT_PASSWORD : hint_of(option), v);
	}
}

/* ---- in a sentence ---- */

static const struct slice verbs[] = {
	{ "is", 2 }, { "was", 3 }, { "are", 3 }, { "ist", 3 }, { "lautet", 6 }, { "est", 3 },
	{ "es", 2 }, { "jest", 4 }, { "to", 2 }, { "by", 2 }, { "as", 2 },
};

static bool
is_verb(struct slice word)
{
	size_t i = 0;

	while (i < sizeof verbs / sizeof verbs[0] && !slice_same_word(word, verbs[i]))
		i++;
	return i < sizeof verbs / sizeof verbs[0];
}

/* Strong enough to stand in a sentence: not a word, not a number. */
static unsigned
weigh_said(struct value v)
{
	bool letter = false, digit = false;

	for (size_t i = 0; i < v.text.len; i++) {
		letter |= is_letter(v.text.ptr[i]);
		digit |= (unsigned)(v.text.ptr[i] - '0') < 10;
	}
	return letter && digit && v.text.len >= 6 ? value_weigh(v.text, HINT_PASSWORD, true) : 0;
}

/* Does a password that nobody would take for a word stand at `at`? */
static bool
is_made(struct slice text, size_t at)
{
	struct slice s = bare_value(text, at).text;
	unsigned digits = 0;

	for (size_t i = 0; i < s.len; i++)
		digits += (unsigned)(s.ptr[i] - '0') < 10;
	return s.len >= 8 && digits >= 2 && !entropy_wordy(s);
}

void
assign_said(const struct look *l, size_t at)
{
	struct slice text = l->text;
	size_t end = at, start = at;
	struct value v = { 0 };
	unsigned score;

	/* The word itself, up to four more, a verb, and what it says. */
	for (unsigned words = 0; words < PHRASE_WORDS + 2; words++) {
		for (start = end; end < text.len && (is_letter(text.ptr[end]) ||
		    (unsigned char)text.ptr[end] >= 0x80) && end < start + NAME_BYTES_MAX;)
			end++;
		if (end == text.len || end == start || text.ptr[end] != ' ')
			return;
		end++;
		if (words == 0 && (hint_of(slice_cut(text, start, end - 1)) & HINT_PASSWORD) == 0)
			return;
		if (words > 0 && is_verb(slice_cut(text, start, end - 1)))
			break;
		if (quote_at(text, end) < QUOTES || (words == 0 && is_made(text, end)))
			break;
	}
	v = value_from(text, end);
	if ((score = weigh_said(v)) > 0)
		add(l, TYPE_password, v.text, score);
}
