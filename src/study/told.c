/* SPDX-License-Identifier: Apache-2.0 */
#include "study/told.h"

#include "core/limit.h"

static struct slice
name_of(struct names names, uint32_t at)
{
	return at < names.count ? names.name[at] : slice_of(NULL, 0);
}

struct slice
told_kind(enum place_kind kind)
{
	static const struct slice name[] = {
		{ "edge", 4 }, { "on_prem", 7 }, { "private_cloud", 13 }, { "public_api", 10 },
		{ "other", 5 },
	};

	return name[kind];
}

void
told_put_bold(struct text *t, bool colour, struct slice s)
{
	text_put(t, colour ? S("\033[1m") : S(""));
	text_put(t, s);
	text_put(t, colour ? S("\033[0m") : S(""));
}

/* The name, then blanks up to a width. */
static void
put_wide(struct text *t, struct slice s, size_t width)
{
	text_put(t, s);
	for (size_t i = s.len; i < width; i++)
		text_put_char(t, ' ');
}

static size_t
widest(struct names names)
{
	size_t width = 0;

	for (uint32_t i = 0; i < names.count; i++)
		if (names.name[i].len > width)
			width = names.name[i].len;
	return width < 32 ? width : 32;
}

static void
put_names(struct text *t, struct names names, uint64_t set)
{
	bool first = true;

	for (uint32_t i = 0; i < names.count; i++) {
		if ((set >> i & 1) == 0)
			continue;
		text_put(t, first ? S("") : S(", "));
		text_put(t, names.name[i]);
		first = false;
	}
	text_put(t, first ? S("none") : S(""));
}

/* ---- the label and its sources ---- */

struct source {
	struct slice	what, name;
	struct label	label;
};

struct sources {
	struct source	source[KIND_MAX + TYPE_COUNT + 4];
	uint32_t	count;
};

static void
add_source(struct sources *s, struct slice what, struct slice name, struct label label)
{
	s->source[s->count++] = (struct source){ what, name, label };
}

static void
find_sources(struct sources *s, const struct telling *told)
{
	const struct ruling *r = told->ruling;
	const struct policy *p = &r->snapshot->policy;
	const struct vocabulary *v = &r->snapshot->vocabulary;
	struct label opaque = LABEL_PUBLIC;
	uint32_t kind;

	s->count = 0;
	add_source(s, told->source, slice_of(NULL, 0), r->said);
	must(snapshot_kind(r->snapshot, S("opaque"), &kind));
	opaque.kinds = r->use.opaque ? UINT64_C(1) << kind : 0;
	add_source(s, S("a part that cannot be read"), slice_of(NULL, 0), opaque);
	for (unsigned i = 0; r->sight != NULL && i < TYPE_COUNT; i++)
		if (r->sight->census.count[i] > 0 || r->sight->cut)
			add_source(s, S("found "),
			    weigh_type(r->snapshot->rules, (enum detect_type)i)->name,
			    r->snapshot->rules->type[i].label);
	add_source(s, S("floor of workload "), name_of(v->workload, r->facts.workload),
	    p->workload[r->facts.workload].floor);
	for (uint32_t k = 0; k < p->kind_count; k++) {
		struct label brings = p->kind_label[k];

		if ((r->verdict.label.kinds >> k & 1) == 0)
			continue;
		brings.kinds &= ~(UINT64_C(1) << k);
		add_source(s, S("brought by kind "), name_of(v->kind, k), brings);
	}
}

/* One part of a label: does a source bring it? */
struct part {
	enum { PART_LEVEL, PART_KIND, PART_REGIONS, PART_REQUIRES } of;
	uint32_t	bit;
};

static bool
brings(const struct label *l, struct part part, const struct label *whole)
{
	switch (part.of) {
	case PART_LEVEL:
		return l->level == whole->level && l->level > 0;
	case PART_KIND:
		return (l->kinds >> part.bit & 1) != 0;
	case PART_REGIONS:
		return l->regions != UINT64_MAX;
	case PART_REQUIRES:
		return (l->requires >> part.bit & 1) != 0;
	}
	return false;
}

static void
put_part_is(struct text *t, const struct ruling *r, struct part part)
{
	const struct vocabulary *v = &r->snapshot->vocabulary;

	if (part.of == PART_LEVEL)
		text_put(t, name_of(v->level, r->verdict.label.level));
	else if (part.of == PART_KIND)
		text_put(t, name_of(v->kind, part.bit));
	else if (part.of == PART_REQUIRES)
		text_put(t, name_of(v->property, part.bit));
	else
		put_names(t, v->region, r->verdict.label.regions);
}

static struct slice
part_name(struct part part)
{
	static const struct slice names[] = {
		{ "level", 5 }, { "kind", 4 }, { "regions", 7 }, { "requires", 8 },
	};

	return names[part.of];
}

/* One line of the label, as text or as JSON. */
static void
put_part(struct text *t, const struct telling *told, const struct sources *s, struct part part)
{
	const struct label *whole = &told->ruling->verdict.label;
	size_t from;
	bool any = false;

	text_put(t, S("  "));
	put_wide(t, part_name(part), 10);
	from = t->len;
	put_part_is(t, told->ruling, part);
	put_wide(t, S(""), t->len - from < 18 ? 18 - (t->len - from) : 0);
	for (uint32_t i = 0; i < s->count; i++) {
		if (!brings(&s->source[i].label, part, whole))
			continue;
		text_put(t, any ? S("; ") : S("  "));
		text_put(t, s->source[i].what);
		text_put(t, s->source[i].name);
		any = true;
	}
	text_put(t, any ? S("\n") : S("  the least\n"));
}

static void
put_part_json(struct text *t, const struct telling *told, const struct sources *s,
    struct part part)
{
	const struct label *whole = &told->ruling->verdict.label;
	bool any = false;

	text_put(t, part.of == PART_LEVEL ? S("{\"part\":") : S(",{\"part\":"));
	text_put_json(t, part_name(part));
	text_put(t, S(",\"is\":\""));
	put_part_is(t, told->ruling, part);
	text_put(t, S("\",\"from\":["));
	for (uint32_t i = 0; i < s->count; i++) {
		if (!brings(&s->source[i].label, part, whole))
			continue;
		text_put(t, any ? S(",\"") : S("\""));
		text_put_escaped(t, s->source[i].what);
		text_put_escaped(t, s->source[i].name);
		text_put_char(t, '"');
		any = true;
	}
	text_put(t, S("]}"));
}

static void
put_either(struct text *t, const struct telling *told, const struct sources *s, struct part part)
{
	if (told->json)
		put_part_json(t, told, s, part);
	else
		put_part(t, told, s, part);
}

static void
put_label(struct text *t, const struct telling *told)
{
	const struct label *label = &told->ruling->verdict.label;
	struct sources *sources = arena_alloc(told->arena, sizeof *sources);

	if (sources == NULL)
		return;
	find_sources(sources, told);
	put_either(t, told, sources, (struct part){ PART_LEVEL, 0 });
	for (uint32_t i = 0; i < 64; i++)
		if ((label->kinds >> i & 1) != 0)
			put_either(t, told, sources, (struct part){ PART_KIND, i });
	if (label->regions != UINT64_MAX)
		put_either(t, told, sources, (struct part){ PART_REGIONS, 0 });
	for (uint32_t i = 0; i < 64; i++)
		if ((label->requires >> i & 1) != 0)
			put_either(t, told, sources, (struct part){ PART_REQUIRES, i });
}

/* ---- models ---- */

/* The clearance that stood in the way. */
static const struct clearance *
refusing_clearance(const struct ruling *r, uint32_t model, enum reason request)
{
	const struct policy *p = &r->snapshot->policy;

	if (request == REASON_HERE)
		return &p->here.clearance;
	if (request == REASON_ROLE)
		return &facts_bound(p, &r->facts)->ceiling;
	return &p->place[p->model[model].place].clearance;
}

static void
put_flow_lack(struct text *t, const struct ruling *r, const struct clearance *c)
{
	const struct vocabulary *v = &r->snapshot->vocabulary;
	const struct label *l = &r->verdict.label;

	switch (label_flow(*l, *c)) {
	case FLOW_LEVEL:
		text_put(t, name_of(v->level, l->level));
		text_put(t, S(" is above "));
		text_put(t, name_of(v->level, c->level));
		break;
	case FLOW_KIND:
		put_names(t, v->kind, l->kinds & ~c->kinds);
		break;
	case FLOW_REGION:
		put_names(t, v->region, c->regions & ~l->regions);
		text_put(t, S(" is outside of "));
		put_names(t, v->region, l->regions);
		break;
	case FLOW_REQUIRES:
		put_names(t, v->property, l->requires & ~c->holds);
		break;
	case FLOW_MAY:
		break;
	}
}

static void
put_need_lack(struct text *t, const struct ruling *r, uint32_t model, enum reason reason)
{
	static const struct names features = { policy_feature_name, FEATURE_COUNT };
	const struct policy *p = &r->snapshot->policy;
	const struct policy_model *m = &p->model[model];

	if (reason == REASON_FEATURE) {
		put_names(t, features, (r->facts.features |
		    p->workload[r->facts.workload].features) & ~m->features);
	} else if (reason == REASON_CONTEXT) {
		text_put_number(t, r->facts.tokens);
		text_put(t, S(" tokens, and room for "));
		text_put_number(t, m->context_tokens);
	}
}

void
told_put_lack(struct text *t, const struct ruling *r, uint32_t model, enum reason reason)
{
	switch (reason) {
	case REASON_HERE:
	case REASON_ROLE:
	case REASON_LEVEL:
	case REASON_KIND:
	case REASON_REGION:
	case REASON_REQUIRES:
		put_flow_lack(t, r, refusing_clearance(r, model, reason));
		break;
	default:
		put_need_lack(t, r, model, reason);
	}
}

static const struct place *
place_of(const struct ruling *r, uint32_t model)
{
	return &r->snapshot->policy.place[r->snapshot->policy.model[model].place];
}

static void
put_model(struct text *t, const struct ruling *r, uint32_t model)
{
	const struct vocabulary *v = &r->snapshot->vocabulary;

	put_wide(t, name_of(v->model, model), widest(v->model));
	text_put(t, S("  zone "));
	text_put(t, name_of(v->zone, r->snapshot->policy.model[model].place));
	text_put(t, S(" ("));
	text_put(t, told_kind(place_of(r, model)->kind));
	text_put_char(t, ')');
}

static void
put_exception(struct text *t, const struct ruling *r, uint32_t exception)
{
	const struct exception *x = &r->snapshot->exception[exception];

	text_put(t, S("\n       by exception "));
	text_put(t, x->name);
	text_put(t, S(" until "));
	text_put(t, x->until);
	text_put(t, S(", approved by "));
	text_put(t, x->approved_by);
	text_put(t, S(": "));
	text_put(t, x->why);
}

static void
put_plan(struct text *t, const struct telling *told)
{
	const struct ruling *r = told->ruling;

	told_put_bold(t, told->colour, S("plan"));
	text_put(t, r->verdict.count == 0 ? S("  empty") : S(""));
	text_put(t, r->verdict.degraded ? S("  with less capability than the workload needs\n")
	    : S("\n"));
	for (uint32_t i = 0; i < r->verdict.count; i++) {
		text_put(t, S("  "));
		text_put_number(t, i + 1);
		text_put(t, S(". "));
		put_model(t, r, r->verdict.model[i]);
		if (r->verdict.exception[i] > 0)
			put_exception(t, r, r->verdict.exception[i] - 1);
		text_put_char(t, '\n');
	}
}

static void
put_refused(struct text *t, const struct telling *told)
{
	const struct ruling *r = told->ruling;
	size_t from;

	if (r->verdict.refused == 0)
		return;
	told_put_bold(t, told->colour, S("refused"));
	text_put_char(t, '\n');
	for (uint32_t i = 0; i < r->facts.count; i++) {
		enum reason reason = (enum reason)r->reason[i];

		if (reason == REASON_NONE)
			continue;
		text_put(t, S("     "));
		put_model(t, r, r->facts.model[i]);
		text_put(t, S("\n       "));
		text_put(t, reason_info(reason)->name);
		text_put(t, S(": it "));
		text_put(t, reason_info(reason)->text);
		from = t->len;
		text_put(t, S(" ("));
		told_put_lack(t, r, r->facts.model[i], reason);
		if (t->len == from + 2)
			t->len = from;
		text_put(t, t->len == from ? S("\n") : S(")\n"));
	}
}

/* ---- findings ---- */

static void
put_finding(struct text *t, const struct sight *s, const struct sighting *at,
    const struct finding *f)
{
	text_put(t, S("  "));
	put_wide(t, weigh_type(s->snapshot->rules, (enum detect_type)f->type)->name, 20);
	text_put_char(t, ' ');
	json_put_path(t, s->json, at->at.node);
	text_put_char(t, '[');
	text_put_number(t, f->start);
	text_put_char(t, ':');
	text_put_number(t, f->end);
	text_put(t, S("]  "));
	text_put_number(t, f->score);
	text_put(t, S(" % "));
	finding_put_evidence(t, f);
	text_put_char(t, '\n');
}

static void
put_masked(struct text *t, const struct telling *told)
{
	const struct ruling *r = told->ruling;

	if (r->cover == NULL)
		return;
	told_put_bold(t, told->colour, S("masked"));
	text_put(t, S("    "));
	text_put_number(t, r->cover->tokens);
	text_put(t, S(" spans; the label was "));
	explain_put_label(t, &r->snapshot->vocabulary,
	    policy_close(&r->snapshot->policy, r->cover->origin));
	text_put_char(t, '\n');
}

static void
put_findings(struct text *t, const struct telling *told)
{
	const struct sight *s = told->ruling->sight;
	uint32_t left = EVIDENCE_MAX;

	if (s == NULL || s->count == 0)
		return;
	told_put_bold(t, told->colour, S("findings"));
	text_put_char(t, '\n');
	for (uint32_t i = 0; i < s->count; i++)
		for (uint32_t k = 0; k < s->at[i].found.count && left > 0; k++, left--)
			put_finding(t, s, &s->at[i], &s->at[i].found.at[k]);
	text_put(t, left == 0 || s->cut ? S("  ... and more\n") : S(""));
}

/* ---- duties ---- */

static void
put_duty_sources(struct text *t, const struct ruling *r, uint32_t bit)
{
	const struct policy *p = &r->snapshot->policy;
	const struct vocabulary *v = &r->snapshot->vocabulary;
	bool any = false;

	if ((p->duties & bit) != 0) {
		text_put(t, S("every request"));
		any = true;
	}
	if ((p->workload[r->facts.workload].duties & bit) != 0) {
		text_put(t, any ? S("; workload ") : S("workload "));
		text_put(t, name_of(v->workload, r->facts.workload));
		any = true;
	}
	for (uint32_t k = 0; k < p->kind_count; k++) {
		if ((r->verdict.label.kinds >> k & 1) == 0 || (p->kind_duties[k] & bit) == 0)
			continue;
		text_put(t, any ? S("; kind ") : S("kind "));
		text_put(t, name_of(v->kind, k));
		any = true;
	}
}

static void
put_duties(struct text *t, const struct telling *told)
{
	const struct ruling *r = told->ruling;

	if (r->verdict.duties == 0)
		return;
	told_put_bold(t, told->colour, S("duties"));
	text_put_char(t, '\n');
	for (uint32_t i = 0; i < DUTY_COUNT; i++) {
		if ((r->verdict.duties >> i & 1) == 0)
			continue;
		text_put(t, S("  "));
		put_wide(t, policy_duty_name[i], 28);
		text_put(t, S("  "));
		put_duty_sources(t, r, UINT32_C(1) << i);
		text_put_char(t, '\n');
	}
}

/* ---- the whole ---- */

static void
put_line(struct text *t, const struct telling *told, struct slice what, struct slice is)
{
	if (is.len == 0)
		return;
	told_put_bold(t, told->colour, what);
	put_wide(t, S(""), what.len < 10 ? 10 - what.len : 1);
	text_put(t, is);
	text_put_char(t, '\n');
}

static void
put_error(struct text *t, const struct telling *told)
{
	const struct ruling *r = told->ruling;

	told_put_bold(t, told->colour, S("answer"));
	text_put(t, S("    "));
	text_put_number(t, (uint64_t)err_info(r->err)->status);
	if (r->err == ERR_OK) {
		text_put(t, S(" by "));
		text_put(t, name_of(r->snapshot->vocabulary.model, r->verdict.model[0]));
	} else {
		text_put_char(t, ' ');
		ruling_put_code(t, r);
		text_put(t, S(": "));
		text_put(t, ruling_text(r));
	}
	text_put_char(t, '\n');
}

static void
put_uses(struct text *t, const struct telling *told)
{
	static const struct names features = { policy_feature_name, FEATURE_COUNT };
	const struct facts *f = &told->ruling->facts;

	told_put_bold(t, told->colour, S("uses"));
	text_put(t, S("      "));
	put_names(t, features, f->features);
	text_put(t, S("; "));
	text_put_number(t, f->tokens);
	text_put(t, S(" tokens"));
	if (f->tools != 0) {
		text_put(t, S("; hosted tools "));
		put_names(t, told->ruling->snapshot->vocabulary.tool, f->tools);
	}
	text_put(t, f->tool_unknown ? S("; a hosted tool that is not in the configuration\n")
	    : S("\n"));
}

static void
put_words(struct text *t, const struct telling *told)
{
	const struct ruling *r = told->ruling;
	const struct vocabulary *v = &r->snapshot->vocabulary;

	put_error(t, told);
	put_line(t, told, S("key"), r->key == NULL ? S("") : r->key->id);
	put_line(t, told, S("model"), r->ask.model);
	put_line(t, told, S("policy"), slice_of(r->snapshot->hash, SNAPSHOT_HASH_BYTES));
	if (!r->decided)
		return;
	put_line(t, told, S("workload"), name_of(v->workload, r->facts.workload));
	put_uses(t, told);
	told_put_bold(t, told->colour, S("label"));
	text_put_char(t, '\n');
	put_label(t, told);
	put_masked(t, told);
	put_findings(t, told);
	put_plan(t, told);
	put_refused(t, told);
	put_duties(t, told);
}

/* ---- as JSON ---- */

static void
put_json_name(struct text *t, struct slice key, struct slice value)
{
	text_put(t, key);
	if (value.ptr == NULL)
		text_put(t, S("null"));
	else
		text_put_json(t, value);
}

static void
put_json_model(struct text *t, const struct ruling *r, uint32_t model)
{
	const struct vocabulary *v = &r->snapshot->vocabulary;

	put_json_name(t, S("{\"model\":"), name_of(v->model, model));
	put_json_name(t, S(",\"zone\":"), name_of(v->zone, r->snapshot->policy.model[model].place));
	put_json_name(t, S(",\"zone_kind\":"), told_kind(place_of(r, model)->kind));
}

static void
put_json_models(struct text *t, const struct ruling *r)
{
	size_t from;

	text_put(t, S(",\"models\":["));
	for (uint32_t i = 0; i < r->verdict.count; i++) {
		text_put(t, i > 0 ? S(",") : S(""));
		put_json_model(t, r, r->verdict.model[i]);
		text_put(t, S(",\"rank\":"));
		text_put_number(t, i + 1);
		if (r->verdict.exception[i] > 0)
			put_json_name(t, S(",\"exception\":"),
			    r->snapshot->exception[r->verdict.exception[i] - 1].name);
		text_put_char(t, '}');
	}
	for (uint32_t i = 0, told = r->verdict.count; i < r->facts.count; i++) {
		enum reason reason = (enum reason)r->reason[i];

		if (reason == REASON_NONE)
			continue;
		text_put(t, told++ > 0 ? S(",") : S(""));
		put_json_model(t, r, r->facts.model[i]);
		put_json_name(t, S(",\"reason\":"), reason_info(reason)->name);
		put_json_name(t, S(",\"text\":"), reason_info(reason)->text);
		from = t->len;
		text_put(t, S(",\"lacks\":\""));
		told_put_lack(t, r, r->facts.model[i], reason);
		if (t->len == from + 10)
			t->len = from;
		text_put(t, t->len == from ? S("}") : S("\"}"));
	}
	text_put_char(t, ']');
}

static void
put_json_error(struct text *t, const struct ruling *r)
{
	text_put(t, S(",\"error\":"));
	if (r->err == ERR_OK) {
		text_put(t, S("null"));
		return;
	}
	text_put(t, S("{\"code\":\""));
	ruling_put_code(t, r);
	text_put(t, S("\",\"message\":"));
	text_put_json(t, ruling_text(r));
	text_put_char(t, '}');
}

static void
put_json(struct text *t, const struct telling *told)
{
	const struct ruling *r = told->ruling;
	struct explanation decision = ruling_explanation(r);

	text_put(t, S("{\"policy\":\""));
	text_put(t, slice_of(r->snapshot->hash, SNAPSHOT_HASH_BYTES));
	text_put(t, S("\",\"status\":"));
	text_put_number(t, (uint64_t)err_info(r->err)->status);
	put_json_name(t, S(",\"key\":"), r->key == NULL ? slice_of(NULL, 0) : r->key->id);
	put_json_name(t, S(",\"model\":"), r->ask.model);
	put_json_error(t, r);
	if (r->decided) {
		text_put(t, S(",\"label_from\":["));
		put_label(t, told);
		text_put_char(t, ']');
		if (r->sight != NULL && r->sight->count > 0) {
			text_put(t, S(",\"findings\":"));
			sight_put_evidence(t, r->sight);
		}
		if (r->cover != NULL) {
			text_put(t, S(",\"masked\":"));
			text_put_number(t, r->cover->tokens);
			text_put(t, S(",\"label_before\":"));
			explain_put_label_json(t, &r->snapshot->vocabulary,
			    policy_close(&r->snapshot->policy, r->cover->origin));
		}
		put_json_models(t, r);
		text_put(t, S(",\"decision\":"));
		explain_put(t, &decision);
	}
	text_put_char(t, '}');
}

void
told_put(struct text *t, const struct telling *told)
{
	if (told->json)
		put_json(t, told);
	else
		put_words(t, told);
}
