/* SPDX-License-Identifier: Apache-2.0 */
#include "yaml/report.h"

#include "run/heap.h"
#include "core/limit.h"
#include "core/must.h"
#include "yaml/node.h"

/* One message, a file's words cut to fit, and room for all of them. */
enum {
	WORD_BYTES_MAX    = 160,
		REPORT_BYTES_MAX  = 1 << 20,
	HIDDEN_MAX        = 4096,
};

void
report_init(struct report *r, struct slice file)
{
	*r = (struct report){ 0 };
	arena_init(&r->arena, heap_memory(), REPORT_BYTES_MAX);
	r->file = arena_copy(&r->arena, file);
	r->message = arena_zero(&r->arena, CONF_ERRORS_MAX * sizeof *r->message);
	r->hidden = arena_zero(&r->arena, HIDDEN_MAX * sizeof *r->hidden);
}

void
report_release(struct report *r)
{
	arena_release(&r->arena);
	*r = (struct report){ 0 };
}

bool
report_is_full(const struct report *r)
{
	return r->message == NULL || r->count == CONF_ERRORS_MAX;
}

/* The file's words may be long or unprintable; the program's are neither. */
static void
put_word(struct text *t, struct slice s)
{
	size_t cut = s.len;

	if (s.len > WORD_BYTES_MAX)
		for (cut = WORD_BYTES_MAX; cut > 0 && (s.ptr[cut] & 0xc0) == 0x80; cut--)
			;
	for (size_t i = 0; i < cut; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c >= 0x20 && c != 0x7f) {
			text_put_char(t, (char)c);
			continue;
		}
		text_put(t, S("\\x"));
		text_put_char(t, "0123456789abcdef"[c >> 4]);
		text_put_char(t, "0123456789abcdef"[c & 15]);
	}
	if (cut < s.len)
		text_put(t, S("..."));
}

static void
report_add(struct report *r, struct report_message message, const struct slice *words,
    size_t count)
{
	char room[CONF_MESSAGE_BYTES];
	struct text text;

	r->errors += !message.warning;
	if (report_is_full(r))
		return;
	text_init(&text, room, sizeof room);
	if (r->about_at != NULL) {
		message.line = r->about_at->line;
		message.column = r->about_at->column;
		put_word(&text, r->about);
		text_put(&text, S(": "));
	}
	for (size_t i = 0; i < count; i++)
		put_word(&text, words[i]);
	if (r->count == CONF_ERRORS_MAX - 1) {
		text_init(&text, room, sizeof room);
		text_put(&text, S("there are more mistakes; they will be told when these are "
		    "mended"));
		message.line = UINT32_MAX;
	}
	message.text = arena_copy(&r->arena, text_slice(&text));
	r->message[r->count++] = message;
}

void
report_error(struct report *r, const struct node *node, const struct slice *words,
    size_t count)
{
	report_at(r, node == NULL ? 0 : node->line, node == NULL ? 0 : node->column, words, count);
}

void
report_at(struct report *r, uint32_t line, uint32_t column, const struct slice *words,
    size_t count)
{
	report_add(r, (struct report_message){ .line = line, .column = column }, words, count);
}

void
report_warning(struct report *r, const struct node *node, const struct slice *words,
    size_t count)
{
	struct report_message message = { .warning = true };

	/* A warning may not take the place of a mistake. */
	if (r->count >= CONF_ERRORS_MAX / 2)
		return;
	if (node != NULL) {
		message.line = node->line;
		message.column = node->column;
	}
	report_add(r, message, words, count);
}

void
report_about(struct report *r, const struct node *node, struct slice what)
{
	r->about_at = node;
	r->about = what;
}

void
report_hide(struct report *r, uint32_t from_line, uint32_t to_line)
{
	if (r->hidden == NULL || r->about_at != NULL)
		return;
	if (r->hidden_count < HIDDEN_MAX)
		r->hidden[r->hidden_count++] = (uint64_t)from_line << 32 | to_line;
	else
		r->hidden[HIDDEN_MAX - 1] = UINT32_MAX;		/* no line may be shown */
}

static bool
is_hidden(const struct report *r, uint32_t line)
{
	for (uint32_t i = 0; i < r->hidden_count; i++)
		if (line >= r->hidden[i] >> 32 && line <= (uint32_t)r->hidden[i])
			return true;
	return false;
}

static bool
is_token_byte(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	    c == '_' || c == '+' || c == '=';
}

/* A dozen letters and digits in one piece: no word looks like that, keys do. */
static bool
has_token(struct slice line)
{
	size_t run = 0, letters = 0, digits = 0;

	for (size_t i = 0; i < line.len; i++) {
		if (!is_token_byte(line.ptr[i])) {
			run = letters = digits = 0;
			continue;
		}
		run++;
		digits += line.ptr[i] >= '0' && line.ptr[i] <= '9';
		letters += line.ptr[i] >= 'A' && line.ptr[i] != '_';
		if (run >= 12 && digits > 0 && letters > 0)
			return true;
	}
	return false;
}

/* What follows a word and a colon, or the empty slice where no colon follows. */
static struct slice
value_of(struct slice line)
{
	size_t at = 0;

	while (at < line.len && (is_token_byte(line.ptr[at]) || line.ptr[at] == '"' ||
	    line.ptr[at] == '\''))
		at++;
	line = slice_trim(slice_cut(line, at, line.len));
	if (line.len == 0 || line.ptr[0] != ':')
		return slice_of(NULL, 0);
	for (at = 1; at < line.len && memchr("\"' \t\r", line.ptr[at], 5) != NULL;)
		at++;
	return slice_cut(line, at, line.len);
}

/* True if a word that announces a secret is followed by something else than its source. */
static bool
announces_secret(struct slice line, struct slice word)
{
	for (size_t i = 0; i + word.len <= line.len; i++) {
		struct slice value;

		if (!slice_same_word(slice_cut(line, i, i + word.len), word))
			continue;
		value = value_of(slice_cut(line, i + word.len, line.len));
		if (value.len > 0 && value.ptr[0] != '{' && value.ptr[0] != '[' &&
		    !slice_starts(value, S("env:")) && !slice_starts(value, S("file:")))
			return true;
	}
	return false;
}

/*
 * What was typed as a secret is hidden for sure (report_hide); this is for lines
 * that the reader did not understand.  To hide too much costs a convenience.
 */
static bool
looks_secret(struct slice line)
{
	return has_token(line) ||
	    announces_secret(line, S("key")) || announces_secret(line, S("secret")) ||
	    announces_secret(line, S("token")) || announces_secret(line, S("passw"));
}

static bool
comes_before(const struct report_message *a, const struct report_message *b)
{
	return a->line != b->line ? a->line < b->line : a->column < b->column;
}

/* By insertion: there are at most CONF_ERRORS_MAX, and it keeps what is equal in order. */
void
report_sort(struct report *r, struct slice yaml)
{
	size_t at_line = 1;

	for (uint32_t i = 1; i < r->count; i++) {
		struct report_message message = r->message[i];
		uint32_t at = i;

		for (; at > 0 && comes_before(&message, &r->message[at - 1]); at--)
			r->message[at] = r->message[at - 1];
		r->message[at] = message;
	}
	for (uint32_t i = 0; i < r->count; i++) {
		struct report_message *message = &r->message[i];

		if (message->line == UINT32_MAX)
			message->line = message->column = 0;
		for (; at_line < message->line && yaml.len > 0; at_line++) {
			size_t end = slice_find(yaml, S("\n"));

			yaml = slice_cut(yaml, end + (end < yaml.len), yaml.len);
		}
		message->hide = message->line == 0 || is_hidden(r, message->line) ||
		    looks_secret(slice_cut(yaml, 0, slice_find(yaml, S("\n"))));
	}
}

void
report_put(const struct report *r, uint32_t index, struct text *out)
{
	const struct report_message *message;

	must(index < r->count);
	message = &r->message[index];
	put_word(out, r->file);
	if (message->line > 0) {
		text_put_char(out, ':');
		text_put_number(out, message->line);
		text_put_char(out, ':');
		text_put_number(out, message->column);
	}
	text_put(out, message->warning ? S(": warning: ") : S(": error: "));
	text_put(out, message->text);
	text_put_char(out, '\n');
}

void
nearest_try(struct nearest *n, struct slice candidate)
{
	unsigned distance = slice_distance(n->word, candidate);

	if (n->best.ptr != NULL && distance >= n->distance)
		return;
	n->best = candidate;
	n->distance = distance;
}

/* A third of the letters may differ: more, and the guess confuses. */
struct slice
nearest_word(const struct nearest *n)
{
	size_t letters = n->word.len > n->best.len ? n->word.len : n->best.len;

	if (n->best.ptr == NULL || n->distance > letters / 3 + (letters < 6))
		return slice_of(NULL, 0);
	return n->best;
}

struct slice
report_number(char room[static 20], uint64_t n)
{
	struct text text;

	text_init(&text, room, 20);
	text_put_number(&text, n);
	return text_slice(&text);
}
