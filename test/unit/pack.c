/* SPDX-License-Identifier: Apache-2.0 */

/*
 * pack - what a law asks for is in force, whatever the file says beside it.
 */

#include "conf/draft.h"

#include "check.h"
#include "run/heap.h"

static const struct hash_key hash_key = { { 5, 13 } };

#define REST	"log: {file: /dev/null}\n"					\
		"zones: {z: {kind: public_api, regions: [us]}}\n"		\
		"models: {m: {vendor: simulated, zone: z}}\n"
#define EU	"regions: {eu: [de, ie], us: []}\n"
#define KEPT_APART							\
	(1 << DUTY_durable_record | 1 << DUTY_no_cache | 1 << DUTY_no_content_log)
#define US	"regions: [us]\n"

struct loaded {
	struct report	 report;
	struct snapshot	*snapshot;
	enum err	 e;
};

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static struct loaded
load(struct slice yaml)
{
	struct conf_options options = { .hash_key = &hash_key, .workers = 2, .detached = true };
	struct loaded l = { .snapshot = NULL };

	report_init(&l.report, S("t"));
	l.e = conf_load(yaml, &options, &l.report, &l.snapshot);
	return l;
}

static void
unload(struct loaded *l)
{
	snapshot_unref(l->snapshot);
	report_release(&l->report);
}

static struct slice
messages(const struct loaded *l, char *room, size_t bytes)
{
	struct text t;

	text_init(&t, room, bytes);
	for (uint32_t i = 0; i < l->report.count; i++)
		report_put(&l->report, i, &t);
	return text_slice(&t);
}

static bool
has(struct slice s, const char *needle)
{
	return slice_find(s, text_of(needle)) < s.len;
}

/* ---- what is said ---- */

static const struct {
	const char	*yaml;
	const char	*want;		/* a part of the messages; empty: none at all */
	bool		 good;
	const char	*why;
} cases[] = {
	{ US "packs: []\n" REST, "", true, "no pack" },
	{ US "packs: [hipaa]\n" REST, "", true, "a pack that needs nothing beyond the usual levels" },
	{ EU "packs: [gdpr]\n" REST, "", true, "a pack with its region" },
	{ "regions: {eea: [de], us: []}\npacks: [gdpr]\n" REST, "", true, "one of its regions is enough" },
	{ US "packs: [gdpr]\n" REST, "t:2:9: error: the pack `gdpr` needs a region `eu`, `eea` or "
	  "`adequate`; add it to `regions`", false, "a region that is missing, in the pack's name" },
	{ US "levels: [a, b]\npacks: [hipaa]\n" REST, "t:3:9: error: the pack `hipaa` needs a level "
	  "`regulated`; add it to `levels`", false, "a level that is missing" },
	{ US "packs: [hippa]\n" REST, "t:2:9: error: there is no pack `hippa`; did you mean `hipaa`?",
	  false, "a name that is none" },
	{ US "packs: [pci, hipaa, pci]\n" REST, "t:2:21: error: the pack `pci` stands twice", false,
	  "the same twice" },
	{ US "packs: hipaa\n" REST, "`packs` must be a list of names", false, "no list" },
	{ US "packs: [hipaa]\nkinds: {phi: {level: internal}}\n" REST, "t:3:22: warning: `phi` is "
	  "`regulated` at least by the pack `hipaa`, which holds", true, "a level below the pack's" },
	{ US "packs: [hipaa]\nkinds: {phi: {level: regulated}}\n" REST, "", true, "the same level" },
	{ US "packs: [hipaa]\nkinds: {phi: {requires: [soc2]}}\n" REST, "", true, "one requirement more" },
	{ US "packs: [hipaa]\nkinds: {phi: {requires: []}}\n" REST, "t:3:25: warning: `phi` requires "
	  "more by the pack `hipaa`", true, "no requirement at all" },
	{ EU "packs: [gdpr]\nkinds: {pii: {regions: [eu, us]}}\n" REST, "t:3:24: warning: `pii` is kept "
	  "in fewer regions by the pack `gdpr`", true, "a region beyond the pack's" },
	{ EU "packs: [gdpr]\nkinds: {pii: {regions: [de]}}\n" REST, "", true, "fewer regions" },
	{ EU "packs: [gdpr]\nkinds: {pii: {regions: [us]}}\n" REST, "t:2:9: error: with the pack "
	  "`gdpr`, content of the kind `pii` may go nowhere", false, "no region that both allow" },
};

static void
cases_all(void)
{
	char room[8192];

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct loaded l = load(text_of(cases[i].yaml));
		struct slice got = messages(&l, room, sizeof room);
		bool ok = cases[i].want[0] == '\0' ? got.len == 0 : has(got, cases[i].want);

		if (!check(ok && (l.e == ERR_OK) == cases[i].good, "%s", cases[i].why))
			check_show("got", got);
		unload(&l);
	}
}

/* ---- what holds ---- */

static const struct {
	const char	*packs, *kind;	/* `kinds` of the file, or empty */
	const char	*name;		/* whose label is looked at */
	const char	*level, *requires, *regions, *basis;
	uint32_t	 duties;
	const char	*why;
} joins[] = {
	{ "hipaa", "", "phi", "regulated", "baa", "de ie us", "164.502(e)",
	  KEPT_APART, "a pack alone" },
	{ "hipaa", "phi: {level: public, requires: []}", "phi", "regulated", "baa", "de ie us",
	  "164.502(e)", KEPT_APART,
	  "the file cannot take away" },
	{ "hipaa", "phi: {level: sealed, requires: [soc2], regions: [de], duties: [deterministic], "
	  "basis: ours}", "phi", "sealed", "baa soc2", "de", "ours; HIPAA",
	  KEPT_APART | 1 << DUTY_deterministic, "it can add" },
	{ "gdpr", "pii: {regions: [ie, us]}", "pii", "confidential", "dpa", "ie", "Art. 28(3)", 0,
	  "regions are those that both allow" },
	{ "gdpr, ccpa", "", "pii", "confidential", "dpa no_training service_provider", "de ie",
	  "46; Cal. Civ. Code", 0, "two packs are joined too" },
	{ "hipaa, gdpr", "", "phi", "regulated", "baa dpa no_training", "de ie", "HIPAA",
	  KEPT_APART,
	  "in either order" },
	{ "gdpr, hipaa", "", "phi", "regulated", "baa dpa no_training", "de ie", "HIPAA",
	  KEPT_APART,
	  "which is the same" },
	{ "sr_11_7", "", "model_decision", "confidential", "pinned_version", "de ie us", "SR 11-7",
	  1 << DUTY_durable_record | 1 << DUTY_pinned_version | 1 << DUTY_deterministic |
	  1 << DUTY_no_cache, "a kind of the pack's own" },
};

/* The bits of some names, of which each must be known. */
static uint64_t
bits(const struct slice *names, uint32_t count, const char *words)
{
	struct slice word;
	uint64_t set = 0;

	for (unsigned i = 0; (word = schema_word(text_of(words), i)).len > 0; i++) {
		uint32_t at = draft_find(names, count, word);

		check_or_stop(at < count, "%.*s is known", (int)word.len, word.ptr);
		set |= UINT64_C(1) << at;
	}
	return set;
}

static void
join_one(size_t i, const struct snapshot *s)
{
	uint32_t at = draft_find(s->kind, s->kind_count, text_of(joins[i].name));
	const struct label *label;

	check_or_stop(at < s->kind_count, "the kind is known: %s", joins[i].why);
	label = &s->policy.kind_label[at];
	check_slice(s->level[label->level], text_of(joins[i].level), "level: %s", joins[i].why);
	check_int(label->requires, bits(s->property, s->property_count, joins[i].requires),
	    "requires: %s", joins[i].why);
	check_int(label->regions & bits(s->region, s->region_count, "de ie us"),
	    bits(s->region, s->region_count, joins[i].regions), "regions: %s", joins[i].why);
	check_int(s->policy.kind_duties[at], joins[i].duties, "duties: %s", joins[i].why);
	check(has(s->effective, joins[i].basis), "basis: %s", joins[i].why);
}

static void
joins_all(void)
{
	char yaml[2048];

	for (size_t i = 0; i < COUNT_OF(joins); i++) {
		struct loaded l, again;

		snprintf(yaml, sizeof yaml, EU
		    "levels: [public, internal, confidential, regulated, sealed]\npacks: [%s]\n%s%s%s" REST, joins[i].packs,
		    joins[i].kind[0] ? "kinds: {" : "", joins[i].kind,
		    joins[i].kind[0] ? "}\n" : "");
		l = load(text_of(yaml));
		check_or_stop(l.snapshot != NULL, "loads: %s", joins[i].why);
		join_one(i, l.snapshot);
		again = load(l.snapshot->effective);
		check(again.report.count == 0, "what is printed is not weaker: %s", joins[i].why);
		check_or_stop(again.snapshot != NULL, "and loads: %s", joins[i].why);
		check_slice(again.snapshot->effective, l.snapshot->effective,
		    "joined twice is joined once: %s", joins[i].why);
		join_one(i, again.snapshot);
		unload(&again);
		unload(&l);
	}
}

static void
duties_of_all_work(void)
{
	struct loaded l = load(S(US "packs: [fedramp]\nduties: [no_cache]\n" REST));

	check_or_stop(l.snapshot != NULL, "a pack with duties loads");
	check_int(l.snapshot->policy.duties, 1 << DUTY_durable_record | 1 << DUTY_no_cache,
	    "duties of every request are the file's and the pack's");
	unload(&l);
}

/* A zone that may receive all and holds what is asked for gets it; another does not. */
static void
may_flow(void)
{
	struct loaded l = load(S("log: {file: /dev/null}\n"
	    "regions: {eu: [de], us: []}\npacks: [gdpr, hipaa]\nzones:\n"
	    "  good: {kind: public_api, regions: [de], clearance: {level: regulated, kinds: all}, "
	    "holds: [baa, dpa, no_training]}\n"
	    "  own:  {kind: on_prem, operator: self, regions: [de], clearance: {level: regulated, "
	    "kinds: all}, holds: [no_training]}\n"
	    "  far:  {kind: public_api, regions: [us], clearance: {level: regulated, kinds: all}, "
	    "holds: [baa, dpa, no_training]}\n"
	    "  bare: {kind: public_api, regions: [de], clearance: {level: regulated, kinds: all}}\n"
	    "models: {m: {vendor: simulated, zone: own}}\n"));
	static const enum reason want[] = {
		REASON_NONE, REASON_NONE, REASON_REGION, REASON_REQUIRES,
	};
	struct label phi = LABEL_PUBLIC;
	const struct policy *p;

	check_or_stop(l.snapshot != NULL, "four zones load");
	p = &l.snapshot->policy;
	phi.kinds = UINT64_C(1) << draft_find(l.snapshot->kind, l.snapshot->kind_count, S("phi"));
	phi = policy_close(p, phi);
	for (uint32_t i = 0; i < COUNT_OF(want); i++)
		check_int(policy_flow(p, 0, i, phi, 0).reason, want[i], "health data, zone %u", i);
	unload(&l);
}

/* ---- the packs themselves ---- */

/* Each part of a pack is right by the tables, and of the three that a pack may have. */
static void
pack_is_right(struct draft *d, enum pack_id id)
{
	static const struct slice known[] = { { "kinds", 5 }, { "duties", 6 }, { "never", 5 } };
	const struct node *root = node_parse(&d->scratch, pack_yaml(id), &hash_key, d->report);
	const struct node *kinds, *never;
	const char *name = pack_name[id].ptr;
	struct fields f;

	check_or_stop(root != NULL && root->type == NODE_MAP, "%s is a map", name);
	for (uint32_t i = 0; i < root->count; i++)
		check(draft_find(known, COUNT_OF(known), node_key(root, i)->text) < COUNT_OF(known),
		    "%s: no other part than kinds, duties and never", name);
	kinds = node_find(root, S("kinds"));
	check_or_stop(kinds != NULL && kinds->count > 0, "%s has kinds", name);
	for (uint32_t i = 0; i < kinds->count; i++)
		check(schema_read(node_value(kinds, i), ROW_KIND, d->report, &f) &&
		    field_at(&f, KIND_basis) != NULL && field_at(&f, KIND_level) != NULL,
		    "%s: each kind has a level and a basis", name);
	never = node_find(root, S("never"));
	check_or_stop(never != NULL && never->type == NODE_LIST, "%s has invariants", name);
	for (uint32_t i = 0; i < never->count; i++)
		check(schema_read(&never->child[i], ROW_NEVER, d->report, &f) &&
		    field_at(&f, NEVER_basis) != NULL && field_at(&f, NEVER_name) != NULL,
		    "%s: each invariant has a name and a basis", name);
	check_int(d->report->count, 0, "%s: and all of it is right by the tables", name);
}

/* Invariants are handed out with their pack, and messages are about it meanwhile. */
static void
nevers(void)
{
	struct draft *d = calloc(1, sizeof *d);
	const struct node *list;
	struct report report;
	uint32_t at = 0, seen = 0;
	struct slice name;

	check_or_stop(d != NULL, "memory for a draft");
	report_init(&report, S("t"));
	d->report = &report;
	arena_init(&d->scratch, heap_memory(), 1 << 24);
	for (enum pack_id id = 0; id < PACK_COUNT; id++)
		pack_is_right(d, id);
	struct node place = { .line = 7, .column = 3 };

	for (enum pack_id id = 0; id < 3; id++)
		d->pack[d->pack_count++] = (struct pack){ .id = id, .at = &place,
			.root = node_parse(&d->scratch, pack_yaml(id), &hash_key, &report),
			.broken = id == PACK_gdpr };
	while ((list = draft_pack_never(d, &at, &name)) != NULL) {
		check(list->type == NODE_LIST && list->count > 0, "a list of invariants");
		check_slice(name, pack_name[seen == 0 ? PACK_hipaa : PACK_pci], "its pack's name");
		report_error(&report, list, SAY(S("this is wrong")));
		seen++;
	}
	check_int(seen, 2, "packs that lack something are left out");
	report_error(&report, &place, SAY(S("so is this")));
	check_int(report.message[0].line, 7, "a message stands where the file names the pack");
	check_slice(report.message[0].text, S("the pack `hipaa`: this is wrong"), "and names it");
	check_slice(report.message[2].text, S("so is this"), "afterwards it is the file again");
	arena_release(&d->scratch);
	report_release(&report);
	free(d);
}

int
main(void)
{
	cases_all();
	joins_all();
	duties_of_all_work();
	may_flow();
	nevers();
	return check_done();
}
