/* SPDX-License-Identifier: Apache-2.0 */

/*
 * litellm - configurations of LiteLLM in, ours and a note for every key out.
 *
 * Whatever is made must load.  Every secret of the tests has "canary" in it,
 * and no output and no message may.
 */

#include "import/import.h"

#include "check.h"
#include "run/heap.h"
#include "yaml/node.h"
#include "core/limit.h"

static const struct hash_key hash_key = { { 3, 5 } };
static const struct import_options options = {
	.hash_key = &hash_key, .file = { "config.yaml", 11 }, .detached = true,
};

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static bool
has(struct slice s, const char *needle)
{
	return s.len > 0 && slice_find(s, text_of(needle)) < s.len;
}

/* Loads what was made; a mistake in it is printed. */
static struct snapshot *
load(struct slice yaml)
{
	struct conf_options conf = { .hash_key = &hash_key, .workers = 1, .detached = true };
	struct snapshot *snapshot = NULL;
	struct report report;
	char room[CONF_MESSAGE_BYTES];
	struct text t;

	report_init(&report, S("made"));
	if (conf_load(yaml, &conf, &report, &snapshot) != ERR_OK)
		for (uint32_t i = 0; i < report.count; i++) {
			text_init(&t, room, sizeof room);
			report_put(&report, i, &t);
			check_show("said", text_slice(&t));
		}
	report_release(&report);
	return snapshot;
}

static struct import
import(struct slice yaml, const char *why)
{
	struct import in;
	enum err e = import_litellm(yaml, &options, &in);
	struct snapshot *snapshot = e == ERR_OK ? load(in.yaml) : NULL;

	check((e == ERR_OK) == (in.yaml.len > 0) && (e == ERR_CONF) == (in.report.errors > 0),
	    "%s: a result, or errors", why);
	check(e != ERR_OK || snapshot != NULL, "%s: what is made loads", why);
	check(snapshot == NULL || (snapshot->model_count == in.models &&
	    snapshot->group_count == in.groups && snapshot->key_count == in.keys),
	    "%s: as much as is said", why);
	snapshot_unref(snapshot);
	return in;
}

/* The fate of a key, by its path; a later note about the same counts. */
static struct slice
fate_of(const struct import *in, const char *path)
{
	struct slice fate = S("no note");

	for (uint32_t i = 0; i < in->note_count; i++)
		if (slice_eq(in->note[i].path, text_of(path)) &&
		    (fate.len == 7 || in->note[i].fate != IMPORT_CARRIED))
			fate = import_fate_word(in->note[i].fate);
	return fate;
}

/* ---- what becomes of what ---- */

#define ONE(params)		"model_list: [{model_name: m, litellm_params: {" params "}}]\n"
#define WITH_INFO(info)									\
	"model_list: [{model_name: m, litellm_params: {model: openai/x, "		\
	"api_key: os.environ/K}, model_info: {" info "}}]\n"
#define THREE											\
	"model_list:\n"									\
	"  - {model_name: a, litellm_params: {model: openai/a1, api_key: os.environ/K}}\n"	\
	"  - {model_name: a, litellm_params: {model: groq/a2, api_key: os.environ/G}}\n"	\
	"  - {model_name: b, litellm_params: {model: ollama/b1}}\n"			\
	"  - {model_name: c, litellm_params: {model: mistral/c1, api_key: os.environ/M}}\n"

#define P	"model_list[0].litellm_params."
#define I	"model_list[0].model_info."

static const struct {
	const char *why, *in, *want, *path, *fate;
} cases[] = {
	{ "a vendor with its id", ONE("model: groq/llama-3.3, api_key: os.environ/G"), "  m:  # line 1\n    vendor: groq\n    zone: public\n    id: llama-3.3\n    key: env:G\n", P "api_key", "carried" },
	{ "only the first slash parts the provider from the id", ONE("model: openrouter/x/y/z, api_key: os.environ/K"), "vendor: openrouter\n    zone: public\n    id: x/y/z\n", P "model", "carried" },
	{ "a model of OpenAI needs no provider", ONE("model: gpt-4o, api_key: os.environ/K"), "vendor: openai\n    zone: public\n    id: gpt-4o\n", P "model", "carried" },
	{ "a provider of its own key", ONE("model: x/y, custom_llm_provider: deepseek, api_key: os.environ/K"), "vendor: deepseek\n    zone: public\n    id: x/y\n", P "custom_llm_provider", "carried" },
	{ "ollama has a usual port", ONE("model: ollama_chat/q"), "vendor: ollama\n    zone: local\n    id: q\n    url: \"http://127.0.0.1:11434\"\n", P "model", "carried" },
	{ "what speaks the OpenAI dialect elsewhere is not OpenAI", ONE("model: openai/q, api_base: 'https://llm.example.com/v1', api_key: os.environ/K"), "vendor: openai_compatible\n    zone: private\n    id: q\n    url: \"https://llm.example.com/v1\"\n    key: env:K\n", P "api_base", "carried" },
	{ "an address without a path gets a version", ONE("model: openai/q, api_base: 'https://llm.example.com'"), "url: \"https://llm.example.com\"\n", P "api_base", "changed" },
	{ "OpenAI's own address stays OpenAI", ONE("model: openai/q, api_base: 'https://api.openai.com/v1', api_key: os.environ/K"), "vendor: openai\n    zone: public\n", P "api_base", "carried" },
	{ "azure: a deployment, a version, and no slash at the end", ONE("model: azure/d, api_base: 'https://r.openai.azure.com/', api_version: '2024-06-01', api_key: os.environ/K"), "vendor: azure\n    zone: private\n    id: d\n    url: \"https://r.openai.azure.com\"\n    key: env:K\n    api_version: \"2024-06-01\"\n", P "api_version", "carried" },
	{ "azure without a version gets one, and it is told", ONE("model: azure/d, api_base: 'https://r.openai.azure.com', api_key: os.environ/K"), "api_version: \"2024-10-21\"\n", P "model", "changed" },
	{ "azure's address ends before /openai", ONE("model: azure/o_series/d, api_base: 'https://r.openai.azure.com/openai/deployments/d', api_version: v1"), "id: d\n    url: \"https://r.openai.azure.com\"\n", P "api_base", "changed" },
	{ "a private address is local", ONE("model: hosted_vllm/q, api_base: 'http://10.1.2.3:8000/v1'"), "vendor: vllm\n    zone: local\n", P "api_base", "carried" },
	{ "a name without a dot is local", ONE("model: hosted_vllm/q, api_base: 'http://vllm:8000/v1'"), "zone: local\n", P "api_base", "carried" },
	{ "a name with dots may be anybody's", ONE("model: hosted_vllm/q, api_base: 'https://vllm.example.com/v1'"), "zone: private\n", P "api_base", "carried" },
	{ "0.0.0.0 becomes this machine", ONE("model: openai/q, api_base: 'http://0.0.0.0:4000/v1'"), "url: \"http://127.0.0.1:4000/v1\"\n", P "api_base", "changed" },
	{ "a key does not travel in clear", ONE("model: openai/q, api_base: 'http://8.8.8.8/v1', api_key: os.environ/K"), "url: \"http://8.8.8.8/v1\"\n", P "api_key", "lost" },
	{ "an address that is not known here gets a stand-in", ONE("model: azure/q, api_base: os.environ/BASE, api_version: v1"), "url: \"https://write-the-address-here.invalid\"\n", P "api_base", "lost" },
	{ "an address of environment_variables is known", ONE("model: azure/q, api_base: os.environ/BASE, api_version: v1") "environment_variables: {BASE: 'https://r.example'}\n", "url: \"https://r.example\"\n", "environment_variables.BASE", "carried" },
	{ "a literal key becomes a variable", ONE("model: openai/q, api_key: sk-canary"), "key: env:M_KEY\n", P "api_key", "todo" },
	{ "a variable in small letters is renamed", ONE("model: openai/q, api_key: os.environ/my-key"), "key: env:MY_KEY\n", P "api_key", "changed" },
	{ "a made-up variable is not one that the file has", ONE("model: openai/q, api_key: sk-canary") "general_settings: {master_key: os.environ/M_KEY}\n", "key: env:M_KEY2\n", P "api_key", "todo" },
	{ "without a key LiteLLM's usual variable is meant", ONE("model: together_ai/q"), "key: env:TOGETHERAI_API_KEY\n", P "model", "todo" },
	{ "a word that is no key is none", ONE("model: openai/q, api_base: 'http://localhost:1/v1', api_key: EMPTY"), "    url: \"http://localhost:1/v1\"\n", P "api_key", "harmless" },
	{ "a credential of the list", ONE("model: openai/q, litellm_credential_name: c") "credential_list: [{credential_name: c, credential_values: {api_key: os.environ/C, x: 1}}]\n", "key: env:C\n", "credential_list[0].credential_values.x", "lost" },
	{ "prices per token become prices per million", ONE("model: openai/q, api_key: os.environ/K, input_cost_per_token: 1.5e-07, output_cost_per_token: 0.0000006"), "input_usd_per_million: 0.15\n      output_usd_per_million: 0.6\n", P "input_cost_per_token", "carried" },
	{ "prices of model_info count too", WITH_INFO("input_cost_per_token: 0.000001, output_cost_per_token: 2e-6, cache_read_input_token_cost: 1e-7"), "input_usd_per_million: 1\n      output_usd_per_million: 2\n      cached_input_usd_per_million: 0.1\n", I "input_cost_per_token", "carried" },
	{ "half a price is none", ONE("model: openai/q, api_key: os.environ/K, input_cost_per_token: 1e-6"), "key: env:K\n", P "input_cost_per_token", "lost" },
	{ "a price that is too fine is rounded up", ONE("model: openai/q, api_key: os.environ/K, input_cost_per_token: 1.00000001e-7, output_cost_per_token: 0"), "input_usd_per_million: 0.100001\n", P "input_cost_per_token", "changed" },
	{ "the context", WITH_INFO("max_input_tokens: 128000"), "context: 128000\n", I "max_input_tokens", "carried" },
	{ "what a model can do", WITH_INFO("supports_vision: true, supports_function_calling: True, supports_reasoning: false"), "features: [tools, vision]\n", I "supports_reasoning", "harmless" },
	{ "how many at once", ONE("model: openai/q, api_key: os.environ/K, max_parallel_requests: 7"), "concurrency: 7\n", P "max_parallel_requests", "carried" },
	{ "a timeout", ONE("model: openai/q, api_key: os.environ/K, timeout: 12.5"), "first_byte_ms: 12500\n", P "timeout", "carried" },
	{ "a timeout that is too long", ONE("model: openai/q, api_key: os.environ/K, timeout: 6000"), "key: env:K\n", P "timeout", "changed" },
	{ "a timeout of streams that is another", ONE("model: openai/q, api_key: os.environ/K, timeout: 30, stream_timeout: 5"), "first_byte_ms: 30000\n", P "stream_timeout", "lost" },
	{ "a timeout of the router is every model's", ONE("model: openai/q, api_key: os.environ/K") "router_settings: {timeout: 9}\n", "first_byte_ms: 9000\n", "router_settings.timeout", "carried" },
	{ "requests a minute", ONE("model: openai/q, api_key: os.environ/K, rpm: 9"), "    limits:\n      requests_per_minute: 9\n", P "rpm", "carried" },
	{ "tokens a minute are two limits here", ONE("model: openai/q, api_key: os.environ/K, tpm: 9"), "key: env:K\n", P "tpm", "lost" },
	{ "what nobody knows is lost", ONE("model: openai/q, api_key: os.environ/K, frobnicate: 9"), "key: env:K\n", P "frobnicate", "lost" },
	{ "what is off is not lost", THREE "litellm_settings: {cache: false, callbacks: [], max_budget: null}\n", "  a:\n", "litellm_settings.cache", "harmless" },
	{ "the key of the master", THREE "general_settings: {master_key: sk-canary}\n", "keys:\n  - id: master\n    secret: env:LITELLM_MASTER_KEY\n", "general_settings.master_key", "todo" },
	{ "several deployments are a group, in their order", THREE, "  a:\n    models: [a/openai, a/groq]\n", "model_list[0].model_name", "changed" },
	{ "`order` is before the file's order", "model_list:\n  - {model_name: a, litellm_params: {model: openai/x, api_key: os.environ/K, order: 2}}\n  - {model_name: a, litellm_params: {model: groq/x, order: 1}}\n", "models: [a/groq, a/openai]\n", P "order", "carried" },
	{ "one vendor twice has two names", "model_list:\n  - {model_name: a, litellm_params: {model: ollama/x}}\n  - {model_name: a, litellm_params: {model: ollama/y}}\n", "models: [a/ollama, a/ollama-2]\n", P "model", "carried" },
	{ "routing by latency", THREE "router_settings: {routing_strategy: latency-based-routing}\n", "models: [a/openai, a/groq]\n    prefer: latency\n", "router_settings.routing_strategy", "carried" },
	{ "routing by cost", THREE "router_settings: {routing_strategy: cost-based-routing}\n", "    prefer: cost\n", "router_settings.routing_strategy", "carried" },
	{ "shuffling has no equal", THREE "router_settings: {routing_strategy: simple-shuffle}\n", "models: [a/openai, a/groq]\n\0", "router_settings.routing_strategy", "changed" },
	{ "fallbacks do not take part in a ranking", THREE "router_settings: {routing_strategy: cost-based-routing, fallbacks: [{a: [b]}]}\n", "models: [a/openai, a/groq, b]\n", "router_settings.routing_strategy", "changed" },
	{ "fallbacks follow", THREE "litellm_settings: {fallbacks: [{a: [c, b]}]}\n", "  a:\n    models: [a/openai, a/groq, c, b]\n", "litellm_settings.fallbacks[0].a", "carried" },
	{ "and what follows them", THREE "litellm_settings: {fallbacks: [{b: [c]}, {c: [a]}]}\n", "  b:\n    models: [b/ollama, c/mistral, a/openai, a/groq]\n", "litellm_settings.fallbacks[1].c", "carried" },
	{ "a circle of fallbacks ends", THREE "litellm_settings: {fallbacks: [{b: [c]}, {c: [b]}]}\n", "  c:\n    models: [c/mistral, b/ollama]\n", "litellm_settings.fallbacks[1].c", "carried" },
	{ "the router's fallbacks count", THREE "litellm_settings: {fallbacks: [{b: [a]}]}\nrouter_settings: {fallbacks: [{b: [c]}]}\n", "  b:\n    models: [b/ollama, c]\n", "litellm_settings.fallbacks", "harmless" },
	{ "default fallbacks are for names without their own", THREE "litellm_settings: {fallbacks: [{a: [b]}], default_fallbacks: [c]}\n", "  b:\n    models: [b/ollama, c]\n", "litellm_settings.default_fallbacks", "carried" },
	{ "fallbacks for a full context follow too", THREE "litellm_settings: {context_window_fallbacks: [{b: [c]}]}\n", "models: [b/ollama, c]\n", "litellm_settings.context_window_fallbacks[0].b", "changed" },
	{ "and those for a policy", THREE "router_settings: {content_policy_fallbacks: [{b: [c]}]}\n", "models: [b/ollama, c]\n", "router_settings.content_policy_fallbacks[0].b", "changed" },
	{ "a fallback that is not there", THREE "litellm_settings: {fallbacks: [{b: [nobody, c]}]}\n", "models: [b/ollama, c]\n", "litellm_settings.fallbacks[0].b[0]", "lost" },
	{ "a fallback with parameters", THREE "litellm_settings: {fallbacks: [{b: [{model: c}]}]}\n", "  b:  # line 4\n", "litellm_settings.fallbacks[0].b[0]", "lost" },
	{ "fallbacks of a name that is not there", THREE "litellm_settings: {fallbacks: [{nobody: [b]}]}\n", "  b:  # line 4\n", "litellm_settings.fallbacks[0].nobody", "lost" },
	{ "a name without fallbacks", THREE "litellm_settings: {fallbacks: [{b: null}]}\n", "  b:  # line 4\n", "litellm_settings.fallbacks[0].b", "harmless" },
	{ "an alias is a group", THREE "router_settings: {model_group_alias: {x: a, y: b}}\n", "  x:\n    models: [a/openai, a/groq]\n  y:\n    models: [b]\n", "router_settings.model_group_alias.x", "carried" },
	{ "an alias has the fallbacks of what it stands for", THREE "router_settings: {model_group_alias: {x: {model: b, hidden: true}}, fallbacks: [{b: [c]}]}\n", "  x:\n    models: [b/ollama, c]\n", "router_settings.model_group_alias.x.hidden", "changed" },
	{ "an alias with a model's name", THREE "router_settings: {model_group_alias: {a: b}}\n", "  a:\n    models: [a/openai, a/groq]\n", "router_settings.model_group_alias.a", "lost" },
	{ "an alias for nothing", THREE "router_settings: {model_group_alias: {x: nobody}}\n", "  b:  # line 4\n", "router_settings.model_group_alias.x", "lost" },
	{ "a name that cannot be one here", "model_list: [{model_name: 'my model!', litellm_params: {model: ollama/x}}]\n", "  my-model-:  # line 1\n", "model_list[0].model_name", "changed" },
	{ "auto means something here", "model_list: [{model_name: auto, litellm_params: {model: ollama/x}}]\n", "  auto-2:  # line 1\n", "model_list[0].model_name", "changed" },
	{ "names that begin like those of workloads", "model_list: [{model_name: workload/x, litellm_params: {model: ollama/x}}]\n", "  workload-x:  # line 1\n", "model_list[0].model_name", "changed" },
	{ "also when only cleaning makes them so", "model_list: [{model_name: ' workload/x', litellm_params: {model: ollama/x}}]\n", "  workload-x:  # line 1\n", "model_list[0].model_name", "changed" },
	{ "two names that become one", "model_list:\n  - {model_name: a b, litellm_params: {model: ollama/x}}\n  - {model_name: a-b, litellm_params: {model: ollama/y}}\n", "  a-b-2:  # line 2\n", "model_list[0].model_name", "changed" },
	{ "a wildcard", THREE "  - {model_name: 'openai/*', litellm_params: {model: 'openai/*', api_key: sk-canary}}\n", "  b:  # line 4\n", "model_list[4]", "lost" },
	{ "a dialect that is not built", THREE "  - {model_name: d, litellm_params: {model: bedrock/x, aws_region_name: y}}\n", "  b:  # line 4\n", "model_list[4]", "lost" },
	{ "a provider that nobody knows", THREE "  - {model_name: d, litellm_params: {model: frob/x}}\n", "  b:  # line 4\n", "model_list[4]", "lost" },
	{ "an address with a password", THREE "  - {model_name: d, litellm_params: {model: openai/x, api_base: 'https://u:canary@h/v1'}}\n", "  b:  # line 4\n", "model_list[4]", "lost" },
	{ "an address where nothing is sent", THREE "  - {model_name: d, litellm_params: {model: openai/x, api_base: 'http://169.254.169.254/v1'}}\n", "  b:  # line 4\n", "model_list[4]", "lost" },
	{ "a mode that is not served", THREE "  - {model_name: d, litellm_params: {model: openai/x}, model_info: {mode: image_generation}}\n", "  b:  # line 4\n", "model_list[4]", "lost" },
	{ "a first deployment that is lost, and a second with a bad name", "model_list:\n  - {model_name: a b, litellm_params: {model: bedrock/x}}\n  - {model_name: a b, litellm_params: {model: ollama/x}}\n", "  a-b:  # line 3\n", "model_list[1].model_name", "changed" },
	{ "a file of no meaning here", THREE "include: [x.yaml]\nguardrails: [{guardrail_name: g}]\n", "  b:  # line 4\n", "include", "lost" },
	{ "variables that nothing asks for", THREE "environment_variables: {X: canary, K: canary}\n", "  b:  # line 4\n", "environment_variables.X", "harmless" },
	{ "variables that a model asks for", THREE "environment_variables: {K: canary}\n", "  b:  # line 4\n", "environment_variables.K", "todo" },
};

static void
check_no_canary(struct import *in, const char *why)
{
	struct slice json = import_json(in, true);

	check(json.len > 0 && json.ptr[json.len - 1] == '\n' && !has(json, "canary"),
	    "%s: no secret in the report", why);
	check(!has(in->yaml, "canary"), "%s: no secret in the result", why);
}

static void
check_cases(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct import in = import(text_of(cases[i].in), cases[i].why);

		if (!check(has(in.yaml, cases[i].want), "%s: is written", cases[i].why))
			check_show("yaml", slice_cut(in.yaml, slice_find(in.yaml, S("models:")),
			    in.yaml.len));
		check_slice(fate_of(&in, cases[i].path), text_of(cases[i].fate), "%s: its fate",
		    cases[i].why);
		check_no_canary(&in, cases[i].why);
		import_release(&in);
	}
}

/* ---- law: no key without a note ---- */

/* A note that says carried says it of one key; any other says it of all that stands in it. */
static bool
has_note(const struct import *in, const struct node *node, bool *of_all)
{
	bool found = false;

	for (uint32_t i = 0; i < in->note_count; i++) {
		if (in->note[i].line != node->line || in->note[i].column != node->column)
			continue;
		found = true;
		*of_all |= in->note[i].fate != IMPORT_CARRIED;
	}
	return found;
}

static uint32_t
count_silent(const struct import *in, const struct node *node, bool covered)
{
	uint32_t silent = 0;

	for (uint32_t i = 0; node->type == NODE_LIST && i < node->count; i++) {
		bool inside = covered;

		(void)has_note(in, &node->child[i], &inside);
		silent += count_silent(in, &node->child[i], inside);
	}
	for (uint32_t i = 0; node->type == NODE_MAP && i < node->count; i++) {
		bool inside = covered;

		silent += !has_note(in, node_key(node, i), &inside) && !covered;
		silent += count_silent(in, node_value(node, i), inside);
	}
	return silent;
}

static void
check_all_noted(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct import in = import(text_of(cases[i].in), cases[i].why);
		const struct node *root;
		struct report report;
		struct arena arena;

		arena_init(&arena, heap_memory(), CONF_ARENA_MAX);
		report_init(&report, S("t"));
		root = node_parse(&arena, text_of(cases[i].in), &hash_key, &report);
		check_or_stop(root != NULL, "%s: is YAML", cases[i].why);
		check_int(count_silent(&in, root, false), 0, "%s: every key has a note, or what it "
		    "stands in", cases[i].why);
		report_release(&report);
		arena_release(&arena);
		import_release(&in);
	}
}

/* ---- prices ---- */

static const struct {
	const char *why, *cost, *want;
} prices[] = {
	{ "an exponent", "1.5e-07", "0.15" },
	{ "an exponent with a capital", "3E-6", "3" },
	{ "no exponent", "0.00000025", "0.25" },
	{ "a whole number", "1", "1000000" },
	{ "a positive exponent", "0.000000000001e6", "1" },
	{ "nothing", "0", "0" },
	{ "nothing, in many digits", "0.000e-9", "0" },
	{ "text in quotes, as LiteLLM takes it", "'2.5e-06'", "2.5" },
	{ "six decimals", "1.23456e-07", "0.123456" },
	{ "seven are rounded up", "1.2345601e-07", "0.123457" },
	{ "the noise of floating point is rounded up", "3.0000000000000004e-07", "0.300001" },
	{ "more digits than fit are rounded up", "0.0000001000000000000000000000000000000001", "0.100001" },
	{ "very small is the smallest", "1e-300", "0.000001" },
	{ "a dot first", ".000001", "1" },
	{ "a dot last", "0.e-6", "0" },
};

static void
check_prices(void)
{
	for (size_t i = 0; i < COUNT_OF(prices); i++) {
		char yaml[512], want[128];
		struct import in;

		snprintf(yaml, sizeof yaml, ONE("model: ollama/x, input_cost_per_token: 0, "
		    "output_cost_per_token: %s"), prices[i].cost);
		snprintf(want, sizeof want, "output_usd_per_million: %s\n", prices[i].want);
		in = import(text_of(yaml), prices[i].why);
		check(has(in.yaml, want), "a price: %s", prices[i].why);
		import_release(&in);
	}
}

/* ---- files that are wrong ---- */

static const struct {
	const char *why, *in;
	uint32_t line, column;
	const char *says;
} wrong[] = {
	{ "nothing", "", 0, 0, "must be a map" },
	{ "no YAML", "model_list: [", 2, 1, "this is not YAML" },
	{ "a list", "[a]", 1, 1, "must be a map" },
	{ "no list of models", "litellm_settings: {}\n", 1, 1, "no `model_list`" },
	{ "an empty one", "model_list: []\n", 1, 13, "at least one" },
	{ "a map for it", "model_list: {a: b}\n", 1, 13, "must be a list" },
	{ "an element that is no map", "model_list: [a]\n", 1, 14, "is a map of" },
	{ "no name", "model_list: [{litellm_params: {model: a/b}}]\n", 1, 14, "`model_name`" },
	{ "a name that is a list", "model_list: [{model_name: [a], litellm_params: {model: a/b}}]\n", 1, 27, "`model_name`" },
	{ "no parameters", "model_list: [{model_name: a}]\n", 1, 14, "`litellm_params`" },
	{ "no model", "model_list: [{model_name: a, litellm_params: {}}]\n", 1, 46, "`litellm_params.model`" },
	{ "a key that is a list", ONE("model: openai/x, api_key: [canary]"), 1, 73, "must be text" },
	{ "a price that is none", ONE("model: openai/x, input_cost_per_token: canary"), 1, 86, "must be a number" },
	{ "a negative price", ONE("model: openai/x, input_cost_per_token: -1"), 1, 86, "must be a number" },
	{ "a price that never ends", ONE("model: openai/x, input_cost_per_token: 1e"), 1, 86, "must be a number" },
	{ "settings that are a list", THREE "router_settings: [a]\n", 6, 18, "must be a map" },
	{ "fallbacks that are a map", THREE "litellm_settings: {fallbacks: {a: [b]}}\n", 6, 31, "must be a list" },
	{ "a fallback that is a word", THREE "litellm_settings: {fallbacks: [a]}\n", 6, 32, "is a map" },
	{ "aliases that are a list", THREE "router_settings: {model_group_alias: [a]}\n", 6, 38, "must be a map" },
	{ "anchors", "model_list: &a [x]\n", 1, 13, "anchors" },
	{ "a key that stands twice", "model_list: [{model_name: a, model_name: b}]\n", 1, 30, "stands twice" },
	{ "a tab", "model_list:\n\t- a\n", 2, 1, "no tab" },
	{ "two documents", "model_list: []\n---\na: b\n", 2, 1, "second document" },
	{ "nothing that can be carried over", ONE("model: bedrock/x, aws_secret_access_key: canary"), 1, 13, "none of these" },
};

static void
check_wrong(void)
{
	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct import in = import(text_of(wrong[i].in), wrong[i].why);
		char room[CONF_MESSAGE_BYTES];
		struct text t;

		text_init(&t, room, sizeof room);
		if (check(in.report.count > 0, "%s: is a mistake", wrong[i].why)) {
			report_put(&in.report, 0, &t);
			check_int(in.report.message[0].line, wrong[i].line, "%s: its line",
			    wrong[i].why);
			check_int(in.report.message[0].column, wrong[i].column, "%s: its column",
			    wrong[i].why);
			if (!check(has(text_slice(&t), wrong[i].says), "%s: what it says",
			    wrong[i].why))
				check_show("said", text_slice(&t));
			check(in.report.message[0].hide, "%s: its line is not shown", wrong[i].why);
		}
		check_no_canary(&in, wrong[i].why);
		import_release(&in);
	}
}

/* ---- large ---- */

static void
check_large(void)
{
	size_t bytes = (size_t)CONF_BYTES_MAX + 1;
	char *room = malloc(bytes);
	struct import in;
	struct text t;

	check_or_stop(room != NULL, "there is memory");
	memset(room, ' ', bytes);
	in = import(slice_of(room, bytes), "a file that is too large");
	check(in.report.errors == 1, "a file that is too large is refused");
	import_release(&in);
	text_init(&t, room, bytes);
	text_put(&t, S("model_list:\n"));
	for (int i = 0; i < MODEL_MAX; i++)
		text_put(&t, S("- {model_name: a, litellm_params: {model: ollama/x}}\n"));
	in = import(text_slice(&t), "as many models as fit");
	check(in.models == MODEL_MAX && in.groups == 1, "all of them are there");
	import_release(&in);
	text_put(&t, S("- {model_name: a, litellm_params: {model: ollama/x}}\n"));
	in = import(text_slice(&t), "one more");
	check(in.report.errors == 1, "one model more than fits is refused");
	import_release(&in);
	free(room);
}

int
main(void)
{
	check_cases();
	check_all_noted();
	check_prices();
	check_wrong();
	check_large();
	return check_done();
}
