/* SPDX-License-Identifier: Apache-2.0 */
/*
 * name - names that are good here and that nobody else has: of models and
 * groups, and of the variables that hold secrets.
 */
#include "core/limit.h"
#include "import/work.h"

#define ENVIRONMENT	"os.environ/"

static bool
is_taken(const struct work *w, struct slice name)
{
	for (uint32_t i = 0; i < w->public_count; i++)
		if (slice_eq(w->public[i].name, name))
			return true;
	for (uint32_t i = 0; i < w->deployment_count; i++)
		if (slice_eq(w->deployment[i].name, name))
			return true;
	return slice_eq(name, S("auto")) || slice_starts(name, S("workload/"));
}

static bool
is_plain(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}

/* What no name may have becomes a hyphen, once for several in a row. */
static void
put_good(struct text *t, struct slice s, size_t bytes_max)
{
	size_t from = t->len;

	for (size_t i = 0; i < s.len && t->len - from < bytes_max; i++) {
		if (is_plain(s.ptr[i]) || (t->len > 0 && memchr("._:/@+-", s.ptr[i], 7) != NULL))
			text_put_char(t, s.ptr[i]);
		else if (t->len > 0 && t->ptr[t->len - 1] != '-')
			text_put_char(t, '-');
	}
	if (t->len == 0)
		text_put(t, S("model"));
	/* No number behind it would make such a name free. */
	if (slice_starts(text_slice(t), S("workload/")))
		t->ptr[8] = '-';
}

struct slice
name_give(struct work *w, struct slice text, struct slice tail)
{
	char room[NAME_BYTES_MAX];
	struct text t;

	for (uint64_t n = 1;; n++) {
		/* Room for the tail, and for a number behind it. */
		text_init(&t, room, sizeof room);
		put_good(&t, text, sizeof room - tail.len - 8);
		text_put(&t, tail);
		if (n > 1) {
			text_put_char(&t, '-');
			text_put_number(&t, n);
		}
		must(!text_overflowed(&t));
		if (!is_taken(w, text_slice(&t)))
			return arena_copy(w->arena, text_slice(&t));
		if (arena_overflowed(w->arena))
			return slice_of(NULL, 0);
	}
}

struct public *
name_find(struct work *w, struct slice asked)
{
	for (uint32_t i = 0; i < w->public_count; i++)
		if (slice_eq(w->public[i].asked, asked))
			return &w->public[i];
	return NULL;
}

struct public *
name_add(struct work *w, struct slice asked)
{
	struct public *p;

	if (w->public_count == GROUP_MAX) {
		report_error(&w->in->report, NULL, SAY(S("there are more than 1024 names of models "
		    "and aliases")));
		return NULL;
	}
	p = &w->public[w->public_count];
	*p = (struct public){ .asked = asked, .alias_of = w->public_count };
	p->last = &p->fallback;
	w->public_count++;
	return p;
}

/* ---- variables ---- */

void
name_want(struct work *w, struct slice variable)
{
	struct import *in = w->in;

	for (uint32_t i = 0; i < in->variable_count; i++)
		if (slice_eq(in->variable[i], variable))
			return;
	if (in->variable_count < MODEL_MAX + 1)
		in->variable[in->variable_count++] = variable;
}

/* Capitals, digits and _, not beginning with a digit: what env: takes. */
static struct slice
variable_of(struct work *w, struct slice s, struct slice tail)
{
	char room[NAME_BYTES_MAX];
	struct text t;

	text_init(&t, room, sizeof room);
	for (size_t i = 0; i < s.len && t.len + tail.len + 8 < sizeof room; i++) {
		char c = s.ptr[i];

		if (c >= 'a' && c <= 'z')
			c = (char)(c - 'a' + 'A');
		if (t.len == 0 && c >= '0' && c <= '9')
			text_put_char(&t, '_');
		if (is_plain(c) || c == '_')
			text_put_char(&t, c);
		else if (t.len > 0 && t.ptr[t.len - 1] != '_')
			text_put_char(&t, '_');
	}
	if (t.len == 0)
		text_put(&t, S("MODEL"));
	text_put(&t, tail);
	return arena_copy(w->arena, text_slice(&t));
}

/* Where a name is in the table, or would be. */
static struct slice *
slot_of(const struct work *w, struct slice name)
{
	size_t at = hash_64(w->options->hash_key, name) & w->mentioned_mask;

	while (w->mentioned[at].ptr != NULL && !slice_eq(w->mentioned[at], name))
		at = (at + 1) & w->mentioned_mask;
	return &w->mentioned[at];
}

static size_t
count_texts(const struct node *node)
{
	uint32_t children = node->type == NODE_MAP ? 2 * node->count : node->count;
	size_t n = node->type == NODE_TEXT;

	for (uint32_t i = 0; i < children; i++)
		n += count_texts(&node->child[i]);
	return n;
}

/* Each os.environ/NAME; depth is bounded by CONF_DEPTH_MAX. */
static void
mention(struct work *w, const struct node *node)
{
	struct slice prefix = S(ENVIRONMENT), name;
	uint32_t children = node->type == NODE_MAP ? 2 * node->count : node->count;

	for (uint32_t i = 0; i < children; i++)
		mention(w, &node->child[i]);
	if (node->type != NODE_TEXT || !slice_starts(node->text, prefix))
		return;
	name = slice_cut(node->text, prefix.len, node->text.len);
	*slot_of(w, name) = name;
}

/* A table, because a file may have hundreds of thousands, and a thousand secrets that ask. */
bool
name_mention_all(struct work *w)
{
	size_t size = 16, texts = count_texts(w->root);

	while (size < 2 * texts)
		size *= 2;
	w->mentioned = arena_zero(w->arena, size * sizeof *w->mentioned);
	w->mentioned_mask = size - 1;
	if (w->mentioned == NULL)
		return false;
	mention(w, w->root);
	for (uint32_t i = 0; w->variables != NULL && i < w->variables->count; i++)
		*slot_of(w, node_key(w->variables, i)->text) = node_key(w->variables, i)->text;
	return true;
}

/* A variable of the file's own is not for a secret that it does not hold. */
static bool
is_variable_taken(const struct work *w, struct slice name)
{
	for (uint32_t i = 0; i < w->in->variable_count; i++)
		if (slice_eq(w->in->variable[i], name))
			return true;
	return slot_of(w, name)->ptr != NULL;
}

static struct slice
literal_variable(struct work *w, struct slice bytes, struct slice suggestion)
{
	struct slice base = variable_of(w, suggestion, S("_KEY")), name = base;
	char number[20];

	for (uint32_t i = 0; i < w->literal_count; i++)
		if (slice_eq(w->literal[i].bytes, bytes))
			return w->literal[i].variable;
	/* Not from 2 for each: as many may be taken as there were secrets before. */
	for (uint64_t n = w->literal_count < 2 ? 2 : w->literal_count + 1;
	    is_variable_taken(w, name) && !arena_overflowed(w->arena); n++)
		name = variable_of(w, base, report_number(number, n));
	w->literal[w->literal_count++] = (struct literal){ bytes, name };
	return name;
}

/*
 * What it says of the key's note is what a person has to do; the secret itself
 * is compared with others and goes nowhere.
 */
struct slice
name_variable(struct work *w, const struct pair *p, struct slice suggestion)
{
	struct slice prefix = S(ENVIRONMENT), text = p->value->text, name;

	if (!slice_starts(text, prefix)) {
		name = literal_variable(w, text, suggestion);
		note_text(w, p->key, IMPORT_TODO, SAY(S("a secret does not stand in a "
		    "configuration: put it into the environment as "), name,
		    S(", and take it out of this file")));
	} else {
		text = slice_cut(text, prefix.len, text.len);
		name = variable_of(w, text, S(""));
		if (!slice_eq(name, text))
			note_text(w, p->key, IMPORT_CHANGED, SAY(S("names of variables have "
			    "capitals, digits and _: put the key into "), name));
	}
	name_want(w, name);
	return name;
}
