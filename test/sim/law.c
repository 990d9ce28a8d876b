/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/law.h"

#include "core/must.h"

/* A minute, which is as exactly as an exception can end. */
#define MINUTE	60

const char *const law_level[LAW_LEVELS] = { "public", "internal", "confidential", "regulated" };
const char *const law_kind[LAW_KINDS] = { "pii", "phi", "credentials", "opaque", "source_code",
	"eu_data", "us_data", "recipe" };
const char *const law_value[LAW_VALUES] = { "email_address", "us_ssn", "github_token" };
const char *const law_region[LAW_REGIONS] = { "unspecified", "de", "ie", "us" };
const char *const law_property[LAW_PROPERTIES] = { "baa", "dpa", "soc2", "zero_retention",
	"no_training" };
const char *const law_tool[LAW_TOOLS] = { "web_search", "mcp" };
const char *const law_feature[LAW_FEATURES] = { "tools", "vision", "audio", "files", "choices",
	"seed", "chat", "completions", "embeddings" };

static void
throw_set(struct dice *d, bool *set, int count, unsigned percent)
{
	for (int i = 0; i < count; i++)
		set[i] = dice_percent(d, percent);
}

static bool
is_known(const struct law *l, int kind)
{
	return kind < LAW_OWN_KINDS || l->own_kind[kind];
}

static void
throw_kinds(const struct law *l, struct dice *d, bool *set, unsigned percent)
{
	throw_set(d, set, LAW_KINDS, percent);
	for (int k = 0; k < LAW_KINDS; k++)
		set[k] = set[k] && is_known(l, k);
}

static void
throw_regions(struct dice *d, bool *set)
{
	throw_set(d, set, LAW_REGIONS, 50);
	set[0] = false;
	set[1 + dice_below(d, LAW_REGIONS - 1)] = true;
}

static void
throw_place(const struct law *l, struct dice *d, struct law_place *p)
{
	*p = (struct law_place){ .said = true };
	p->level = dice_percent(d, 60) ? LAW_LEVELS - 1 : (unsigned)dice_below(d, LAW_LEVELS);
	throw_kinds(l, d, p->kind, 85);
	if (dice_percent(d, 75))
		throw_regions(d, p->region);
	else
		p->region[0] = true;
	throw_set(d, p->holds, LAW_PROPERTIES, 80);
	p->self = dice_percent(d, 40);
	p->offline = dice_percent(d, 30);
}

static void
throw_ceiling(const struct law *l, struct dice *d, struct law_ceiling *c)
{
	*c = (struct law_ceiling){ .said = dice_percent(d, 40) };
	c->level = dice_percent(d, 60) ? LAW_LEVELS - 1 : (unsigned)dice_below(d, LAW_LEVELS);
	c->level_alone = dice_percent(d, 60);
	throw_kinds(l, d, c->kind, 85);
}

static void
throw_brings(struct law *l, struct dice *d)
{
	for (int k = 0; k < LAW_KINDS; k++) {
		struct law_label *brings = &l->brings[k];

		*brings = (struct law_label){ .level = 0 };
		l->own_kind[k] = k >= LAW_OWN_KINDS && dice_percent(d, 80);
		l->kind_said[k] = k < LAW_OWN_KINDS ? dice_percent(d, 50) : l->own_kind[k];
		if (!l->kind_said[k])
			continue;
		brings->level = dice_percent(d, 50) ? 0 : (unsigned)dice_below(d, LAW_LEVELS);
		throw_set(d, brings->requires, LAW_PROPERTIES, 10);
		brings->bound = dice_percent(d, 20);
		if (brings->bound)
			throw_regions(d, brings->region);
	}
}

static void
throw_workload(const struct law *l, struct dice *d, struct law_workload *w, int models)
{
	*w = (struct law_workload){ .match = (enum law_match)dice_below(d, 4) };
	if (dice_percent(d, 50)) {
		w->floor.level = (unsigned)dice_below(d, LAW_LEVELS);
		throw_kinds(l, d, w->floor.kind, 12);
		throw_set(d, w->floor.requires, LAW_PROPERTIES, 8);
		w->floor.bound = dice_percent(d, 20);
		if (w->floor.bound)
			throw_regions(d, w->floor.region);
	}
	w->capability = dice_percent(d, 40) ? (unsigned)dice_between(d, 1, 3) : 0;
	w->offline = dice_percent(d, 8);
	w->reroute = dice_percent(d, 40);
	w->refused_degrade = dice_percent(d, 30);
	w->down_degrade = dice_percent(d, 30);
	w->bounded = dice_percent(d, 20);
	throw_set(d, w->model, models, 60);
	w->model[0] = true;
	w->durable = dice_percent(d, 25);
	w->no_content_log = dice_percent(d, 25);
	w->pinned = dice_percent(d, 25);
	w->deterministic = dice_percent(d, 25);
}

static void
throw_caller(const struct law *l, struct dice *d, struct law_caller *c)
{
	*c = (struct law_caller){ .there = true, .role = (int)dice_below(d, LAW_ROLES + 1) - 1 };
	if (dice_percent(d, 30))
		throw_ceiling(l, d, &c->ceiling);
	if (l->workloads == 0)
		return;
	c->bounded = dice_percent(d, 40);
	throw_set(d, c->workload, l->workloads, 60);
	c->workload[dice_below(d, (uint64_t)l->workloads)] = true;
}

static void
throw_exception(const struct law *l, struct dice *d, struct law_exception *x, int zones,
    int64_t now)
{
	*x = (struct law_exception){ .there = l->workloads > 0 && dice_percent(d, 60) };
	if (!x->there)
		return;
	x->workload = (int)dice_below(d, (uint64_t)l->workloads);
	x->zone = (int)dice_below(d, (uint64_t)zones);
	x->level = dice_percent(d, 60) ? LAW_LEVELS - 1 : (unsigned)dice_below(d, LAW_LEVELS);
	throw_kinds(l, d, x->kind, 60);
	throw_set(d, x->waives, LAW_PROPERTIES, 50);
	x->until = now / MINUTE * MINUTE + MINUTE;
	if (dice_percent(d, 40))
		x->until += (int64_t)dice_wide(d, 0, 100000) * MINUTE;
	else if (dice_percent(d, 20))
		x->until -= 2 * MINUTE;
}

/* What its texts hold matters in some. */
static void
throw_findings(struct law *l, struct dice *d)
{
	l->detects = dice_percent(d, 60);
	for (int i = 0; i < LAW_VALUES; i++)
		l->value_level[i] = (unsigned)dice_between(d, 1, LAW_LEVELS - 1);
	for (int i = 0; i < l->workloads; i++) {
		struct law_workload *w = &l->workload[i];

		for (int v = 0; v < LAW_VALUES; v++)
			if (dice_percent(d, 40))
				w->act[v] = (enum law_act)dice_below(d, 4);
		if (w->act[LAW_SECRET] != LAW_REFUSE)
			w->act[LAW_SECRET] = LAW_RAISE;
		/* Whichever of the two would be tried first. */
		w->refused_mask = !w->refused_degrade && dice_percent(d, 70);
		w->watch = (enum law_watch)dice_below(d, 4);
	}
}

void
law_throw(struct law *l, struct dice *d, int zones, int models, int64_t now)
{
	bool rich = dice_percent(d, 65);

	*l = (struct law){ .rich = rich, .fallback = -1 };
	for (int z = 0; z < zones; z++) {
		l->zone[z].level = (unsigned)dice_below(d, LAW_LEVELS);
		for (int k = 0; k < LAW_OWN_KINDS; k++)
			l->zone[z].kind[k] = k != LAW_CREDENTIALS;
		l->zone[z].self = z % 2 == 0;
		l->zone[z].region[0] = l->zone[z].plain = true;
	}
	for (int c = 0; c < LAW_CALLERS; c++)
		l->caller[c] = (struct law_caller){ .there = true, .role = -1 };
	if (!rich)
		return;
	throw_brings(l, d);
	for (int z = 0; z < zones; z++)
		throw_place(l, d, &l->zone[z]);
	if (dice_percent(d, 15)) {
		throw_place(l, d, &l->here);
		l->here.self = true;
	}
	for (int t = 0; t < LAW_TOOLS; t++) {
		throw_place(l, d, &l->tool[t]);
		l->tool[t].said = dice_percent(d, 75);
	}
	for (int r = 0; r < LAW_ROLES; r++) {
		throw_ceiling(l, d, &l->role[r].ceiling);
		l->role[r].explain = dice_percent(d, 60);
	}
	l->workloads = dice_percent(d, 75) ? (int)dice_between(d, 1, LAW_WORKLOADS) : 0;
	for (int w = 0; w < l->workloads; w++)
		throw_workload(l, d, &l->workload[w], models);
	l->fallback = l->workloads > 0 && dice_percent(d, 80)
	    ? (int)dice_below(d, (uint64_t)l->workloads) : -1;
	for (int c = 0; c < LAW_CALLERS; c++)
		throw_caller(l, d, &l->caller[c]);
	for (int x = 0; x < LAW_EXCEPTIONS; x++)
		throw_exception(l, d, &l->exception[x], zones, now);
	for (int m = 0; m < models; m++) {
		struct law_model *model = &l->model[m];

		model->capability = dice_percent(d, 50) ? 3 : (unsigned)dice_below(d, 4);
		model->features_said = dice_percent(d, 25);
		throw_set(d, model->lacks, LAW_FEATURES, 15);
		model->drain = m > 0 && dice_percent(d, 8);
		model->other_version = dice_percent(d, 15);
		model->flag = dice_percent(d, 40);
	}
	if (l->workloads > 0)
		throw_findings(l, d);
}

void
law_loosen(struct law *l, int zones)
{
	for (int z = 0; z < zones && l->rich; z++) {
		struct law_place *p = &l->zone[z];

		p->level = LAW_LEVELS - 1;
		for (int k = 0; k < LAW_KINDS; k++)
			p->kind[k] |= k != LAW_CREDENTIALS && (k < LAW_OWN_KINDS || l->own_kind[k]);
		for (int i = 0; i < LAW_PROPERTIES; i++)
			p->holds[i] = true;
	}
	for (int i = 0; i < l->workloads; i++) {
		struct law_workload *w = &l->workload[i];

		w->floor = (struct law_label){ .level = 0 };
		w->capability = 0;
		w->offline = w->bounded = w->deterministic = false;
	}
	if (l->workloads > 0 && l->fallback < 0)
		l->fallback = 0;
}

/* ---- stricter ---- */

static void
forget_kind(struct law *l, int kind)
{
	l->own_kind[kind] = l->kind_said[kind] = false;
	for (int z = 0; z < LAW_ZONES; z++)
		l->zone[z].kind[kind] = false;
	for (int t = 0; t < LAW_TOOLS; t++)
		l->tool[t].kind[kind] = false;
	for (int r = 0; r < LAW_ROLES; r++)
		l->role[r].ceiling.kind[kind] = false;
	for (int c = 0; c < LAW_CALLERS; c++)
		l->caller[c].ceiling.kind[kind] = false;
	for (int w = 0; w < LAW_WORKLOADS; w++)
		l->workload[w].floor.kind[kind] = false;
	for (int x = 0; x < LAW_EXCEPTIONS; x++)
		l->exception[x].kind[kind] = false;
	l->here.kind[kind] = false;
}

static void
tighten_caller(struct law *l, struct dice *d)
{
	struct law_caller *c = &l->caller[dice_below(d, LAW_CALLERS)];
	uint64_t what = dice_below(d, 3);

	if (what == 0 && c != &l->caller[0])
		c->there = false;
	else if (what == 1)
		c->turned = true;
	else if (l->workloads > 1) {
		int keep = (int)dice_below(d, (uint64_t)l->workloads);

		for (int w = 0; w < l->workloads; w++)
			c->workload[w] = w == keep;
		c->bounded = true;
	}
}

static void
tighten_workload(struct law *l, struct dice *d, int models)
{
	struct law_workload *w = &l->workload[dice_below(d, LAW_WORKLOADS)];

	if (l->workloads == 0)
		return;
	if (dice_percent(d, 50)) {
		w->floor.level = LAW_LEVELS - 1;
		w->floor.requires[dice_below(d, LAW_PROPERTIES)] = true;
		return;
	}
	/* More able models than it had, and fewer: the one must not hide the other. */
	w->capability = 3;
	w->bounded = true;
	throw_set(d, w->model, models, 30);
	w->model[0] = true;
}

static void
tighten_exception(struct law *l, struct dice *d, int64_t now)
{
	struct law_exception *x = &l->exception[dice_below(d, LAW_EXCEPTIONS)];

	if (dice_percent(d, 50))
		x->until = now / MINUTE * MINUTE + (dice_percent(d, 50) ? MINUTE : -MINUTE);
	else
		x->there = false;
}

static void
tighten_kind(struct law *l, struct dice *d)
{
	int kind = (int)dice_below(d, LAW_KINDS);

	if (kind >= LAW_OWN_KINDS && dice_percent(d, 40)) {
		forget_kind(l, kind);
	} else if (l->kind_said[kind]) {
		l->brings[kind].requires[dice_below(d, LAW_PROPERTIES)] = true;
		l->brings[kind].level = LAW_LEVELS - 1;
	}
}

static void
tighten_once(struct law *l, struct dice *d, int zones, int models, int64_t now)
{
	struct law_place *zone = &l->zone[dice_below(d, (uint64_t)zones)];
	struct law_place *tool = &l->tool[dice_below(d, LAW_TOOLS)];
	struct law_role *role = &l->role[dice_below(d, LAW_ROLES)];

	switch (dice_below(d, l->rich ? 10 : 2)) {
	case 0:
	case 1:
		zone->level = zone->level > 0 ? (unsigned)dice_below(d, zone->level) : 0;
		break;
	case 2:
		zone->kind[dice_below(d, LAW_KINDS)] = false;
		zone->holds[dice_below(d, LAW_PROPERTIES)] = false;
		break;
	case 3:
		tool->said = tool->said && dice_percent(d, 50);
		tool->level = 0;
		break;
	case 4:
		role->ceiling = (struct law_ceiling){ .said = true, .level_alone = true };
		break;
	case 5:
		l->model[dice_below(d, (uint64_t)models)].drain = true;
		break;
	case 6:
		tighten_workload(l, d, models);
		break;
	case 7:
		tighten_exception(l, d, now);
		break;
	case 8:
		tighten_kind(l, d);
		break;
	default:
		tighten_caller(l, d);
		break;
	}
}

void
law_tighten(struct law *l, struct dice *d, int zones, int models, int64_t now)
{
	for (uint64_t n = dice_between(d, 1, 3); n > 0; n--)
		tighten_once(l, d, zones, models, now);
}
