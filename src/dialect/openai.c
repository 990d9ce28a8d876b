/* SPDX-License-Identifier: Apache-2.0 */
#include "dialect/openai.h"

#include "core/limit.h"
#include "dialect/openai_field.h"

/*
 * One field of a request: its node, and what it must be.  A field that is null
 * counts as not said, as OpenAI's own server has it.
 */
static uint32_t
find(const struct json *j, uint32_t object, struct slice name)
{
	uint32_t node = json_member(j, object, name);

	return node != 0 && json_type(j, node) == JSON_NULL ? 0 : node;
}

/* Their nodes, found in one pass over the members; 0 where there is none. */
struct fields {
	uint32_t	node[FIELD_COUNT];
};

static void
find_fields(const struct json *j, struct fields *out)
{
	*out = (struct fields){ { 0 } };
	for (uint32_t key = 1; key < j->node[0].next; key = j->node[key + 1].next) {
		enum openai_field f = openai_field_of(j, key);

		if (f < FIELD_COUNT)
			out->node[f] = key + 1;
	}
}

/* The node of a field that says something: null says nothing. */
static uint32_t
said(const struct json *j, const struct fields *fields, enum openai_field f)
{
	uint32_t node = fields->node[f];

	return node != 0 && json_type(j, node) == JSON_NULL ? 0 : node;
}

static enum err
fail(struct openai_fault *fault, enum err e, struct slice param, struct slice text)
{
	fault->param = param;
	fault->text = text;
	return e;
}

/* The field that an operation cannot do without. */
static enum err
check_input(const struct json *j, const struct fields *fields, enum operation operation,
    struct openai_fault *fault)
{
	uint32_t node;

	switch (operation) {
	case OPERATION_CHAT:
		if ((node = said(j, fields, FIELD_messages)) == 0)
			return fail(fault, ERR_FIELD_MISSING, S("messages"),
			    S("messages is required"));
		if (json_type(j, node) != JSON_ARRAY)
			return fail(fault, ERR_FIELD_TYPE, S("messages"),
			    S("messages must be an array"));
		if (j->node[node].count == 0)
			return fail(fault, ERR_FIELD_TYPE, S("messages"),
			    S("messages must have at least one message"));
		for (uint32_t i = node + 1; i < j->node[node].next; i = j->node[i].next)
			if (json_type(j, i) != JSON_OBJECT)
				return fail(fault, ERR_FIELD_TYPE, S("messages"),
				    S("every message must be an object"));
		return ERR_OK;
	case OPERATION_COMPLETION:
		if (said(j, fields, FIELD_prompt) == 0)
			return fail(fault, ERR_FIELD_MISSING, S("prompt"), S("prompt is required"));
		return ERR_OK;
	case OPERATION_EMBEDDING:
		if ((node = said(j, fields, FIELD_input)) == 0)
			return fail(fault, ERR_FIELD_MISSING, S("input"), S("input is required"));
		if (json_type(j, node) != JSON_STRING && json_type(j, node) != JSON_ARRAY)
			return fail(fault, ERR_FIELD_TYPE, S("input"),
			    S("input must be a string or an array"));
		return ERR_OK;
	case OPERATION_MODELS:
	case OPERATION_ROUTE:
	case OPERATION_CLASSIFY:
	case OPERATION_MASK:
		break;
	}
	return ERR_OK;
}

static enum err
read_stream(const struct json *j, const struct fields *fields, struct openai_ask *out,
    struct openai_fault *fault)
{
	uint32_t stream = said(j, fields, FIELD_stream);
	uint32_t options = fields->node[FIELD_stream_options];

	if (stream != 0 && json_type(j, stream) != JSON_TRUE && json_type(j, stream) != JSON_FALSE)
		return fail(fault, ERR_FIELD_TYPE, S("stream"), S("stream must be true or false"));
	out->stream = stream != 0 && json_type(j, stream) == JSON_TRUE;
	out->stream_options_node = options;
	if (options == 0 || json_type(j, options) == JSON_NULL)
		return ERR_OK;
	if (json_type(j, options) != JSON_OBJECT)
		return fail(fault, ERR_FIELD_TYPE, S("stream_options"),
		    S("stream_options must be an object"));
	out->include_usage_node = json_member(j, options, S("include_usage"));
	out->include_usage = out->include_usage_node != 0 &&
	    json_type(j, out->include_usage_node) == JSON_TRUE;
	return ERR_OK;
}

/* Answers to one request: each of its prompts is answered so many times. */
static bool
read_choices(const struct json *j, const struct fields *fields, uint64_t *out)
{
	uint32_t n = said(j, fields, FIELD_n), best = said(j, fields, FIELD_best_of);
	uint32_t prompt = said(j, fields, FIELD_prompt);
	uint64_t choices = 1, tried = 1, prompts = 1;

	if ((n != 0 && !json_integer(j, n, &choices)) ||
	    (best != 0 && !json_integer(j, best, &tried)))
		return false;
	/* A list of numbers is one prompt of tokens; any other list is of prompts. */
	if (prompt != 0 && json_type(j, prompt) == JSON_ARRAY && j->node[prompt].count > 0 &&
	    json_type(j, prompt + 1) != JSON_NUMBER)
		prompts = j->node[prompt].count;
	return !__builtin_mul_overflow(choices > tried ? choices : tried, prompts, out);
}

static enum err
read_limit(const struct json *j, const struct fields *fields, struct openai_ask *out,
    struct openai_fault *fault)
{
	static const enum openai_field names[] = { FIELD_max_completion_tokens, FIELD_max_tokens };
	uint64_t most = 0;

	for (size_t i = 0; i < 2; i++) {
		uint32_t node = said(j, fields, names[i]);
		uint64_t limit;

		if (node == 0)
			continue;
		if (!json_integer(j, node, &limit))
			return fail(fault, ERR_FIELD_TYPE, openai_field_name[names[i]],
			    S("a limit of tokens must be a whole number"));
		out->limited = true;
		out->limit_node[i] = node;
		most = most == 0 ? limit : most;
	}
	if (!read_choices(j, fields, &out->choices))
		return fail(fault, ERR_FIELD_TYPE, S("n"),
		    S("n and best_of must be whole numbers that are not too large"));
	if (__builtin_mul_overflow(most, out->choices, &out->output_max))
		return fail(fault, ERR_FIELD_TYPE, S("n"), S("n is too large"));
	return ERR_OK;
}

/* What requests ask for and answers say in `service_tier`. */
static enum price_service
service_of(const struct json *j, uint32_t tier)
{
	if (tier == 0)
		return SERVICE_USUAL;
	return json_is(j, tier, S("priority")) ? SERVICE_PRIORITY
	    : json_is(j, tier, S("flex")) || json_is(j, tier, S("batch")) ? SERVICE_BATCH
	    : SERVICE_USUAL;
}

enum err
openai_read(struct arena *a, const struct json *j, enum operation operation,
    struct openai_ask *out, struct openai_fault *fault)
{
	struct fields fields;
	enum err e;

	*out = (struct openai_ask){ 0 };
	if (json_type(j, 0) != JSON_OBJECT)
		return fail(fault, ERR_FIELD_TYPE, slice_of(NULL, 0),
		    S("the body must be a JSON object"));
	find_fields(j, &fields);
	out->model_node = said(j, &fields, FIELD_model);
	if (out->model_node == 0)
		return fail(fault, ERR_FIELD_MISSING, S("model"), S("model is required"));
	if (json_type(j, out->model_node) != JSON_STRING)
		return fail(fault, ERR_FIELD_TYPE, S("model"), S("model must be a string"));
	out->model = json_string(a, j, out->model_node);
	if (arena_overflowed(a))
		return ERR_MEMORY;
	out->service = service_of(j, said(j, &fields, FIELD_service_tier));
	if ((e = check_input(j, &fields, operation, fault)) != ERR_OK ||
	    (e = read_stream(j, &fields, out, fault)) != ERR_OK)
		return e;
	return operation == OPERATION_EMBEDDING ? ERR_OK : read_limit(j, &fields, out, fault);
}

#define USAGE_MEMBER	"\"stream_options\":{\"include_usage\":true},"

/* Asks for usage in whatever of stream_options the caller wrote. */
static bool
ask_for_usage(struct splice *s, const struct json *j, const struct openai_ask *ask)
{
	const struct json_node *node = j->node;
	uint32_t options = ask->stream_options_node;
	size_t at;

	if (json_type(j, options) == JSON_NULL)
		return splice_replace(s, node[options].start, node[options].end,
		    S("{\"include_usage\":true}"));
	if (ask->include_usage_node != 0)
		return splice_replace(s, node[ask->include_usage_node].start,
		    node[ask->include_usage_node].end, S("true"));
	at = node[options].start + 1;
	return splice_replace(s, at, at, node[options].count > 0
	    ? S("\"include_usage\":true,") : S("\"include_usage\":true"));
}

/* New members stand first: what the object begins with is the one place that is sure. */
static bool
insert_first(struct splice *s, const struct json *j, struct slice members)
{
	size_t at = j->node[0].start + 1;

	return members.len == 0 || splice_replace(s, at, at, members);
}

static bool
lower_limits(struct splice *s, const struct json *j, const struct openai_ask *ask,
    const struct openai_edit *edit)
{
	for (int i = 0; i < 2 && edit->output_max > 0; i++) {
		uint32_t node = ask->limit_node[i];
		uint64_t limit;

		if (node == 0 || !json_integer(j, node, &limit) || limit <= edit->output_max)
			continue;
		if (!splice_replace(s, j->node[node].start, j->node[node].end,
		    edit->output_max_text))
			return false;
	}
	return true;
}

bool
openai_prepare(struct splice *s, const struct json *j, const struct openai_ask *ask,
    const struct openai_edit *edit)
{
	const struct json_node *model = &j->node[ask->model_node];
	bool usage = edit->ask_usage && ask->stream && !ask->include_usage;

	splice_init(s, j->text);
	if (!slice_eq(json_raw(j, ask->model_node), edit->id_json) &&
	    !splice_replace(s, model->start, model->end, edit->id_json))
		return false;
	if (!insert_first(s, j, edit->insert) || !lower_limits(s, j, ask, edit))
		return false;
	if (!usage)
		return true;
	return ask->stream_options_node == 0 ? insert_first(s, j, S(USAGE_MEMBER))
	    : ask_for_usage(s, j, ask);
}

struct slice
openai_path(enum operation operation)
{
	switch (operation) {
	case OPERATION_CHAT:
		return S("/chat/completions");
	case OPERATION_COMPLETION:
		return S("/completions");
	case OPERATION_EMBEDDING:
		return S("/embeddings");
	case OPERATION_MODELS:
	case OPERATION_ROUTE:
	case OPERATION_CLASSIFY:
	case OPERATION_MASK:
		break;
	}
	return S("/models");
}

struct slice
openai_operation(enum operation operation)
{
	switch (operation) {
	case OPERATION_CHAT:
		return S("chat");
	case OPERATION_COMPLETION:
		return S("text_completion");
	case OPERATION_EMBEDDING:
		return S("embeddings");
	case OPERATION_ROUTE:
		return S("route");
	case OPERATION_CLASSIFY:
		return S("classify");
	case OPERATION_MASK:
		return S("mask");
	case OPERATION_MODELS:
		break;
	}
	return S("models");
}

enum operation
openai_operation_of(const struct json *j)
{
	if (json_member(j, 0, S("messages")) != 0)
		return OPERATION_CHAT;
	if (json_member(j, 0, S("prompt")) != 0)
		return OPERATION_COMPLETION;
	return json_member(j, 0, S("input")) != 0 ? OPERATION_EMBEDDING : OPERATION_CHAT;
}

/* What counts of an answer are called, by vendors that speak this dialect. */
struct counts {
	struct usage	usage;
	uint64_t	total;		/* of all tokens */
	uint64_t	created;	/* written to the cache, for minutes or for an hour */
	unsigned	said;		/* of these, or-ed */
};

enum said { SAID_NOTHING, SAID_INPUT = 1, SAID_OUTPUT = 2, SAID_TOTAL = 4 };

struct count {
	struct slice	name;
	size_t		at;	/* in struct counts */
	enum said	said;
};

#define NAME(text)		{ text, sizeof text - 1 }
#define COUNT(name, member)	{ NAME(name), offsetof(struct counts, member), SAID_NOTHING }
#define TOLD(name, member, said) { NAME(name), offsetof(struct counts, member), said }

static const struct count in_usage[] = {
	TOLD("prompt_tokens", usage.input, SAID_INPUT),
	TOLD("completion_tokens", usage.output, SAID_OUTPUT),
	TOLD("total_tokens", total, SAID_TOTAL),
	/* Moonshot; DeepSeek; Anthropic, and who passes it on. */
	COUNT("cached_tokens", usage.cached),
	COUNT("prompt_cache_hit_tokens", usage.cached),
	COUNT("cache_read_input_tokens", usage.cached),
	COUNT("cache_creation_input_tokens", created),
	/* Perplexity and xAI. */
	COUNT("num_search_queries", usage.tools),
	COUNT("num_sources_used", usage.tools),
};

static const struct count in_prompt[] = {
	COUNT("cached_tokens", usage.cached),
	COUNT("audio_tokens", usage.audio_in),
	COUNT("image_tokens", usage.image_in),
	/* As OpenRouter and LiteLLM pass it on. */
	COUNT("cache_write_tokens", created),
	COUNT("cache_creation_tokens", created),
};

static const struct count in_completion[] = {
	COUNT("reasoning_tokens", usage.reasoning),
	COUNT("audio_tokens", usage.audio_out),
	COUNT("image_tokens", usage.image_out),
};

/* Anthropic's, and of who passes them on. */
static const struct count in_creation[] = {
	COUNT("ephemeral_5m_input_tokens", usage.cache_write),
	COUNT("ephemeral_1h_input_tokens", usage.cache_write_1h),
};

static const struct count in_tools[] = {
	COUNT("web_search_requests", usage.tools),
};

#define PLACE(name, counts)	{ NAME(name), counts, sizeof counts / sizeof counts[0] }

/* Objects in `usage`. */
static const struct place {
	struct slice		 name;
	const struct count	*count;
	size_t			 counts;
} places[] = {
	PLACE("prompt_tokens_details", in_prompt),
	PLACE("completion_tokens_details", in_completion),
	PLACE("cache_creation", in_creation),
	PLACE("server_tool_use", in_tools),
};

/* False if it is no number of tokens; where several say the same, the most. */
static bool
read_count(const struct json *j, uint32_t node, const struct count *count, struct counts *out)
{
	uint64_t *at = (uint64_t *)(void *)((char *)out + count->at), n;

	if (json_type(j, node) == JSON_NULL)
		return true;
	if (!json_integer(j, node, &n) || n > USAGE_TOKENS_MAX)
		return false;
	if (n > *at)
		*at = n;
	out->said |= count->said;
	return true;
}

static bool
read_place(const struct json *j, uint32_t object, const struct place *place, struct counts *out)
{
	for (uint32_t key = object + 1; key < j->node[object].next; key = j->node[key + 1].next)
		for (size_t i = 0; i < place->counts; i++)
			if (json_is_name(j, key, place->count[i].name) &&
			    !read_count(j, key + 1, &place->count[i], out))
				return false;
	return true;
}

static bool
read_usage(const struct json *j, uint32_t usage, struct counts *out)
{
	static const struct place outer = PLACE("usage", in_usage);

	if (json_type(j, usage) != JSON_OBJECT || !read_place(j, usage, &outer, out))
		return false;
	for (uint32_t key = usage + 1; key < j->node[usage].next; key = j->node[key + 1].next) {
		if (json_type(j, key + 1) != JSON_OBJECT)
			continue;
		for (size_t i = 0; i < sizeof places / sizeof places[0]; i++)
			if (json_is_name(j, key, places[i].name) &&
			    !read_place(j, key + 1, &places[i], out))
				return false;
	}
	return true;
}

/*
 * Counts as price.tbl has them.  Vendors differ in whether cached tokens are in
 * prompt_tokens and reasoning is in completion_tokens (xAI and Gemini leave it out); where
 * the sums tell, a part that was left out is added, so that nothing is charged too low.
 */
static void
add_left_out(struct counts *c)
{
	struct usage *u = &c->usage;
	uint64_t cache;

	if (c->created > u->cache_write + u->cache_write_1h)
		u->cache_write = c->created - u->cache_write_1h;
	cache = u->cached + u->cache_write + u->cache_write_1h;
	if (cache > u->input)
		u->input += cache;
	if (u->audio_in + u->image_in > u->input)
		u->input += u->audio_in + u->image_in;
	if (u->reasoning > u->output)
		u->output += u->reasoning;
	if (u->audio_out + u->image_out > u->output)
		u->output += u->audio_out + u->image_out;
	if (c->total > u->input + u->output)
		u->output = c->total - u->input;
}

void
openai_usage(const struct json *j, struct usage *out)
{
	uint32_t usage = find(j, 0, S("usage"));
	struct counts counts = { .total = 0 };

	*out = (struct usage){ 0 };
	if (usage == 0)
		return;
	out->refused = !read_usage(j, usage, &counts);
	/* Embeddings say no completion_tokens, but their total. */
	if (out->refused || (counts.said & SAID_INPUT) == 0 ||
	    (counts.said & (SAID_OUTPUT | SAID_TOTAL)) == 0)
		return;
	add_left_out(&counts);
	*out = counts.usage;
	out->service = service_of(j, find(j, 0, S("service_tier")));
	out->known = true;
}

uint64_t
openai_answer_bytes(const struct json *j)
{
	uint32_t choices = find(j, 0, S("choices"));
	uint64_t bytes = 0;

	for (uint32_t i = choices + 1; choices != 0 && i < j->node[choices].next; i++)
		if (json_type(j, i) == JSON_STRING && !j->node[i].key)
			bytes += json_inside(j, i).len;
	return bytes;
}

bool
openai_is_usage_chunk(const struct json *j)
{
	uint32_t choices = json_member(j, 0, S("choices"));

	return choices != 0 && json_type(j, choices) == JSON_ARRAY && j->node[choices].count == 0 &&
	    find(j, 0, S("usage")) != 0;
}

enum err
openai_diagnose(int status)
{
	switch (status) {
	case 401:
	case 403:
		return ERR_UPSTREAM_KEY;
	case 404:
		return ERR_UPSTREAM_UNKNOWN;
	case 408:
	case 504:
		return ERR_UPSTREAM_TIMEOUT;
	case 429:
		return ERR_UPSTREAM_LIMITED;
	case 503:
	case 529:
		return ERR_UPSTREAM_BUSY;
	default:
		return status >= 400 && status < 500 ? ERR_UPSTREAM_REJECTED : ERR_UPSTREAM_FAILED;
	}
}

struct slice
openai_error_type(int status)
{
	switch (status) {
	case 401:
		return S("authentication_error");
	case 403:
		return S("permission_error");
	case 429:
		return S("rate_limit_error");
	default:
		return status >= 500 ? S("server_error") : S("invalid_request_error");
	}
}

static void
put_or_null(struct text *t, struct slice s)
{
	if (s.len > 0)
		text_put_json(t, s);
	else
		text_put(t, S("null"));
}

void
openai_put_error(struct text *t, const struct openai_error *error)
{
	text_put(t, S("{\"error\":{\"message\":"));
	text_put_json(t, error->message);
	text_put(t, S(",\"type\":"));
	text_put_json(t, error->type.len > 0 ? error->type : openai_error_type(error->status));
	text_put(t, S(",\"param\":"));
	put_or_null(t, error->param);
	text_put(t, S(",\"code\":"));
	put_or_null(t, error->code);
	text_put(t, S("}}"));
}
