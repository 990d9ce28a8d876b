/* SPDX-License-Identifier: Apache-2.0 */

/*
 * print_law - the part of the effective configuration that says who may do what
 * with which content.
 */

#include "conf/print.h"

#include "core/limit.h"

/* "INDENT key:\n" and below it the level and the kinds. */
static void
put_clearance(struct text *t, struct slice key, struct slice indent, const struct draft *d,
    const struct clearance *c)
{
	const struct snapshot *s = d->s;

	text_put(t, key);
	text_put(t, S(":\n"));
	text_put(t, indent);
	print_line(t, S("  level"), s->level[c->level < s->level_count ? c->level
	    : s->level_count - 1]);
	text_put(t, indent);
	print_set(t, S("  kinds"), (struct names){ s->kind, s->kind_count }, c->kinds);
}

static bool
is_bounded(const struct clearance *c)
{
	return c->kinds != UINT64_MAX || c->level != LEVEL_MAX;
}

/* Their kinds and duties are printed with the file's; only their invariants need the names. */
static void
put_packs(struct text *t, const struct draft *d)
{
	text_put(t, d->pack_count > 0 ? S("packs: [") : S(""));
	for (uint32_t i = 0; i < d->pack_count; i++) {
		text_put(t, i > 0 ? S(", ") : S(""));
		text_put(t, pack_name[d->pack[i].id]);
	}
	text_put(t, d->pack_count > 0 ? S("]\n") : S(""));
}

static void
put_here(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	if (field_at(&d->file, FILE_here) == NULL)
		return;
	text_put(t, S("here:\n"));
	print_set(t, S("  regions"), (struct names){ s->region, s->region_count }, d->here.regions);
	put_clearance(t, S("  clearance"), S("  "), d, &d->here);
	print_set(t, S("  holds"), (struct names){ s->property, s->property_count }, d->here.holds);
}

static void
put_payloads(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	if (field_at(&d->file, FILE_payloads) == NULL)
		return;
	text_put(t, S("payloads:\n"));
	put_clearance(t, S("  clearance"), S("  "), d, &s->payloads);
	print_count(t, S("  keep_days"), (uint64_t)(s->payload_keep / NANOS_PER_S / 86400));
	print_set(t, S("  holds"), (struct names){ s->property, s->property_count },
	    s->payloads.holds);
}

static void
put_tools(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	text_put(t, s->tool_count > 0 ? S("tools:\n") : S(""));
	for (uint32_t i = 0; i < s->tool_count; i++) {
		const struct clearance *c = &s->tool[i].clearance;

		print_row(t, s->tool[i].name);
		print_line(t, S("    operator"), d->tool_operator[i]);
		print_set(t, S("    regions"), (struct names){ s->region, s->region_count },
		    c->regions);
		put_clearance(t, S("    clearance"), S("    "), d, c);
		print_set(t, S("    holds"), (struct names){ s->property, s->property_count },
		    c->holds);
	}
}

static void
put_roles(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	text_put(t, s->role_count > 1 ? S("roles:\n") : S(""));
	for (uint32_t i = 1; i < s->role_count; i++) {
		print_row(t, s->role[i].name);
		if (is_bounded(&s->role[i].ceiling))
			put_clearance(t, S("    ceiling"), S("    "), d, &s->role[i].ceiling);
		print_line(t, S("    explain"), s->role[i].explain ? S("true") : S("false"));
	}
}

/* ---- workloads ---- */

static void
put_conditions(struct text *t, const struct match *m, uint32_t from, uint32_t to)
{
	static const struct slice words[] = {
		{ "header", 6 }, { "path", 4 }, { "model", 5 }, { "metadata", 8 }, { "field", 5 },
	};

	for (unsigned what = 0; what < 5; what++) {
		bool open = false;

		for (uint32_t i = from; i < to; i++) {
			const struct clue *clue = &m->clue[m->condition[i].clue];

			if (clue->what != what)
				continue;
			if (what == MATCH_PATH || what == MATCH_MODEL) {
				text_put(t, S("      "));
				print_line(t, words[what], m->condition[i].value);
				continue;
			}
			text_put(t, open ? S("") : S("      "));
			text_put(t, open ? S("") : words[what]);
			text_put(t, open ? S("") : S(":\n"));
			open = true;
			text_put(t, S("        "));
			print_value(t, clue->name);
			print_line(t, S(""), m->condition[i].value);
		}
	}
}

static void
put_floor(struct text *t, const struct draft *d, const struct label *floor)
{
	const struct snapshot *s = d->s;

	text_put(t, S("    label:\n"));
	print_line(t, S("      level"), s->level[floor->level]);
	print_set(t, S("      kinds"), (struct names){ s->kind, s->kind_count }, floor->kinds);
	if (floor->regions != UINT64_MAX)
		print_set(t, S("      regions"), (struct names){ s->region, s->region_count },
		    floor->regions);
	print_set(t, S("      requires"), (struct names){ s->property, s->property_count },
	    floor->requires);
}

static void
put_needs(struct text *t, const struct workload *w)
{
	text_put(t, S("    needs:\n"));
	if (w->capability != CAPABILITY_UNSAID)
		print_line(t, S("      capability"), schema_word(schema_row[NEEDS_capability].of,
		    w->capability - CAPABILITY_BASIC));
	print_set(t, S("      features"), (struct names){ policy_feature_name, FEATURE_COUNT },
	    w->features);
	if (w->latency_ms > 0)
		print_count(t, S("      latency_ms"), w->latency_ms);
	print_line(t, S("      offline"), w->offline ? S("true") : S("false"));
}

static void
put_prefer(struct text *t, const struct workload *w)
{
	if (!w->prefers)
		return;
	text_put(t, S("    prefer:\n"));
	print_count(t, S("      cost"), w->prefer.cost);
	print_count(t, S("      latency"), w->prefer.latency);
	print_count(t, S("      quality"), w->prefer.quality);
}

/* By type, which is what kinds of the file have become. */
static void
put_handling(struct text *t, const struct draft *d, const struct handling *h)
{
	if (h->action == NULL)
		return;
	text_put(t, S("    findings:\n"));
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		if (h->action[i] == ACTION_RAISE)
			continue;
		text_put(t, S("      "));
		print_line(t, weigh_type(d->rules, (enum detect_type)i)->name,
		    detection_action_name((enum action)h->action[i]));
	}
}

static void
put_refused(struct text *t, const struct workload *w, const struct handling *h)
{
	if (w->refused_degrade && h->when_refused)
		text_put(t, h->mask_first ? S("    when_refused: [mask, degrade]\n")
		    : S("    when_refused: [degrade, mask]\n"));
	else if (w->refused_degrade)
		text_put(t, S("    when_refused: [degrade]\n"));
	else if (h->when_refused)
		text_put(t, S("    when_refused: [mask]\n"));
}

static void
put_output(struct text *t, const struct workload *w, const struct handling *h)
{
	if (w->output_max == 0 && h->watch == WATCH_OFF)
		return;
	text_put(t, S("    output:\n"));
	if (w->output_max > 0)
		print_count(t, S("      max_tokens"), w->output_max);
	if (h->watch == WATCH_OFF)
		return;
	print_line(t, S("      watch"), schema_word(schema_row[OUTPUT_watch].of,
	    h->watch - WATCH_OBSERVE));
	text_put(t, S("      hosts: ["));
	for (uint32_t i = 0; i < h->host_count; i++) {
		text_put(t, i == 0 ? S("") : S(", "));
		print_value(t, slice_cut(h->host[i], 1, h->host[i].len));
	}
	text_put(t, S("]\n"));
	print_line(t, S("      canary"), h->canary);
}

static void
put_workload(struct text *t, const struct draft *d, uint32_t i)
{
	const struct snapshot *s = d->s;
	const struct workload_text *text = &s->workload[i];
	const struct workload *w = &d->workload[i];
	uint32_t from = s->match.first[i], to = s->match.first[i + 1];

	print_row(t, text->name);
	print_line(t, S("    owner"), text->owner);
	print_line(t, S("    why"), text->why);
	if (to > from) {
		text_put(t, S("    match:\n"));
		put_conditions(t, &s->match, from, to);
	}
	put_floor(t, d, &w->floor);
	put_needs(t, w);
	print_models(t, S("    models"), s, w->models);
	put_prefer(t, w);
	put_handling(t, d, &d->handling[i]);
	put_refused(t, w, &d->handling[i]);
	text_put(t, w->down_degrade ? S("    when_down: [degrade]\n") : S(""));
	print_line(t, S("    reroute"), w->reroute ? S("true") : S("false"));
	print_set(t, S("    duties"), (struct names){ policy_duty_name, DUTY_COUNT }, w->duties);
	put_output(t, w, &d->handling[i]);
	text_put(t, d->handling[i].keeps_content ? S("    keep_content: true\n") : S(""));
	print_line(t, S("    volume"), text->volume);
	print_line(t, S("    review_by"), text->review_by);
	print_allowance(t, &text->limits);
}

static void
put_workloads(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	if (!s->workloads_said)
		return;
	text_put(t, S("workloads:\n"));
	for (uint32_t i = 0; i < s->workload_count; i++)
		put_workload(t, d, i);
	print_line(t, S("default_workload"), s->default_workload == MATCH_NONE ? S("none")
	    : s->workload[s->default_workload].name);
}

static void
put_exceptions(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	text_put(t, s->exception_count > 0 ? S("exceptions:\n") : S(""));
	for (uint32_t i = 0; i < s->exception_count; i++) {
		const struct exception *x = &s->exception[i];
		const struct clearance *wide = &d->widening[i].clearance;
		const struct clearance *own = &s->zone[x->zone].clearance;

		print_row(t, x->name);
		print_line(t, S("    workload"), s->workload[x->workload].name);
		print_line(t, S("    to"), s->zone[x->zone].name);
		print_line(t, S("    level"), s->level[wide->level]);
		print_set(t, S("    kinds"), (struct names){ s->kind, s->kind_count },
		    wide->kinds & ~own->kinds);
		print_set(t, S("    waives"), (struct names){ s->property, s->property_count },
		    wide->holds & ~own->holds);
		print_line(t, S("    until"), x->until);
		print_line(t, S("    approved_by"), x->approved_by);
		print_line(t, S("    why"), x->why);
	}
}

/* ---- tenants and keys ---- */

static void
put_budget(struct text *t, struct slice margin, const struct budget *b)
{
	text_put(t, margin);
	text_put(t, S("  - usd: "));
	text_put_usd(t, b->limit);
	text_put_char(t, '\n');
	text_put(t, margin);
	print_line(t, S("    per"), period_name(b->per));
	text_put(t, margin);
	print_line(t, S("    time_zone"), b->zone_name);
	text_put(t, margin);
	text_put(t, S("    alerts_percent: ["));
	for (uint32_t i = 0; i < b->alert_count; i++) {
		text_put(t, i == 0 ? S("") : S(", "));
		text_put_number(t, b->alert[i]);
	}
	text_put(t, S("]\n"));
}

static void
put_budgets(struct text *t, struct slice margin, const struct budgets *budgets)
{
	if (budgets == NULL || budgets->count == 0)
		return;
	text_put(t, margin);
	text_put(t, S("budget:\n"));
	for (uint32_t i = 0; i < budgets->count; i++)
		put_budget(t, margin, &budgets->row[i]);
}

static void
put_teams(struct text *t, const struct tenant *tenant)
{
	text_put(t, tenant->team_count > 0 ? S("    teams:\n") : S(""));
	for (uint32_t i = 0; i < tenant->team_count; i++) {
		const struct team *team = &tenant->team[i];

		text_put(t, S("      "));
		print_value(t, team->name);
		text_put(t, team->budgets.count > 0 ? S(":\n") : S(": {}\n"));
		put_budgets(t, S("        "), &team->budgets);
	}
}

static void
put_time_zones(struct text *t, const struct zone_file *first)
{
	if (first == NULL)
		return;
	for (const struct zone_file *z = first; z != NULL; z = z->next) {
		text_put(t, z == first ? S("time_zones: [") : S(", "));
		print_value(t, z->name);
	}
	text_put(t, S("]\n"));
}

static void
put_tenants(struct text *t, const struct draft *d)
{
	put_time_zones(t, d->s->zone_file);
	text_put(t, d->s->tenant_count > 0 ? S("tenants:\n") : S(""));
	for (uint32_t i = 0; i < d->s->tenant_count; i++) {
		const struct tenant *tenant = &d->tenant[i];

		text_put(t, S("  "));
		print_value(t, tenant->name);
		text_put(t, tenant->limits.any || tenant->budgets.count > 0 ||
		    tenant->team_count > 0 ? S(":\n") : S(": {}\n"));
		print_allowance(t, &tenant->limits);
		put_budgets(t, S("    "), &tenant->budgets);
		put_teams(t, tenant);
	}
}

static void
put_key_workloads(struct text *t, const struct snapshot *s, const uint64_t *set)
{
	bool first = true;

	if (set == NULL)
		return;
	text_put(t, S("    workloads: ["));
	for (uint32_t i = 0; i < s->workload_count; i++) {
		if (!policy_set_has(set, i))
			continue;
		text_put(t, first ? S("") : S(", "));
		print_value(t, s->workload[i].name);
		first = false;
	}
	text_put(t, S("]\n"));
}

static void
put_keys(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	text_put(t, s->key_count > 0 ? S("keys:\n") : S(""));
	for (uint32_t i = 0; i < s->key_count; i++) {
		const struct key *key = &s->key[i];
		const struct bound *bound = &d->key_bound[i];

		print_line(t, S("  - id"), key->id);
		print_line(t, S("    secret"), d->key_source[i]);
		print_line(t, S("    tenant"), key->tenant);
		print_line(t, S("    team"), key->team);
		print_line(t, S("    role"), key->role);
		print_models(t, S("    models"), s, key->models);
		put_key_workloads(t, s, bound->workloads);
		if (is_bounded(&bound->ceiling))
			put_clearance(t, S("    ceiling"), S("    "), d, &bound->ceiling);
		print_allowance(t, &key->limits);
		put_budgets(t, S("    "), key->budgets);
	}
}

static void
put_claims(struct text *t, const struct issuer *issuer)
{
	text_put(t, S("    claims:\n"));
	for (enum claim i = 0; i < CLAIM_COUNT; i++) {
		if (issuer->claim[i].len == 0)
			continue;
		text_put(t, S("      "));
		print_line(t, schema_row[CLAIMS_id + i].name, issuer->claim[i]);
	}
}

/* What values of claims stand for; the last role may be of tokens that name none. */
static void
put_claimed(struct text *t, const struct issuer *issuer)
{
	bool any = false;

	print_line(t, S("    tenant"), issuer->tenant);
	print_line(t, S("    team"), issuer->team);
	if (issuer->tenant_count > 0)
		print_list(t, S("    tenants"), issuer->tenants, issuer->tenant_count);
	for (uint32_t i = 0; i < issuer->role_count; i++) {
		const struct claimed_role *role = &issuer->role[i];

		if (role->value.len == 0) {
			print_line(t, S("    role"), role->name);
			continue;
		}
		text_put(t, any ? S("") : S("    roles:\n"));
		any = true;
		text_put(t, S("      "));
		print_value(t, role->value);
		print_line(t, S(""), role->name);
	}
}

static void
put_issuer(struct text *t, const struct draft *d, const struct issuer *issuer,
    const struct tls_source *tls)
{
	const struct snapshot *s = d->s;
	struct slice names[4];
	uint32_t count = 0;

	while (count < 4 && (names[count] = schema_word(schema_row[ISSUER_algorithms].of,
	    count)).len > 0)
		count++;
	print_row(t, issuer->name);
	print_line(t, S("    issuer"), issuer->iss);
	print_list(t, S("    audience"), issuer->audience, issuer->audience_count);
	print_line(t, S("    jwks"), issuer->jwks);
	print_set(t, S("    algorithms"), (struct names){ names, count }, issuer->algorithms);
	print_count(t, S("    leeway_s"), issuer->leeway_s);
	print_count(t, S("    refresh_s"), issuer->refresh_s);
	print_count(t, S("    keep_s"), issuer->keep_s);
	print_line(t, S("    ca"), tls->ca);
	if (issuer->file.len == 0)
		print_proxy(t, &issuer->at);
	put_claims(t, issuer);
	put_claimed(t, issuer);
	print_models(t, S("    models"), s, issuer->models);
	put_key_workloads(t, s, issuer->workloads);
	if (issuer->ceiling_said)
		put_clearance(t, S("    ceiling"), S("    "), d, &issuer->ceiling);
	print_allowance(t, &issuer->limits);
	put_budgets(t, S("    "), issuer->budgets);
}

static void
put_issuers(struct text *t, const struct draft *d)
{
	text_put(t, d->s->issuer_count > 0 ? S("issuers:\n") : S(""));
	for (uint32_t i = 0; i < d->s->issuer_count; i++)
		put_issuer(t, d, &d->issuer[i], &d->issuer_tls[i]);
}

/* ---- invariants ---- */

static bool
is_said(const struct never *n, enum schema_row key)
{
	return (n->said >> (key - ROW_NEVER) & 1) != 0;
}

/* A set of bits under its key of conf.tbl, where it was said. */
static void
put_never_set(struct text *t, const struct never *n, enum schema_row key, struct names names,
    uint64_t set)
{
	if (!is_said(n, key))
		return;
	text_put(t, S("    "));
	print_set(t, schema_row[key].name, names, set);
}

static void
put_never_level(struct text *t, const struct snapshot *s, const struct never *n,
    enum schema_row key, uint32_t level)
{
	char room[NAME_BYTES_MAX + 3];
	struct text at_least;

	if (!is_said(n, key))
		return;
	text_init(&at_least, room, sizeof room);
	text_put(&at_least, S(">= "));
	text_put(&at_least, s->level[level]);
	text_put(t, S("    "));
	print_line(t, schema_row[key].name, text_slice(&at_least));
}

/* Sets that may be larger than a word. */
static void
put_never_names(struct text *t, const struct never *n, enum schema_row key, struct names names,
    const uint64_t *set)
{
	bool first = true;

	if (!is_said(n, key))
		return;
	text_put(t, S("    "));
	text_put(t, schema_row[key].name);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < names.count; i++) {
		if (!policy_set_has(set, i))
			continue;
		text_put(t, first ? S("") : S(", "));
		print_value(t, names.name[i]);
		first = false;
	}
	text_put(t, S("]\n"));
}

static void
put_never_places(struct text *t, const struct snapshot *s, const struct never *n,
    const struct invariant *v)
{
	const struct vocabulary *names = &s->vocabulary;

	put_never_set(t, n, NEVER_zones, names->zone, v->zones);
	for (unsigned kind = 0; is_said(n, NEVER_zone_kind) && kind < PLACE_OTHER; kind++)
		if ((v->place_kinds >> kind & 1) != 0)
			print_line(t, S("    zone.kind"), schema_word(schema_row[ZONE_kind].of,
			    kind));
	if (v->tools == UINT64_MAX && is_said(n, NEVER_tools))
		text_put(t, S("    tools: [all]\n"));
	else
		put_never_set(t, n, NEVER_tools, names->tool, v->tools);
	put_never_set(t, n, NEVER_without, names->property, v->without);
	put_never_set(t, n, NEVER_outside, names->region, v->outside);
	text_put(t, v->unless_self ? S("    unless_operator: self\n") : S(""));
}

static void
put_invariants(struct text *t, const struct snapshot *s)
{
	const struct vocabulary *names = &s->vocabulary;

	/* A pack's own come with it. */
	for (uint32_t i = 0; i < s->policy.invariant_count && s->never[i].pack.len == 0; i++) {
		const struct invariant *v = &s->policy.invariant[i];
		const struct never *n = &s->never[i];

		text_put(t, i == 0 ? S("never:\n") : S(""));
		print_line(t, S("  - name"), n->name);
		put_never_set(t, n, NEVER_origin_kinds, names->kind, v->origin.kinds);
		put_never_level(t, s, n, NEVER_origin_level, v->origin.level);
		put_never_set(t, n, NEVER_kinds, names->kind, v->label.kinds);
		put_never_level(t, s, n, NEVER_level, v->label.level);
		put_never_set(t, n, NEVER_requires, names->property, v->requires);
		put_never_names(t, n, NEVER_workloads, names->workload, v->workloads);
		put_never_names(t, n, NEVER_roles, names->role, v->roles);
		put_never_places(t, s, n, v);
		print_line(t, S("    basis"), n->basis);
	}
}

static void
put_detection(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;
	bool any = false;

	text_put(t, S("detect:\n"));
	print_line(t, S("  enabled"), s->detect_parts != 0 ? S("true") : S("false"));
	if (s->detect_parts != 0)
		print_set(t, S("  parts"), (struct names){ detection_part, DETECTION_PARTS },
		    s->detect_parts);
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		const struct type_rule *rule = &d->rules->type[i];

		if (!d->type_said[i])
			continue;
		text_put(t, any ? S("") : S("  types:\n"));
		any = true;
		text_put(t, S("    "));
		text_put(t, type_info((enum detect_type)i)->name);
		text_put(t, S(":\n"));
		print_line(t, S("      level"), s->level[rule->label.level]);
		print_set(t, S("      kinds"), (struct names){ s->kind, s->kind_count },
		    rule->label.kinds);
		print_count(t, S("      score"), rule->score_min);
		print_line(t, S("      enabled"), rule->off ? S("false") : S("true"));
	}
}

static void
put_texts(struct text *t, struct slice key, const struct node *words)
{
	if (words == NULL)
		return;
	text_put(t, key);
	text_put(t, S(": ["));
	for (uint32_t i = 0; i < words->count; i++) {
		text_put(t, i > 0 ? S(", ") : S(""));
		print_value(t, words->child[i].text);
	}
	text_put(t, S("]\n"));
}

static void
put_lists(struct text *t, const struct draft *d)
{
	put_texts(t, S("  words"), d->lists.words);
	if (d->lists.key != NULL)
		print_line(t, S("  list_key"), d->lists.key->text);
	text_put(t, d->lists.count > 0 ? S("  lists:\n") : S(""));
	for (uint32_t i = 0; i < d->lists.count; i++) {
		const struct own_list *list = &d->lists.at[i];
		struct label label = d->rules->type[list->type].label;

		text_put(t, S("    "));
		text_put(t, weigh_type(d->rules, list->type)->name);
		text_put(t, S(":\n"));
		print_line(t, S("      level"), d->s->level[label.level]);
		print_set(t, S("      kinds"), (struct names){ d->s->kind, d->s->kind_count },
		    list->kinds);
		put_texts(t, S("      words"), list->words);
		put_texts(t, S("      patterns"), list->patterns);
		print_line(t, S("      any_case"), list->any_case ? S("true") : S(""));
		print_line(t, S("      values"), list->values);
		print_line(t, S("      values_digest"),
		    slice_of(list->digest, strlen(list->digest)));
	}
}

static void
put_combinations(struct text *t, const struct draft *d)
{
	const struct snapshot *s = d->s;

	put_lists(t, d);
	if (d->rules->persons_min != PERSONS_MIN)
		print_count(t, S("  persons"), d->rules->persons_min);
	for (unsigned i = 0; i < COMBINE_COUNT; i++) {
		struct label label = d->rules->combine[i];
		bool off = label.level == 0 && label.kinds == 0;

		if ((d->combinations_said >> i & 1) == 0)
			continue;
		if ((d->combinations_said & ((1U << i) - 1)) == 0)
			text_put(t, S("  combinations:\n"));
		text_put(t, S("    "));
		text_put(t, combine_info((enum combine)i)->name);
		text_put(t, S(":\n"));
		if (!off)
			print_line(t, S("      level"), s->level[label.level]);
		if (!off)
			print_set(t, S("      kinds"), (struct names){ s->kind, s->kind_count },
			    label.kinds);
		print_line(t, S("      enabled"), off ? S("false") : S("true"));
	}
}

void
print_law(struct text *t, const struct draft *d)
{
	put_packs(t, d);
	put_here(t, d);
	put_payloads(t, d);
	put_tools(t, d);
	put_roles(t, d);
	print_set(t, S("duties"), (struct names){ policy_duty_name, DUTY_COUNT },
	    d->s->policy.duties);
	put_detection(t, d);
	put_combinations(t, d);
	text_put(t, S("mask:\n  note: "));
	text_put_json(t, d->s->mask_note);
	text_put_char(t, '\n');
	put_workloads(t, d);
	put_exceptions(t, d);
	put_tenants(t, d);
	put_keys(t, d);
	put_issuers(t, d);
	put_invariants(t, d->s);
}
