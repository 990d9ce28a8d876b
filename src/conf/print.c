/* SPDX-License-Identifier: Apache-2.0 */

/*
 * print - the effective configuration as YAML.
 *
 * Everything is said, defaults too, and secrets by their source; what is
 * printed loads to an equal snapshot.  It is written once, when the snapshot is
 * made, because only then is known where things came from, and its hash names
 * the configuration.
 */

#include "conf/draft.h"
#include "core/limit.h"
#include "run/address.h"

/* A word that means the same in YAML with and without quotes, in lists too. */
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

/* "INDENT key: value\n"; nothing where the value is absent. */
static void
put_line(struct text *t, struct slice key, struct slice value)
{
	if (value.len == 0)
		return;
	text_put(t, key);
	text_put(t, S(": "));
	put_value(t, value);
	text_put_char(t, '\n');
}

static void
put_count(struct text *t, struct slice key, uint64_t n)
{
	text_put(t, key);
	text_put(t, S(": "));
	text_put_number(t, n);
	text_put_char(t, '\n');
}

static void
put_set(struct text *t, struct slice key, const struct slice *names, uint32_t count, uint64_t set)
{
	bool first = true;

	text_put(t, key);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		if (!first)
			text_put(t, S(", "));
		put_value(t, names[i]);
		first = false;
	}
	text_put(t, S("]\n"));
}

static void
put_list(struct text *t, struct slice key, const struct slice *names, uint32_t count)
{
	text_put(t, key);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			text_put(t, S(", "));
		put_value(t, names[i]);
	}
	text_put(t, S("]\n"));
}

static void
put_listen(struct text *t, struct slice key, const struct listen *listen,
    const struct tls_source *tls)
{
	text_put(t, key);
	text_put(t, S(":\n  address: \""));
	address_put(t, &listen->address);
	text_put(t, S("\"\n"));
	if (tls->certificate.len == 0)
		return;
	text_put(t, S("  tls:\n"));
	put_line(t, S("    certificate"), tls->certificate);
	put_line(t, S("    key"), tls->key);
	put_line(t, S("    client_ca"), tls->ca);
}

static void
put_top(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	put_listen(t, S("listen"), &s->listen, &d->listen_tls);
	put_listen(t, S("admin"), &s->admin, &d->admin_tls);
	put_count(t, S("workers"), s->workers);
	text_put(t, S("log:\n"));
	put_line(t, S("  file"), s->log_target == LOG_FILE ? s->log_file
	    : s->log_target == LOG_NONE ? S("none") : S("stderr"));
	text_put(t, S("limits:\n"));
	put_count(t, S("  request_bytes"), s->body_bytes_max);
	put_count(t, S("  request_ms"), (uint64_t)(s->request_wait / NANOS_PER_MS));
	put_count(t, S("  header_ms"), (uint64_t)(s->header_wait / NANOS_PER_MS));
	put_count(t, S("  drain_ms"), (uint64_t)(s->drain_wait / NANOS_PER_MS));
	put_list(t, S("levels"), s->level, s->level_count);
	text_put(t, S("auto:\n"));
	put_line(t, S("  prefer"), schema_word(schema_row[AUTO_prefer].of, s->auto_prefer));
}

/* Only kinds that the file spoke of; a kind that brings nothing may be the operator's own. */
static void
put_kinds(struct text *t, const struct draft *d)
{
	const struct node *table = d->file.at[FILE_kinds];

	if (table == NULL || table->count == 0)
		return;
	text_put(t, S("kinds:\n"));
	for (uint32_t i = 0; i < table->count; i++) {
		const struct label *label = NULL;
		uint32_t at;

		must(snapshot_kind(d->s, node_key(table, i)->text, &at));
		label = &d->kind_label[at];
		text_put(t, S("  "));
		put_value(t, d->kind[at]);
		text_put(t, S(":\n"));
		put_line(t, S("    level"), d->s->level[label->level]);
		put_set(t, S("    requires"), d->property, d->s->property_count, label->requires);
		if (label->regions != UINT64_MAX)
			put_set(t, S("    regions"), d->leaf, d->s->region_count, label->regions);
		put_line(t, S("    basis"), d->kind_basis[at]);
	}
}

/* In the order in which they became known, so that they become so again. */
static void
put_regions(struct text *t, const struct draft *d)
{
	if (d->region_count < 2)
		return;
	text_put(t, S("regions:\n"));
	for (uint32_t i = 1; i < d->region_count; i++) {
		const struct region *region = &d->region[i];
		uint32_t count = region->members == NULL ? 0 : region->members->count;

		text_put(t, S("  "));
		put_value(t, region->name);
		text_put(t, S(": ["));
		for (uint32_t j = 0; j < count; j++) {
			if (j > 0)
				text_put(t, S(", "));
			put_value(t, region->members->child[j].text);
		}
		text_put(t, S("]\n"));
	}
}

static void
put_zones(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	if (s->zone_count > 0)
		text_put(t, S("zones:\n"));
	for (uint32_t i = 0; i < s->zone_count; i++) {
		const struct zone *zone = &s->zone[i];

		text_put(t, S("  "));
		put_value(t, zone->name);
		text_put(t, S(":\n"));
		put_line(t, S("    kind"), zone->kind);
		put_line(t, S("    operator"), d->zone_operator[i]);
		put_set(t, S("    regions"), s->region, s->region_count, zone->clearance.regions);
		text_put(t, S("    clearance:\n"));
		put_line(t, S("      level"), s->level[zone->clearance.level]);
		put_set(t, S("      kinds"), s->kind, s->kind_count, zone->clearance.kinds);
		put_set(t, S("    holds"), s->property, s->property_count, zone->clearance.holds);
		put_line(t, S("    offline"), zone->offline ? S("true") : S("false"));
	}
}

static void
put_url(struct text *t, const struct url *url)
{
	text_put(t, S("    url: \""));
	text_put(t, url->tls ? S("https://") : S("http://"));
	text_put(t, url->authority);
	text_put(t, url->path);
	text_put(t, S("\"\n"));
}

/* Picodollars per token are the same digits as microdollars per million tokens. */
static void
put_price(struct text *t, struct slice key, pico_usd price)
{
	uint64_t part = (uint64_t)price % 1000000;

	text_put(t, key);
	text_put(t, S(": "));
	text_put_number(t, (uint64_t)price / 1000000);
	if (part > 0)
		text_put_char(t, '.');
	for (uint64_t unit = 100000; part > 0; part %= unit, unit /= 10)
		text_put_char(t, (char)('0' + part / unit));
	text_put_char(t, '\n');
}

static void
put_prices(struct text *t, const struct model *model, const struct model_source *source)
{
	if (!model->price.known)
		return;
	text_put(t, S("    price:\n"));
	put_price(t, S("      input_usd_per_million"), model->price.input);
	put_price(t, S("      output_usd_per_million"), model->price.output);
	if (source->priced_cached)
		put_price(t, S("      cached_input_usd_per_million"), model->price.cached);
}

static void
put_proxy(struct text *t, const struct model *model)
{
	if (!model->url.tls)
		return;
	text_put(t, S("    proxy: "));
	if (model->proxy.len > 0) {
		text_put(t, S("\"http://"));
		text_put(t, model->proxy);
		text_put(t, S("\"\n"));
	} else {
		text_put(t, S("none\n"));
	}
}

static void
put_model(struct text *t, const struct model *model, const struct model_source *source)
{
	text_put(t, S("  "));
	put_value(t, model->name);
	text_put(t, S(":\n"));
	put_line(t, S("    vendor"), model->vendor->name);
	put_line(t, S("    zone"), model->zone->name);
	put_line(t, S("    id"), model->id);
	if (!model->simulated)
		put_url(t, &model->url);
	put_line(t, S("    key"), source->key);
	put_line(t, S("    api_version"), source->api_version);
	put_line(t, S("    ca"), source->tls.ca);
	put_line(t, S("    client_certificate"), source->tls.certificate);
	put_line(t, S("    client_key"), source->tls.key);
	put_proxy(t, model);
	put_prices(t, model, source);
	if (model->context_tokens > 0)
		put_count(t, S("    context"), model->context_tokens);
	if (model->concurrency > 0)
		put_count(t, S("    concurrency"), model->concurrency);
	put_line(t, S("    capability"), model->capability);
	if (model->feature_count > 0)
		put_list(t, S("    features"), model->feature, model->feature_count);
	put_count(t, S("    first_byte_ms"), (uint64_t)(model->first_byte_wait / NANOS_PER_MS));
	put_count(t, S("    stall_ms"), (uint64_t)(model->stall_wait / NANOS_PER_MS));
}

static void
put_groups(struct text *t, const struct snapshot *s)
{
	if (s->group_count > 0)
		text_put(t, S("groups:\n"));
	for (uint32_t i = 0; i < s->group_count; i++) {
		const struct group *group = &s->group[i];

		text_put(t, S("  "));
		put_value(t, group->name);
		text_put(t, S(":\n    models: ["));
		for (uint32_t j = 0; j < group->count; j++) {
			if (j > 0)
				text_put(t, S(", "));
			put_value(t, group->model[j]->name);
		}
		text_put(t, S("]\n"));
		put_line(t, S("    prefer"), schema_word(schema_row[GROUP_prefer].of,
		    group->prefer));
	}
}

static void
put_keys(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	if (s->key_count > 0)
		text_put(t, S("keys:\n"));
	for (uint32_t i = 0; i < s->key_count; i++) {
		const struct key *key = &s->key[i];
		bool first = true;

		put_line(t, S("  - id"), key->id);
		put_line(t, S("    secret"), d->key_source[i]);
		put_line(t, S("    tenant"), key->tenant);
		put_line(t, S("    role"), key->role);
		if (key->models == NULL)
			continue;
		text_put(t, S("    models: ["));
		for (uint32_t j = 0; j < s->model_count; j++) {
			if ((key->models[j / 64] >> j % 64 & 1) == 0)
				continue;
			if (!first)
				text_put(t, S(", "));
			put_value(t, s->model[j].name);
			first = false;
		}
		text_put(t, S("]\n"));
	}
}

static void
put_all(struct text *t, const struct draft *d)
{
	put_top(t, d);
	put_kinds(t, d);
	put_regions(t, d);
	put_zones(t, d);
	text_put(t, S("models:\n"));
	for (uint32_t i = 0; i < d->s->model_count; i++)
		put_model(t, &d->model[i], &d->model_source[i]);
	put_groups(t, d->s);
	put_keys(t, d);
}

/* The same text has the same name in every process, so this key is no secret. */
static void
set_hash(struct snapshot *s)
{
	static const struct hash_key fixed = { { 0 } };
	uint64_t hash = hash_64(&fixed, s->effective);

	for (int i = 15; i >= 0; i--, hash >>= 4)
		s->hash[i] = "0123456789abcdef"[hash & 15];
	s->hash[16] = '\0';
}

void
draft_print(struct draft *d)
{
	struct text text;

	if (arena_overflowed(&d->scratch) || arena_overflowed(d->arena))
		return;
	for (size_t room = 16384; room <= CONF_ARENA_MAX / 4; room *= 4) {
		char *ptr = arena_bytes(&d->scratch, room);

		if (ptr == NULL)
			return;
		text_init(&text, ptr, room);
		put_all(&text, d);
		if (text_overflowed(&text))
			continue;
		d->s->effective = arena_copy(d->arena, text_slice(&text));
		set_hash(d->s);
		return;
	}
	report_error(d->report, NULL, SAY(S("the effective configuration is too large to be "
	    "written")));
}
