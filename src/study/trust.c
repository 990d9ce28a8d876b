/* SPDX-License-Identifier: Apache-2.0 */
#include "study/trust.h"

#include "conf/resolve.h"

/* Names with commas between them; in quotes for JSON. */
struct list {
	struct text	*text;
	bool		 json;
	uint32_t	 count;
};

static void
add(struct list *l, struct slice name)
{
	if (l->count++ > 0)
		text_put(l->text, l->json ? S(",") : S(", "));
	if (l->json)
		text_put_json(l->text, name);
	else
		text_put(l->text, name);
}

static void
put_parts(struct list *l, const struct snapshot *s)
{
	for (unsigned i = 0; i < DETECTION_PARTS; i++)
		if ((s->detect_parts >> i & 1) != 0)
			add(l, detection_part[i]);
}

static void
put_off(struct list *l, const struct snapshot *s)
{
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (s->rules->type[i].off)
			add(l, weigh_type(s->rules, (enum detect_type)i)->name);
}

static bool
is_nothing(struct label l)
{
	return l.level == 0 && l.kinds == 0 && l.requires == 0 && l.regions == UINT64_MAX;
}

static void
put_combinations_off(struct list *l, const struct snapshot *s)
{
	for (unsigned i = 0; i < COMBINE_COUNT; i++)
		if (is_nothing(s->rules->combine[i]))
			add(l, combine_info((enum combine)i)->name);
}

static void
put_allowed(struct list *l, const struct snapshot *s, const struct handling *h)
{
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (weigh_has(h->allowed, i))
			add(l, weigh_type(s->rules, (enum detect_type)i)->name);
}

/* A line if there is anything to say. */
static void
put_line(struct text *t, struct slice what, void (*put)(struct list *, const struct snapshot *),
    const struct snapshot *s)
{
	struct list l = { .text = t };
	size_t from = t->len;

	text_put(t, what);
	put(&l, s);
	text_put_char(t, '\n');
	if (l.count == 0)
		t->len = from;
}

void
trust_put(struct text *t, const struct snapshot *s)
{
	if (s->detect_parts == 0) {
		text_put(t, S("  detection: nobody looks; labels come from x-trivium-label, from "
		    "floors of\n  workloads, and from parts that cannot be read (opaque)\n"));
		return;
	}
	put_line(t, S("  detection finds what there is to find, by: "), put_parts, s);
	put_line(t, S("  nobody looks for: "), put_off, s);
	put_line(t, S("  mean nothing together: "), put_combinations_off, s);
	for (uint32_t w = 0; w < s->workload_count; w++) {
		struct list l = { .text = t };

		if (!s->handling[w].allows)
			continue;
		text_put(t, S("  workload "));
		text_put(t, s->workload[w].name);
		text_put(t, S(" takes as harmless: "));
		put_allowed(&l, s, &s->handling[w]);
		text_put_char(t, '\n');
	}
}

static void
put_json_list(struct text *t, struct slice key,
    void (*put)(struct list *, const struct snapshot *), const struct snapshot *s)
{
	struct list l = { .text = t, .json = true };

	text_put(t, key);
	text_put_char(t, '[');
	put(&l, s);
	text_put_char(t, ']');
}

void
trust_put_json(struct text *t, const struct snapshot *s)
{
	bool first = true;

	text_put(t, s->detect_parts == 0 ? S("{\"enabled\":false") : S("{\"enabled\":true"));
	put_json_list(t, S(",\"parts\":"), put_parts, s);
	put_json_list(t, S(",\"off\":"), put_off, s);
	put_json_list(t, S(",\"combinations_off\":"), put_combinations_off, s);
	text_put(t, S(",\"allowed\":{"));
	for (uint32_t w = 0; w < s->workload_count; w++) {
		struct list l = { .text = t, .json = true };

		if (!s->handling[w].allows)
			continue;
		text_put(t, first ? S("") : S(","));
		text_put_json(t, s->workload[w].name);
		text_put(t, S(":["));
		put_allowed(&l, s, &s->handling[w]);
		text_put_char(t, ']');
		first = false;
	}
	text_put(t, S("}}"));
}
