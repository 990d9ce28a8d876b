/* SPDX-License-Identifier: Apache-2.0 */

/*
 * print - the effective configuration as YAML.
 *
 * Everything is said, defaults too, and secrets by their source; what is
 * printed loads to an equal snapshot.  It is written once, when the snapshot is
 * made, because only then is known where things came from, and its hash names
 * the configuration.
 */

#include "conf/print.h"

#include "core/limit.h"
#include "crypt/digest.h"
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

void
print_value(struct text *t, struct slice s)
{
	if (is_plain(s))
		text_put(t, s);
	else
		text_put_json(t, s);
}

/* "INDENT key: value\n"; nothing where the value is absent. */
void
print_line(struct text *t, struct slice key, struct slice value)
{
	if (value.len == 0)
		return;
	text_put(t, key);
	text_put(t, S(": "));
	print_value(t, value);
	text_put_char(t, '\n');
}

void
print_count(struct text *t, struct slice key, uint64_t n)
{
	text_put(t, key);
	text_put(t, S(": "));
	text_put_number(t, n);
	text_put_char(t, '\n');
}

void
print_set(struct text *t, struct slice key, struct names names, uint64_t set)
{
	bool first = true;

	text_put(t, key);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		if (!first)
			text_put(t, S(", "));
		print_value(t, names.name[i]);
		first = false;
	}
	text_put(t, S("]\n"));
}

void
print_row(struct text *t, struct slice name)
{
	text_put(t, S("  "));
	print_value(t, name);
	text_put(t, S(":\n"));
}

void
print_models(struct text *t, struct slice key, const struct snapshot *s, const uint64_t *set)
{
	bool first = true;

	if (set == NULL)
		return;
	text_put(t, key);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < s->model_count; i++) {
		if (!policy_set_has(set, i))
			continue;
		if (!first)
			text_put(t, S(", "));
		print_value(t, s->model[i].name);
		first = false;
	}
	text_put(t, S("]\n"));
}

void
print_list(struct text *t, struct slice key, const struct slice *names, uint32_t count)
{
	text_put(t, key);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < count; i++) {
		if (i > 0)
			text_put(t, S(", "));
		print_value(t, names[i]);
	}
	text_put(t, S("]\n"));
}

static struct slice
prefer_word(struct prefer prefer)
{
	return prefer.cost > 0 ? S("cost") : prefer.latency > 0 ? S("latency") : S("order");
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
	print_line(t, S("    certificate"), tls->certificate);
	print_line(t, S("    key"), tls->key);
	print_line(t, S("    client_ca"), tls->ca);
}

static void
put_publish(struct text *t, const struct draft *d)
{
	const struct publish *p = &d->s->publish;

	if (p->file.len == 0 && p->url.len == 0 && !p->syslog)
		return;
	text_put(t, S("  publish:\n"));
	print_line(t, S("    file"), p->file);
	if (p->url.len > 0) {
		print_line(t, S("    url"), p->url);
		print_line(t, S("    ca"), d->publish_tls.ca);
		print_proxy(t, &p->at);
	}
	if (p->syslog)
		text_put(t, S("    syslog: true\n"));
	print_count(t, S("    every_ms"), (uint64_t)(p->every / NANOS_PER_MS));
}

static void
put_alerts(struct text *t, const struct draft *d)
{
	const struct alerting *a = &d->s->alerting;

	if (a->url.len == 0)
		return;
	text_put(t, S("alerts:\n"));
	print_line(t, S("    url"), a->url);
	print_line(t, S("    secret"), d->alerts_secret);
	print_line(t, S("    ca"), d->alerts_tls.ca);
	print_proxy(t, &a->at);
}

static void
put_top(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	put_listen(t, S("listen"), &s->listen, &d->listen_tls);
	put_listen(t, S("admin"), &s->admin, &d->admin_tls);
	print_count(t, S("workers"), s->workers);
	text_put(t, S("log:\n"));
	print_line(t, S("  file"), s->log_target == LOG_FILE ? s->log_file
	    : s->log_target == LOG_NONE ? S("none") : S("stderr"));
	print_line(t, S("data"), s->data);
	if (s->data.len > 0) {
		text_put(t, S("ledger:\n"));
		print_line(t, S("  origin"), s->ledger_origin);
		print_count(t, S("  head_ms"), (uint64_t)(s->head_every / NANOS_PER_MS));
		if (s->retain_days > 0)
			print_count(t, S("  retain_days"), s->retain_days);
		put_publish(t, d);
	}
	put_alerts(t, d);
	print_line(t, S("archive"), s->archive);
	text_put(t, S("limits:\n"));
	print_count(t, S("  request_bytes"), s->body_bytes_max);
	print_count(t, S("  request_ms"), (uint64_t)(s->request_wait / NANOS_PER_MS));
	print_count(t, S("  header_ms"), (uint64_t)(s->header_wait / NANOS_PER_MS));
	print_count(t, S("  failed_logins_per_minute"), s->failed_logins.per_minute);
	print_count(t, S("  drain_ms"), (uint64_t)(s->drain_wait / NANOS_PER_MS));
	print_list(t, S("levels"), s->level, s->level_count);
	text_put(t, S("auto:\n"));
	print_line(t, S("  prefer"), prefer_word(s->auto_prefer));
}

/* Kinds that bring something, and the operator's own. */
static void
put_kinds(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;
	bool first = true;

	for (uint32_t i = 0; i < s->kind_count; i++) {
		const struct label *label = &d->kind_label[i];

		if (i < draft_builtin_kinds() && label->level == 0 && label->requires == 0 &&
		    label->regions == UINT64_MAX && d->kind_duties[i] == 0 &&
		    d->kind_basis[i].len == 0)
			continue;
		text_put(t, first ? S("kinds:\n") : S(""));
		first = false;
		print_row(t, d->kind[i]);
		print_line(t, S("    level"), s->level[label->level]);
		print_set(t, S("    requires"), (struct names){ s->property, s->property_count },
		    label->requires);
		if (label->regions != UINT64_MAX)
			print_set(t, S("    regions"), (struct names){ s->region, s->region_count },
			    label->regions);
		print_set(t, S("    duties"), (struct names){ policy_duty_name, DUTY_COUNT },
		    d->kind_duties[i]);
		print_line(t, S("    basis"), d->kind_basis[i]);
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
		print_value(t, region->name);
		text_put(t, S(": ["));
		for (uint32_t j = 0; j < count; j++) {
			if (j > 0)
				text_put(t, S(", "));
			print_value(t, region->members->child[j].text);
		}
		text_put(t, S("]\n"));
	}
}

static void
put_zone(struct text *t, const struct draft *d, uint32_t i)
{
	const struct snapshot *s = d->s;
	const struct zone *zone = &s->zone[i];
	const struct clearance *c = &zone->clearance;

	print_row(t, zone->name);
	print_line(t, S("    kind"), zone->kind);
	print_line(t, S("    operator"), d->zone_operator[i]);
	print_set(t, S("    regions"), (struct names){ s->region, s->region_count }, c->regions);
	text_put(t, S("    clearance:\n"));
	print_line(t, S("      level"), s->level[c->level]);
	print_set(t, S("      kinds"), (struct names){ s->kind, s->kind_count }, c->kinds);
	print_set(t, S("    holds"), (struct names){ s->property, s->property_count }, c->holds);
	print_line(t, S("    offline"), zone->offline ? S("true") : S("false"));
}

static void
put_zones(struct text *t, const struct draft *d)
{
	if (d->s->zone_count > 0)
		text_put(t, S("zones:\n"));
	for (uint32_t i = 0; i < d->s->zone_count; i++)
		put_zone(t, d, i);
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

/* A decimal of so many places, without zeroes behind it. */
static void
put_decimal(struct text *t, struct slice key, int64_t n, uint64_t one)
{
	uint64_t part = (uint64_t)n % one;

	text_put(t, key);
	text_put(t, S(": "));
	text_put_number(t, (uint64_t)n / one);
	if (part > 0)
		text_put_char(t, '.');
	for (uint64_t unit = one / 10; part > 0; part %= unit, unit /= 10)
		text_put_char(t, (char)('0' + part / unit));
	text_put_char(t, '\n');
}

/* Picodollars per token are the same digits as microdollars per million tokens. */
static void
put_tier(struct text *t, struct slice indent, const struct price_tier *tier)
{
	static const struct slice key[PRICE_KINDS] = {
#define PRICE(NAME, count, side, otherwise, key)	{ #key, sizeof(#key) - 1 },
#include "core/price.tbl"
#undef PRICE
	};

	for (enum price_kind i = 0; i < PRICE_KINDS; i++) {
		if (price_is_usual(tier, i))
			continue;
		text_put(t, indent);
		put_decimal(t, key[i], tier->at[i], 1000000);
	}
}

static void
put_usd(struct text *t, struct slice key, nano_usd amount)
{
	if (amount > 0)
		put_decimal(t, key, amount, 1000000000);
}

static void
put_price(struct text *t, const struct model *model)
{
	const struct price *p = &model->price;

	if (!p->known) {
		print_line(t, S("    price"), S("unknown"));
		return;
	}
	text_put(t, S("    price:\n"));
	put_tier(t, S("      "), &p->tier[0]);
	for (uint32_t i = 1; i < p->tiers; i++) {
		text_put(t, i == 1 ? S("      tiers:\n") : S(""));
		print_count(t, S("        - above_tokens"), p->tier[i].above);
		put_tier(t, S("          "), &p->tier[i]);
	}
	if (p->percent[SERVICE_BATCH] != 100)
		print_count(t, S("      batch_percent"), p->percent[SERVICE_BATCH]);
	if (p->percent[SERVICE_PRIORITY] > 0)
		print_count(t, S("      priority_percent"), p->percent[SERVICE_PRIORITY]);
	put_usd(t, S("      per_request_usd"), p->request);
	if (p->tool_known)
		put_decimal(t, S("      hosted_tool_usd"), p->tool, 1000000000);
	if (p->tool_calls > 1)
		print_count(t, S("      hosted_tool_calls"), p->tool_calls);
	put_usd(t, S("      per_hour_usd"), p->hour);
	if (p->parallel > 1)
		print_count(t, S("      parallel"), p->parallel);
	if (!slice_eq(model->price_from, S(PRICE_FROM_FILE)))
		print_line(t, S("      source"), model->price_from);
}

void
print_proxy(struct text *t, const struct endpoint *at)
{
	if (!at->url.tls)
		return;
	text_put(t, S("    proxy: "));
	if (at->proxy.len > 0) {
		text_put(t, S("\"http://"));
		text_put(t, at->proxy);
		text_put(t, S("\"\n"));
	} else {
		text_put(t, S("none\n"));
	}
}

void
print_allowance(struct text *t, const struct allowance *a)
{
	if (!a->any)
		return;
	text_put(t, S("    limits:\n"));
	for (enum dimension i = 0; i < DIMENSION_COUNT; i++) {
		uint64_t amount = allowance_amount(a, i);

		if (amount == 0)
			continue;
		text_put(t, S("      "));
		print_count(t, allowance_key(i), amount);
	}
}

static void
put_model(struct text *t, const struct model *model, const struct model_source *source)
{
	text_put(t, S("  "));
	print_value(t, model->name);
	text_put(t, S(":\n"));
	print_line(t, S("    vendor"), model->vendor->name);
	print_line(t, S("    zone"), model->zone->name);
	print_line(t, S("    id"), model->id);
	if (!model->simulated)
		put_url(t, &model->at.url);
	print_line(t, S("    key"), source->key);
	print_line(t, S("    api_version"), source->api_version);
	print_line(t, S("    ca"), source->tls.ca);
	print_line(t, S("    client_certificate"), source->tls.certificate);
	print_line(t, S("    client_key"), source->tls.key);
	print_proxy(t, &model->at);
	put_price(t, model);
	if (model->context_tokens > 0)
		print_count(t, S("    context"), model->context_tokens);
	print_allowance(t, &model->limits);
	print_line(t, S("    capability"), model->capability);
	if (model->features_said)
		print_set(t, S("    features"), (struct names){ policy_feature_name,
		    FEATURE_COUNT }, model->features);
	if (model->latency_ms > 0)
		print_count(t, S("    latency_ms"), model->latency_ms);
	print_line(t, S("    version"), model->version);
	print_line(t, S("    version_mismatch"), model->version_flag ? S("flag") : S("refuse"));
	print_line(t, S("    drain"), model->drain ? S("true") : S("false"));
	print_count(t, S("    first_byte_ms"), (uint64_t)(model->first_byte_wait / NANOS_PER_MS));
	print_count(t, S("    stall_ms"), (uint64_t)(model->stall_wait / NANOS_PER_MS));
}

static void
put_groups(struct text *t, const struct snapshot *s)
{
	if (s->group_count > 0)
		text_put(t, S("groups:\n"));
	for (uint32_t i = 0; i < s->group_count; i++) {
		const struct group *group = &s->group[i];

		text_put(t, S("  "));
		print_value(t, group->name);
		text_put(t, S(":\n    models: ["));
		for (uint32_t j = 0; j < group->count; j++) {
			if (j > 0)
				text_put(t, S(", "));
			print_value(t, group->model[j]->name);
		}
		text_put(t, S("]\n"));
		print_line(t, S("    prefer"), prefer_word(group->prefer));
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
	print_law(t, d);
}

/*
 * Entries name their policy by this for as long as there are auditors, so nobody may be able to
 * make another text of the same name.  False without memory.
 */
static bool
set_hash(struct snapshot *s)
{
	uint8_t digest[DIGEST_BYTES];
	struct digester d;

	if (!digester_init(&d))
		return false;
	digest_bytes(&d, s->effective, digest);
	digester_release(&d);
	for (unsigned i = 0; i < SNAPSHOT_HASH_BYTES; i++)
		s->hash[i] = "0123456789abcdef"[digest[i / 2] >> (i % 2 == 0 ? 4 : 0) & 15];
	s->hash[SNAPSHOT_HASH_BYTES] = '\0';
	return true;
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
		if (!set_hash(d->s))
			d->arena->overflowed = true;
		return;
	}
	report_error(d->report, NULL, SAY(S("the effective configuration is too large to be "
	    "written")));
}
