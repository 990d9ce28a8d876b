/* SPDX-License-Identifier: Apache-2.0 */

/*
 * reference - doc/reference/configuration.md, from the tables that the loader
 * reads by.  A test compares the file with what this writes.
 */

#include "conf/load.h"
#include "conf/schema.h"

static const struct slice kind_name[] = {
#define KIND(name)	{ #name, sizeof(#name) - 1 },
#include "policy/kind.tbl"
#undef KIND
};

static const struct slice property_name[] = {
#define PROPERTY(name, agreement)	{ #name, sizeof(#name) - 1 },
#include "policy/property.tbl"
#undef PROPERTY
};

static const struct {
	struct slice	name, what;
	bool		built;
} duty[] = {
#define DUTY(name, built, what)	{ { #name, sizeof(#name) - 1 }, { what, sizeof(what) - 1 }, built },
#include "policy/duty.tbl"
#undef DUTY
};

static const struct {
	struct slice	name, when;
} feature[] = {
#define FEATURE(name, when)	{ { #name, sizeof(#name) - 1 }, { when, sizeof(when) - 1 } },
#include "policy/feature.tbl"
#undef FEATURE
};

static void
put_takes(struct text *t, const struct schema *row)
{
	struct slice word;

	switch (row->type) {
	case TAKES_NAME:
		text_put(t, S("a name"));
		break;
	case TAKES_TEXT:
		text_put(t, S("text"));
		break;
	case TAKES_WORD:
		for (unsigned i = 0; (word = schema_word(row->of, i)).len > 0; i++) {
			text_put(t, i > 0 ? S(", `") : S("`"));
			text_put(t, word);
			text_put_char(t, '`');
		}
		break;
	case TAKES_COUNT:
		text_put_number(t, row->low);
		text_put(t, S(" to "));
		text_put_number(t, row->high);
		break;
	case TAKES_SWITCH:
		text_put(t, S("`true`, `false`"));
		break;
	case TAKES_MONEY:
		text_put(t, S("dollars, at most six decimals"));
		break;
	case TAKES_USD:
		text_put(t, S("dollars, at most nine decimals"));
		break;
	case TAKES_SECRET:
		text_put(t, S("`env:NAME`, `file:PATH`"));
		break;
	case TAKES_FILE:
		text_put(t, S("a path"));
		break;
	case TAKES_NAMES:
		text_put(t, S("a list of names"));
		break;
	case TAKES_MAP:
		text_put(t, S("a map"));
		break;
	case TAKES_TABLE:
		text_put(t, S("a map of names, each with a map"));
		break;
	case TAKES_TEXTS:
		text_put(t, S("a list of texts"));
		break;
	case TAKES_LIST:
		text_put(t, S("a list of maps"));
		break;
	default:
		text_put(t, S("see there"));
	}
}

static void
put_key(struct text *t, const struct schema *row)
{
	text_put(t, S("| `"));
	text_put(t, row->name);
	text_put(t, S("` | "));
	put_takes(t, row);
	text_put(t, S(" | "));
	text_put(t, row->need ? S("**must be there**") : row->usual);
	text_put(t, S(" | "));
	text_put(t, row->what);
	text_put(t, S(" |\n"));
}

/* One map: its heading, its keys, and what later versions will take. */
static void
put_map(struct text *t, enum schema_row map)
{
	bool later = false;

	text_put(t, S("\n## "));
	if (map == ROW_FILE) {
		text_put(t, S("The file"));
	} else {
		text_put(t, S("`"));
		text_put(t, schema_row[map].name);
		text_put(t, S("`"));
	}
	text_put(t, S("\n\n"));
	text_put(t, schema_row[map].what);
	text_put(t, S("\n\n| key | takes | unless said | what it does |\n| --- | --- | --- | --- "
	    "|\n"));
	for (enum schema_row row = map + 1; row < SCHEMA_ROWS; row++) {
		if (schema_row[row].type == TAKES_MAP_ROW)
			break;
		if (schema_row[row].type != TAKES_LATER)
			put_key(t, &schema_row[row]);
	}
	for (enum schema_row row = map + 1; row < SCHEMA_ROWS; row++) {
		if (schema_row[row].type == TAKES_MAP_ROW)
			break;
		if (schema_row[row].type != TAKES_LATER)
			continue;
		text_put(t, later ? S(", `") : S("\nKnown and refused, because not built yet: `"));
		text_put(t, schema_row[row].name);
		text_put(t, S("`"));
		later = true;
	}
	text_put(t, later ? S(".\n") : S(""));
}

static void
put_vendor(struct text *t, const struct vendor *v)
{
	text_put(t, S("| `"));
	text_put(t, v->name);
	text_put(t, S("` | "));
	if (v->base_url.len > 0)
		text_put(t, v->base_url);
	else
		text_put(t, (v->quirks & QUIRK_SIMULATED) != 0 ? S("built in") :
		    S("`url` must be there"));
	text_put(t, S(" | "));
	text_put(t, v->path.len > 0 ? v->path : S("none"));
	text_put(t, S(" | "));
	if (v->key_env.len > 0) {
		text_put(t, S("`env:"));
		text_put(t, v->key_env);
		text_put(t, S("`"));
	}
	text_put(t, S(" | "));
	if (v->port > 0)
		text_put_number(t, v->port);
	text_put(t, S(" | "));
	if ((v->quirks & QUIRK_NO_STREAM_OPTIONS) != 0)
		text_put(t, S("is never asked for `stream_options`"));
	if ((v->quirks & QUIRK_DEPLOYMENT_PATH) != 0)
		text_put(t, S("`id` is the deployment; `api_version` must be there; the URL ends "
		    "before `/openai`"));
	if (v->alias.len > 0) {
		text_put(t, v->quirks & (QUIRK_NO_STREAM_OPTIONS | QUIRK_DEPLOYMENT_PATH)
		    ? S("; also called `") : S("also called `"));
		text_put(t, v->alias);
		text_put(t, S("`"));
	}
	text_put(t, S(" |\n"));
}

static void
put_words(struct text *t, const struct slice *word, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		text_put(t, i > 0 ? S(", `") : S("`"));
		text_put(t, word[i]);
		text_put_char(t, '`');
	}
	text_put(t, S(".\n"));
}

static const char preamble[] =
"# The configuration\n"
"\n"
"<!-- Written by `trivium check --print-reference` from src/conf/conf.tbl; do not edit. -->\n"
"\n"
"One YAML file. `trivium check FILE` tells every mistake with its line and column, and\n"
"what was probably meant; `trivium check --print-effective FILE` prints it with everything\n"
"said. A file with a mistake is not used, at start or at reload: the old one stays in force.\n"
"\n"
"Without a file, `trivium run` serves what it finds: engines on 127.0.0.1 at their usual\n"
"ports and vendors' keys in the environment (the tables of vendors below), or else three\n"
"simulated models. `trivium run --print-config` prints that as a file to start from; there\n"
"are more in `example/`.\n"
"\n"
"What is read is the part of YAML in which a file means one thing: no anchors, aliases,\n"
"tags, merge keys, second documents or repeated keys, no tabs for indentation; UTF-8, at\n"
"most 8 MiB. Keys that are not in these tables are mistakes.\n"
"\n"
"**Names** (of models, groups, zones, keys and so on) are 1 to 128 letters, digits and\n"
"`._:/@+-`, beginning with a letter or a digit. Models and groups share their names;\n"
"`auto` and names that begin with `workload/` are taken.\n"
"\n"
"**Secrets** never stand in the file. `env:NAME` takes a secret from the environment,\n"
"`file:PATH` from a file (a line feed at its end is dropped; a file that others can read\n"
"gives a warning). They are read again at reload, sent to their own origin only, and\n"
"never printed.\n"
"\n"
"**Destinations.** Only the configuration names them. A host name may resolve to public\n"
"addresses; to private ones too if the model's zone is not `public_api` or its vendor is\n"
"an engine for one's own machines. A numeric private or loopback address is allowed by\n"
"being written; loopback only as `localhost`, `127.…` or `::1`. Link-local and metadata\n"
"addresses are never allowed. A key does not travel in clear: with `http` and a key, a\n"
"host name must resolve to a private address.\n"
"\n"
"**Proxies.** Where a model says nothing, `HTTPS_PROXY` and `NO_PROXY` of the environment\n"
"hold (hosts, domains, `*`; ranges like `10.0.0.0/8` for hosts that are written as\n"
"addresses), for https URLs and never for loopback.\n"
"`proxy: none` goes direct.\n"
"\n"
"**TLS.** The files of models are read at load. Models with the same `ca`,\n"
"`client_certificate` and `client_key` share one identity and its connections.\n";

static void
put_duties(struct text *t)
{
	text_put(t, S("\n## Duties\n\n| duty | what it means |\n| --- | --- |\n"));
	for (size_t i = 0; i < sizeof duty / sizeof duty[0]; i++) {
		text_put(t, S("| `"));
		text_put(t, duty[i].name);
		text_put(t, S("` | "));
		text_put(t, duty[i].what);
		text_put(t, duty[i].built ? S(" |\n") : S(" Not built yet. |\n"));
	}
}

static void
put_features(struct text *t)
{
	text_put(t, S("\n## Features\n\n| feature | a request uses it when |\n| --- | --- |\n"));
	for (size_t i = 0; i < sizeof feature / sizeof feature[0]; i++) {
		text_put(t, S("| `"));
		text_put(t, feature[i].name);
		text_put(t, S("` | "));
		text_put(t, feature[i].when);
		text_put(t, S(" |\n"));
	}
}

static void
put_cell(struct text *t, struct slice s)
{
	text_put(t, s.len > 0 && !slice_eq(s, S("none")) ? s : S("-"));
	text_put(t, S(" | "));
}

static void
put_types(struct text *t)
{
	text_put(t, S("\n## Types of findings\n\nWhat detection knows. A type without a mask word "
	    "stays where it is: it is never masked, and of\na secret nothing is restored.\n\n"
	    "| type | kind | level | mask | basis |\n| --- | --- | --- | --- | --- |\n"));
	for (unsigned i = 0; i < TYPE_OWN; i++) {
		const struct type_info *info = type_info((enum detect_type)i);

		text_put(t, S("| `"));
		text_put(t, info->name);
		text_put(t, S("` | "));
		put_cell(t, info->kind);
		put_cell(t, type_level_name(info->level));
		put_cell(t, info->mask);
		text_put(t, info->basis);
		text_put(t, S(" |\n"));
	}
	text_put(t, S("\n## Combinations\n\nWhat findings mean together; masking does not take it "
	    "away.\n\n| combination | kind | level | basis |\n| --- | --- | --- | --- |\n"));
	for (unsigned i = 0; i < COMBINE_COUNT; i++) {
		const struct combine_info *info = combine_info((enum combine)i);

		text_put(t, S("| `"));
		text_put(t, info->name);
		text_put(t, S("` | "));
		put_cell(t, info->kind);
		put_cell(t, type_level_name(info->level));
		text_put(t, info->basis);
		text_put(t, S(" |\n"));
	}
}

void
conf_reference(struct text *t)
{
	text_put(t, slice_of(preamble, sizeof preamble - 1));
	for (enum schema_row row = 0; row < SCHEMA_ROWS; row++)
		if (schema_row[row].type == TAKES_MAP_ROW)
			put_map(t, row);
	text_put(t, S("\n## Vendors\n\nWhose API it is. All of them speak the OpenAI dialect. The "
	    "path is added to a `url` that has\nnone; the port is where a local engine usually "
	    "listens.\n\n" "| vendor | URL | path | usual key | port | notes |\n| --- | --- | --- "
	    "| --- | --- | --- |\n"));
	for (size_t i = 0; i < vendor_count; i++)
		put_vendor(t, &vendor_row[i]);
	put_duties(t);
	put_features(t);
	put_types(t);
	text_put(t, S("\n## Kinds\n\nAlways known: "));
	put_words(t, kind_name, sizeof kind_name / sizeof kind_name[0]);
	text_put(t, S("\n## Agreements and properties\n\nAlways known: "));
	put_words(t, property_name, sizeof property_name / sizeof property_name[0]);
}
