/* SPDX-License-Identifier: Apache-2.0 */
/*
 * write - the result as YAML.
 *
 * A name with one model and nothing behind it is a model of that name; any
 * other is a group, whose models are named after it and their vendor.
 */
#include "conf/schema.h"
#include "core/limit.h"
#include "import/work.h"

/* LiteLLM follows fallbacks of fallbacks so deep. */
#define DEPTH_MAX	5

/* Who is in a group, in the order in which they are tried. */
struct members {
	const struct deployment	**each;
	uint32_t		 count;
	uint64_t		 has[MODEL_MAX / 64];
	uint64_t		 seen[GROUP_MAX / 64];	/* names */
};

/* The first to take a bit. */
static bool
take(uint64_t *set, uint32_t bit)
{
	uint64_t mask = UINT64_C(1) << bit % 64;
	bool free = (set[bit / 64] & mask) == 0;

	set[bit / 64] |= mask;
	return free;
}

static void
add_name(const struct work *w, struct members *m, uint32_t index, unsigned depth)
{
	const struct public *p = &w->public[index];
	const struct fallback *next = p->said[FALLBACK_GENERAL] ? NULL : w->general;

	if (depth > DEPTH_MAX || !take(m->seen, index))
		return;
	for (const struct deployment *d = w->public[p->alias_of].first; d != NULL; d = d->next)
		if (take(m->has, (uint32_t)(d - w->deployment)))
			m->each[m->count++] = d;
	for (const struct fallback *f = p->fallback; f != NULL; f = f->next)
		add_name(w, m, f->name, depth + 1);
	if (p->alias_of != index)
		add_name(w, m, p->alias_of, depth);
	for (; next != NULL; next = next->next)
		add_name(w, m, next->name, depth + 1);
}

static void
find_members(const struct work *w, struct members *m, uint32_t index)
{
	const struct deployment **each = m->each;

	*m = (struct members){ .each = each };
	add_name(w, m, index, 0);
}

static uint32_t
own_count(const struct public *p)
{
	uint32_t n = 0;

	for (const struct deployment *d = p->first; d != NULL; d = d->next)
		n++;
	return n;
}

/* ---- names ---- */

/* A name that is good as it is goes to whoever asked for it. */
static void
keep_name(struct work *w, struct public *p)
{
	const char *why;

	if (w->public[p->alias_of].first != NULL && schema_name(p->asked, &why) &&
	    !slice_eq(p->asked, S("auto")) && !slice_starts(p->asked, S("workload/")))
		p->name = p->asked;
}

static void
change_name(struct work *w, struct public *p)
{
	if (w->public[p->alias_of].first == NULL || p->name.len > 0)
		return;
	p->name = name_give(w, p->asked, S(""));
	note_text(w, p->node, IMPORT_CHANGED, SAY(S("`"), p->asked, S("` is no name here; callers "
	    "must ask for `"), p->name, S("`")));
}

static void
name_model(struct work *w, const struct public *p, struct deployment *d)
{
	char room[64];
	struct text t;

	text_init(&t, room, sizeof room);
	text_put_char(&t, '/');
	text_put(&t, d->vendor->name);
	d->name = name_give(w, p->name, text_slice(&t));
}

static void
name_all(struct work *w, struct members *m)
{
	for (uint32_t i = 0; i < w->public_count; i++)
		keep_name(w, &w->public[i]);
	for (uint32_t i = 0; i < w->public_count; i++)
		change_name(w, &w->public[i]);
	for (uint32_t i = 0; i < w->public_count; i++) {
		struct public *p = &w->public[i];

		if (p->first == NULL)
			continue;
		find_members(w, m, i);
		for (struct deployment *d = p->first; d != NULL; d = d->next)
			if (m->count == 1)
				d->name = p->name;
			else
				name_model(w, p, d);
	}
}

/* ---- YAML ---- */

static bool
is_plain(struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];

		if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
		    (i > 0 && ((c >= '0' && c <= '9') || memchr("._/-", c, 4) != NULL))))
			return false;
	}
	return s.len > 0 && !slice_same_word(s, S("null"));
}

static void
put_value(struct text *t, struct slice s)
{
	if (is_plain(s))
		text_put(t, s);
	else
		text_put_json(t, s);
}

static void
put_line(struct text *t, struct slice key, struct slice value)
{
	if (value.len == 0)
		return;
	text_put(t, key);
	put_value(t, value);
	text_put_char(t, '\n');
}

static void
put_count(struct text *t, struct slice key, uint64_t n)
{
	if (n == 0)
		return;
	text_put(t, key);
	text_put_number(t, n);
	text_put_char(t, '\n');
}

/* A name of a file may have any byte, and a comment ends with its line. */
static void
put_file(struct text *t, struct slice s)
{
	for (size_t i = 0; i < s.len && i < 160; i++)
		text_put_char(t, s.ptr[i] >= 0x20 && s.ptr[i] < 0x7f ? s.ptr[i] : '?');
}

static void
put_head(struct text *t, const struct work *w)
{
	const struct import *in = w->in;

	text_put(t, S("# Made by trivium import litellm from "));
	put_file(t, w->options->file);
	text_put(t, S(".\n# The command lists what was changed and what was lost on the way; run "
	    "it again to see it.\n# Prices that LiteLLM has built in are not here: where a model "
	    "has no `price`, its cost\n# is unknown.\n"));
	if (in->variable_count > 0)
		text_put(t, S("# Set in the environment:\n"));
	for (uint32_t i = 0; i < in->variable_count; i++) {
		text_put(t, S("#   "));
		text_put(t, in->variable[i]);
		text_put_char(t, '\n');
	}
	text_put(t, w->master.len > 0
	    ? S("# It listens on 127.0.0.1:8080; write `listen: \":4000\"` for other machines.\n\n")
	    : S("# There are no keys, so it listens on 127.0.0.1:8080 alone; add `keys` before "
	    "`listen`.\n\n"));
}

#define PLACE(name, text)	{ { name, sizeof(name) - 1 }, { text, sizeof(text) - 1 } }

static const struct {
	struct slice	name, text;
} places[PLACES] = {
	[PLACE_LOCAL] = PLACE("local",
"  # By address on this machine or in a private network.  Review: does your company run\n"
"  # each of them?  Then `level: regulated` may be right; else move them to another zone.\n"
"  local: {kind: on_prem, operator: self, clearance: {level: confidential, kinds: all}}\n"),
	[PLACE_PRIVATE] = PLACE("private",
"  # Azure, and addresses that do not tell who is behind them.  Review: whose are they, in\n"
"  # which region, under which agreement?  Until then no more than public APIs may see.\n"
"  private: {kind: private_cloud, clearance: {level: internal}}\n"),
	[PLACE_PUBLIC] = PLACE("public",
"  # APIs of vendors.  Review: `regions` and `holds` (dpa, zero_retention and so on) are not\n"
"  # said in a LiteLLM file, so content that needs them does not go here.\n"
"  public: {kind: public_api, clearance: {level: internal}}\n"),
};

static void
put_zones(struct text *t, const struct work *w)
{
	text_put(t, S("zones:\n"));
	for (enum abode place = 0; place < PLACES; place++)
		if (w->place_used[place])
			text_put(t, places[place].text);
}

static void
put_price(struct text *t, const struct deployment *d)
{
	if (d->input.len == 0)
		return;
	text_put(t, S("    price:\n      input_usd_per_million: "));
	text_put(t, d->input);
	text_put(t, S("\n      output_usd_per_million: "));
	text_put(t, d->output);
	if (d->cached.len > 0)
		text_put(t, S("\n      cached_input_usd_per_million: "));
	text_put(t, d->cached);
	text_put_char(t, '\n');
}

static void
put_features(struct text *t, const struct deployment *d)
{
	uint64_t set = d->features;

	if (set == 0)
		return;
	text_put(t, S("    features: ["));
	while (set != 0) {
		text_put(t, deployment_feature(&set));
		if (set != 0)
			text_put(t, S(", "));
	}
	text_put(t, S("]\n"));
}

static void
put_model(struct text *t, const struct deployment *d)
{
	text_put(t, S("  "));
	put_value(t, d->name);
	text_put(t, S(":  # line "));
	text_put_number(t, d->entry->line);
	text_put_char(t, '\n');
	put_line(t, S("    vendor: "), d->vendor->name);
	put_line(t, S("    zone: "), places[d->place].name);
	put_line(t, S("    id: "), d->id);
	put_line(t, S("    url: "), d->url);
	if (d->variable.len > 0) {
		text_put(t, S("    key: env:"));
		text_put(t, d->variable);
		text_put_char(t, '\n');
	}
	if (d->api_version.len > 0) {
		text_put(t, S("    api_version: "));
		text_put_json(t, d->api_version);
		text_put_char(t, '\n');
	}
	put_price(t, d);
	put_count(t, S("    context: "), d->context);
	put_count(t, S("    concurrency: "), d->concurrency);
	text_put(t, d->requests > 0 ? S("    limits:\n") : S(""));
	put_count(t, S("      requests_per_minute: "), d->requests);
	put_features(t, d);
	put_count(t, S("    first_byte_ms: "), d->first_byte_ms);
}

/*
 * `prefer` ranks all models of a group, fallbacks too, and these come last in
 * LiteLLM: so it is for groups that have none.
 */
static void
put_group(struct text *t, const struct work *w, const struct public *p, const struct members *m)
{
	bool ranked = m->count == own_count(&w->public[p->alias_of]) && m->count > 1;

	text_put(t, S("  "));
	put_value(t, p->name);
	text_put(t, S(":\n    models: ["));
	for (uint32_t i = 0; i < m->count; i++) {
		if (i > 0)
			text_put(t, S(", "));
		put_value(t, m->each[i]->name);
	}
	text_put(t, S("]\n"));
	if (ranked)
		put_line(t, S("    prefer: "), w->prefer);
}

static bool
is_group(const struct work *w, uint32_t index, const struct members *m)
{
	return w->public[index].alias_of != index || m->count > 1;
}

static void
put_groups(struct text *t, struct work *w, struct members *m)
{
	w->in->groups = 0;
	for (uint32_t i = 0; i < w->public_count && !text_overflowed(t); i++) {
		const struct public *p = &w->public[i];

		if (p->name.len == 0)
			continue;
		find_members(w, m, i);
		if (!is_group(w, i, m))
			continue;
		if (w->in->groups++ == 0)
			text_put(t, S("\ngroups:\n"));
		put_group(t, w, p, m);
	}
}

static void
put_all(struct text *t, struct work *w, struct members *m)
{
	put_head(t, w);
	put_zones(t, w);
	text_put(t, S("\nmodels:\n"));
	for (uint32_t i = 0; i < w->deployment_count; i++)
		put_model(t, &w->deployment[i]);
	put_groups(t, w, m);
	if (w->master.len == 0)
		return;
	text_put(t, S("\nkeys:\n  - id: master\n    secret: env:"));
	text_put(t, w->master);
	text_put_char(t, '\n');
}

/* Groups in which a strategy would have ranked fallbacks before a name's own models. */
static void
tell_unranked(struct work *w, struct members *m)
{
	struct pair strategy = note_find(note_find(w->root, S("router_settings")).value,
	    S("routing_strategy"));
	uint32_t own;

	for (uint32_t i = 0; w->prefer.len > 0 && i < w->public_count; i++) {
		own = own_count(&w->public[i]);
		find_members(w, m, i);
		if (own < 2 || m->count == own)
			continue;
		note_text(w, strategy.key, IMPORT_CHANGED, SAY(S("groups with fallbacks keep their "
		    "order, because `prefer` would rank the fallbacks too: `"),
		    w->public[i].name, S("` is one")));
		return;
	}
}

/* A name that was LiteLLM's to spread, without a word about how. */
static void
tell_spread(struct work *w)
{
	struct pair strategy = note_find(note_find(w->root, S("router_settings")).value,
	    S("routing_strategy"));

	for (uint32_t i = 0; strategy.key == NULL && i < w->public_count; i++) {
		struct public *p = &w->public[i];

		if (own_count(p) < 2)
			continue;
		note_add(w, p->node, p->path, &(struct import_note){ .fate = IMPORT_CHANGED,
		    .text = S("LiteLLM spreads requests over the deployments of a name; a group "
		    "asks the first, and the others when it fails, is busy or keeps failing "
		    "(`prefer: latency` takes the fastest)") });
	}
}

void
write_all(struct work *w)
{
	struct members *m = arena_zero(w->arena, sizeof *m);
	struct text t;

	if (m == NULL || (m->each = arena_zero(w->arena, MODEL_MAX * sizeof *m->each)) == NULL)
		return;
	name_all(w, m);
	tell_unranked(w, m);
	tell_spread(w);
	w->in->models = w->deployment_count;
	w->in->keys = w->master.len > 0;
	for (size_t bytes = 65536; bytes <= 2 * (size_t)CONF_BYTES_MAX; bytes *= 4) {
		char *room = arena_bytes(w->arena, bytes);

		if (room == NULL)
			return;
		text_init(&t, room, bytes);
		put_all(&t, w, m);
		if (text_overflowed(&t) || t.len > CONF_BYTES_MAX)
			continue;
		w->in->yaml = text_slice(&t);
		return;
	}
	report_error(&w->in->report, NULL, SAY(S("the result would be larger than a configuration "
	    "may be (8388608 bytes)")));
}
