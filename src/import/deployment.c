/* SPDX-License-Identifier: Apache-2.0 */
/*
 * deployment - an element of model_list becomes a model.
 *
 * What cannot become one is listed as a whole, with its reason; of what can,
 * each key has its note.
 */
#include "core/limit.h"
#include "import/work.h"

/* Longer than any model's name; a longer one is a mistake. */
#define ID_BYTES_MAX	512

static const struct {
	struct slice	name, word;
} features[] = {
#define FEATURE(name, word)	{ { name, sizeof(name) - 1 }, { word, sizeof(word) - 1 } },
#include "import/feature.tbl"
#undef FEATURE
};

/* Keys that servers without a lock are sent, because some client library wants one. */
static const struct slice no_key[] = {
	{ "none", 4 }, { "empty", 5 }, { "dummy", 5 }, { "fake", 4 }, { "fake-key", 8 },
	{ "dummy-key", 9 }, { "no-key", 6 }, { "not-needed", 10 }, { "unused", 6 },
	{ "anything", 8 }, { "ollama", 6 }, { "lm-studio", 9 },
};

struct pair
deployment_param(const struct deployment *d, struct slice key)
{
	struct pair p = note_find(d->params, key);

	if (p.value == NULL || p.value->type == NODE_EMPTY)
		p = note_find(d->values, key);
	return p;
}

/* ---- whose it is ---- */

static bool
has_star(struct slice s)
{
	return s.len > 0 && memchr(s.ptr, '*', s.len) != NULL;
}

/* What a header, a path and a YAML file can carry without a second thought. */
static bool
is_good_id(struct slice s)
{
	for (size_t i = 0; i < s.len; i++)
		if (s.ptr[i] <= 0x20 || s.ptr[i] >= 0x7f)
			return false;
	return s.len > 0 && s.len <= ID_BYTES_MAX;
}

/* Ways to say which of LiteLLM's ways to a model is meant; they are no part of its id. */
static void
cut_way(struct work *w, struct deployment *d)
{
	static const struct slice ways[] = {
		{ "o_series/", 9 }, { "gpt5_series/", 12 }, { "responses/", 10 },
	};

	if (!slice_eq(d->vendor->name, S("azure")) && !slice_eq(d->vendor->name, S("openai")))
		return;
	for (size_t i = 0; i < sizeof ways / sizeof ways[0]; i++) {
		if (!slice_starts(d->id, ways[i]))
			continue;
		d->id = slice_cut(d->id, ways[i].len, d->id.len);
		note_text(w, note_find(d->params, S("model")).key, IMPORT_CHANGED, SAY(S("`"),
		    ways[i], S("` was taken off: requests go to the path that the caller asks "
		    "for")));
	}
}

static struct slice
find_provider(struct work *w, struct deployment *d, struct slice model)
{
	struct pair custom = note_find(d->params, S("custom_llm_provider"));
	struct pair base = deployment_param(d, S("api_base"));
	size_t slash = slice_find(model, S("/"));
	struct slice first = slice_cut(model, 0, slash);

	d->id = model;
	if (value_is_text(w, &custom))
		d->provider = provider_find(first = custom.value->text);
	else if (slash < model.len)
		d->provider = provider_find(first);
	if (d->provider == NULL && slash == model.len)
		d->provider = provider_guess(model);
	if (slice_starts(model, first) && model.len > first.len && model.ptr[first.len] == '/' &&
	    d->provider != NULL)
		d->id = slice_cut(model, first.len + 1, model.len);
	if (d->provider == NULL && base.value != NULL && slash == model.len) {
		d->provider = provider_find(S("custom_openai"));
		note_text(w, note_find(d->params, S("model")).key, IMPORT_CHANGED, SAY(S("no "
		    "provider is named; the address is taken to speak the OpenAI API")));
	}
	if (d->provider == NULL)
		return S("its provider is not known here; if it has the OpenAI API, write a model "
		    "of vendor openai_compatible with its url");
	if (d->provider->vendor.len == 0)
		return d->provider->text;
	d->vendor = vendor_find(d->provider->vendor);
	must(d->vendor != NULL);
	return slice_of(NULL, 0);
}

static struct slice
find_vendor(struct work *w, struct deployment *d)
{
	struct pair model = note_find(d->params, S("model"));
	struct slice text, why;

	if (!value_text(w, model.value, &text))
		return S("its model is in an environment variable that is not set here");
	if (has_star(text) || has_star(w->public[d->public].asked))
		return S("there are no wildcards: write a model, with its `id`, for each one that "
		    "is used");
	why = find_provider(w, d, text);
	if (why.len > 0)
		return why;
	cut_way(w, d);
	if (!is_good_id(d->id))
		return S("what the provider calls it is empty, too long, or has a space or a "
		    "character that is not ASCII");
	return slice_of(NULL, 0);
}

/* Chat, completions and embeddings are served. */
static struct slice
find_mode(struct work *w, const struct deployment *d)
{
	struct pair mode = note_find(d->info, S("mode"));

	if (!value_is_text(w, &mode) || slice_eq(mode.value->text, S("chat")) ||
	    slice_eq(mode.value->text, S("completion")) || slice_eq(mode.value->text,
	    S("embedding")))
		return slice_of(NULL, 0);
	if (slice_eq(mode.value->text, S("responses"))) {
		note_text(w, mode.key, IMPORT_CHANGED, SAY(S("/v1/responses is not served yet; the "
		    "model answers chat completions, if the vendor does")));
		return slice_of(NULL, 0);
	}
	return S("its mode is none that is served yet; chat, completion and embedding are");
}

/* ---- what else is said of it ---- */

static void
read_key(struct work *w, struct deployment *d)
{
	struct pair p = deployment_param(d, S("api_key"));
	struct pair model = note_find(d->params, S("model"));
	struct slice name = w->public[d->public].asked;
	bool there = value_is_text(w, &p) && p.value->text.len > 0;

	for (size_t i = 0; there && d->own_address && i < sizeof no_key / sizeof no_key[0]; i++) {
		if (!slice_same_word(p.value->text, no_key[i]))
			continue;
		note_text(w, p.key, IMPORT_HARMLESS, SAY(S("a word that stands for no key; none is "
		    "sent")));
		return;
	}
	if (there && d->in_clear) {
		note_text(w, p.key, IMPORT_LOST, SAY(S("it would travel in clear; use https, and "
		    "write `key`")));
	} else if (there) {
		d->variable = name_variable(w, &p, name);
	} else if (!d->own_address && d->provider->key_env.len > 0) {
		d->variable = d->provider->key_env;
		name_want(w, d->variable);
		note_text(w, model.key, IMPORT_TODO, SAY(S("LiteLLM took its key from the "
		    "environment variable "), d->variable, S("; set it here too")));
	}
}

static void
read_version(struct work *w, struct deployment *d)
{
	struct pair p = deployment_param(d, S("api_version"));
	bool wants = (d->vendor->quirks & QUIRK_DEPLOYMENT_PATH) != 0;
	struct slice text = slice_of(NULL, 0);
	bool there = value_is_text(w, &p) && value_text(w, p.value, &text);

	if (!wants) {
		if (p.key != NULL)
			note_text(w, p.key, IMPORT_LOST, SAY(S("only azure has versions of its API "
			    "in requests")));
		return;
	}
	if (!there && p.key == NULL)
		there = value_variable(w, S("AZURE_API_VERSION"), &text);
	for (size_t i = 0; i < text.len; i++)
		there &= (text.ptr[i] >= '0' && text.ptr[i] <= '9') || text.ptr[i] == '-' ||
		    (text.ptr[i] >= 'a' && text.ptr[i] <= 'z');
	if (there && text.len > 0 && text.len <= 40 && text.ptr[0] != '-') {
		d->api_version = text;
		return;
	}
	d->api_version = S("2024-10-21");
	note_text(w, p.key != NULL ? p.key : note_find(d->params, S("model")).key, IMPORT_CHANGED,
	    SAY(S("azure wants an api_version and none can be read here; 2024-10-21 was "
	    "written")));
}

/* litellm_params comes before model_info. */
static struct slice
read_price(struct work *w, const struct deployment *d, struct slice key)
{
	struct pair p = note_find(d->params, key), q = note_find(d->info, key);

	if (p.value == NULL || p.value->type == NODE_EMPTY)
		return value_price(w, &q);
	if (q.value != NULL)
		note_text(w, q.key, IMPORT_HARMLESS, SAY(S("the one of litellm_params counts")));
	return value_price(w, &p);
}

static void
lose_price(struct work *w, const struct deployment *d, struct slice key)
{
	const struct node *maps[] = { d->params, d->info };

	for (size_t i = 0; i < 2; i++) {
		struct pair p = note_find(maps[i], key);

		if (p.key != NULL)
			note_text(w, p.key, IMPORT_LOST, SAY(S("a price has a number for input and "
			    "one for output; write both in `price`")));
	}
}

static void
read_prices(struct work *w, struct deployment *d)
{
	static const struct slice keys[] = {
		{ "input_cost_per_token", 20 }, { "output_cost_per_token", 21 },
		{ "cache_read_input_token_cost", 27 },
	};

	d->input = read_price(w, d, keys[0]);
	d->output = read_price(w, d, keys[1]);
	d->cached = read_price(w, d, keys[2]);
	if (d->input.len > 0 && d->output.len > 0)
		return;
	if (slice_eq(note_find(d->info, S("mode")).value == NULL ? S("")
	    : note_find(d->info, S("mode")).value->text, S("embedding")) && d->input.len > 0) {
		/* Embeddings have no output, so what it costs cannot matter. */
		d->output = S("0");
		return;
	}
	for (size_t i = 0; i < 3; i++)
		lose_price(w, d, keys[i]);
	d->input = d->output = slice_of(NULL, 0);
}

/* A whole number within bounds; 0 when it is not there or was not taken. */
static uint64_t
read_count(struct work *w, const struct node *map, struct slice key, uint64_t most)
{
	struct pair p = note_find(map, key);
	bool rounded;
	uint64_t n;

	if (p.key == NULL || !value_scaled(w, &p, 0, &n, &rounded))
		return 0;
	if (!rounded && n > 0 && n <= most)
		return n;
	note_text(w, p.key, IMPORT_LOST, SAY(S("it takes a whole number from 1, and not so large "
	    "a one")));
	return 0;
}

static void
read_timeouts(struct work *w, struct deployment *d)
{
	struct pair whole = note_find(d->params, S("timeout"));
	struct pair stream = note_find(d->params, S("stream_timeout"));
	uint64_t ms = 0, stream_ms = 0;
	bool rounded;

	d->first_byte_ms = w->first_byte_ms;
	if (whole.key != NULL && value_scaled(w, &whole, 3, &ms, &rounded)) {
		d->first_byte_ms = ms > 0 && ms < FIRST_BYTE_WAIT_MS ? ms : 0;
		if (ms == 0 || ms > FIRST_BYTE_WAIT_MS)
			note_text(w, whole.key, IMPORT_CHANGED, SAY(S("the first byte of an answer "
			    "is waited for five minutes at most")));
	}
	if (stream.key != NULL && value_scaled(w, &stream, 3, &stream_ms, &rounded) &&
	    stream_ms != d->first_byte_ms)
		note_text(w, stream.key, IMPORT_LOST, SAY(S("there is one `first_byte_ms` for both "
		    "kinds of requests; the longest silence inside a stream is `stall_ms`")));
}

static void
read_limits(struct work *w, struct deployment *d)
{
	struct pair order = note_find(d->params, S("order"));
	bool rounded;

	d->context = read_count(w, d->info, S("max_input_tokens"), 1000000000);
	d->concurrency = read_count(w, d->params, S("max_parallel_requests"), 1000000);
	d->requests = read_count(w, d->params, S("rpm"), 1000000000);
	read_timeouts(w, d);
	d->order = UINT64_MAX;
	if (order.key != NULL)
		(void)value_scaled(w, &order, 0, &d->order, &rounded);
}

static void
read_features(struct work *w, struct deployment *d)
{
	_Static_assert(sizeof features / sizeof features[0] < 64, "a bit each");
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
		struct pair p = note_find(d->info, features[i].name);

		if (!value_is_true(p.value))
			continue;
		d->features |= UINT64_C(1) << i;
		note_text(w, p.key, IMPORT_CARRIED, SAY(S("")));
	}
}

struct slice
deployment_feature(uint64_t *set)
{
	for (size_t i = 0; i < sizeof features / sizeof features[0]; i++) {
		if ((*set >> i & 1) == 0)
			continue;
		*set &= ~(UINT64_C(1) << i);
		return features[i].word;
	}
	return slice_of(NULL, 0);
}

/* ---- the element ---- */

static void
find_credential(struct work *w, struct deployment *d)
{
	struct pair p = note_find(d->params, S("litellm_credential_name"));
	struct pair list = note_find(w->root, S("credential_list"));

	if (!value_is_text(w, &p))
		return;
	for (uint32_t i = 0; list.value != NULL && list.value->type == NODE_LIST &&
	    i < list.value->count; i++) {
		const struct node *each = &list.value->child[i];
		struct pair name = note_find(each, S("credential_name"));
		struct pair values = note_find(each, S("credential_values"));

		if (name.value == NULL || !slice_eq(name.value->text, p.value->text))
			continue;
		d->values = values.value;
		return;
	}
	note_text(w, p.key, IMPORT_LOST, SAY(S("there is no such credential in credential_list; "
	    "write `key`")));
}

static void
walk(struct work *w, struct deployment *d)
{
	setting_walk(w, d->entry, ENTRY, d->path);
	setting_walk(w, d->params, PARAMS, d->params_path);
	if (d->info != NULL)
		setting_walk(w, d->info, INFO, note_path(w, d->path, S("model_info")));
}

/* Behind those with a lower or the same `order`, so that the file's order stays. */
static void
place_in_name(struct public *p, struct deployment *d)
{
	struct deployment **at = &p->first;

	while (*at != NULL && (*at)->order <= d->order)
		at = &(*at)->next;
	d->next = *at;
	*at = d;
}

/* False, with errors, if the element is not what LiteLLM itself would take. */
static bool
check_entry(struct work *w, struct deployment *d)
{
	struct report *report = &w->in->report;
	struct pair name = note_find(d->entry, S("model_name"));
	struct pair params = note_find(d->entry, S("litellm_params"));
	struct pair info = note_find(d->entry, S("model_info"));
	struct pair model = note_find(params.value, S("model"));
	uint32_t errors = report->errors;

	if (d->entry->type != NODE_MAP) {
		report_error(report, d->entry, SAY(S("an element of model_list is a map of "
		    "`model_name` and `litellm_params`")));
		return false;
	}
	if (name.value == NULL || name.value->type != NODE_TEXT || name.value->text.len == 0)
		report_error(report, name.value != NULL ? name.value : d->entry, SAY(
		    S("`model_name` must be there, and be text")));
	if (params.value == NULL || params.value->type != NODE_MAP)
		report_error(report, params.value != NULL ? params.value : d->entry, SAY(
		    S("`litellm_params` must be there, and be a map")));
	else if (model.value == NULL || model.value->type != NODE_TEXT)
		report_error(report, model.value != NULL ? model.value : params.value, SAY(
		    S("`litellm_params.model` must be there, and be text")));
	if (info.value != NULL && info.value->type != NODE_MAP && info.value->type != NODE_EMPTY)
		report_error(report, info.value, SAY(S("`model_info` must be a map")));
	d->params = params.value;
	d->info = info.value;
	return report->errors == errors;
}

/* All of one element; the result says why it is no model, or is empty. */
static struct slice
read_one(struct work *w, struct deployment *d)
{
	struct slice why = find_vendor(w, d);

	if (why.len == 0)
		why = find_mode(w, d);
	if (why.len == 0) {
		find_credential(w, d);
		why = place_find(w, d);
	}
	if (why.len > 0)
		return why;
	read_version(w, d);
	read_key(w, d);
	read_prices(w, d);
	read_limits(w, d);
	read_features(w, d);
	return slice_of(NULL, 0);
}

static void
read_element(struct work *w, const struct node *entry, uint32_t index, struct slice path)
{
	struct deployment *d = &w->deployment[w->deployment_count];
	struct public *p;
	struct slice why, asked;
	uint32_t mark;

	*d = (struct deployment){ .entry = entry, .index = index, .path = path };
	if (!check_entry(w, d))
		return;
	asked = note_find(entry, S("model_name")).value->text;
	d->params_path = note_path(w, path, S("litellm_params"));
	p = name_find(w, asked);
	if (p == NULL)
		p = name_add(w, asked);
	if (p == NULL)
		return;
	d->public = (uint32_t)(p - w->public);
	mark = w->in->note_count;
	walk(w, d);
	why = read_one(w, d);
	if (why.len > 0) {
		w->in->note_count = mark;
		note_add(w, entry, path, &(struct import_note){ .fate = IMPORT_LOST });
		note_text(w, entry, IMPORT_LOST, SAY(S("`"), asked, S("` is not carried over: "),
		    why));
		return;
	}
	if (p->first == NULL) {
		/* The first that has notes, so that these can be changed. */
		p->node = note_find(entry, S("model_name")).key;
		p->path = note_path(w, path, S("model_name"));
	}
	w->place_used[d->place] = true;
	w->deployment_count++;
	place_in_name(p, d);
}

void
deployment_read_all(struct work *w, const struct node *list)
{
	for (uint32_t i = 0; i < list->count && !report_is_full(&w->in->report); i++)
		read_element(w, &list->child[i], i, note_element(w, S("model_list"), i));
}
