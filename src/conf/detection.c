/* SPDX-License-Identifier: Apache-2.0 */

/*
 * detection - what is looked for, what findings mean, and what workloads do about them.
 *
 * A type brings the label of its row in find/type.h, in the levels and kinds
 * of this file.  A level that the file does not have is taken for its highest:
 * whoever names levels of his own says what the types are worth there.
 */

#include "conf/draft.h"
#include "core/limit.h"
#include "core/sha256.h"
#include "detect/detect.h"
#include "detect/listing.h"
#include "find/word.h"
#include "run/file.h"

#define SCORE_MIN	50

const struct slice detection_part[DETECTION_PARTS] = {
	{ "structure", 9 }, { "secrets", 7 }, { "terms", 5 }, { "names", 5 },
};
static const struct slice action_name[] = {
	{ "raise", 5 }, { "allow", 5 }, { "mask", 4 }, { "refuse", 6 },
};

struct slice
detection_action_name(enum action action)
{
	return action_name[action];
}

/* ---- what findings mean ---- */

static struct label
label_with(const struct draft *d, uint32_t level, uint64_t kinds)
{
	struct label label = LABEL_PUBLIC;

	label.level = level;
	for (uint32_t k = 0; k < d->s->kind_count; k++)
		if ((kinds >> k & 1) != 0)
			label = label_join(label, d->kind_label[k]);
	return label;
}

static uint32_t
usual_level(const struct draft *d, enum detect_level level)
{
	uint32_t rank;

	if (level == DETECT_PUBLIC)
		return 0;
	return snapshot_level(d->s, type_level_name(level), &rank) ? rank : d->s->level_count - 1;
}

static void
usual_rule(const struct draft *d, enum detect_type type, struct type_rule *rule)
{
	const struct type_info *info = type_info(type);
	uint32_t kind = draft_find(d->kind, d->s->kind_count, info->kind);

	*rule = (struct type_rule){ .label = LABEL_PUBLIC, .score_min = SCORE_MIN };
	if (type >= TYPE_OWN)
		return;		/* until a list takes the place */
	*rule = (struct type_rule){
		.label = label_with(d, usual_level(d, info->level),
		    kind < d->s->kind_count ? UINT64_C(1) << kind : 0),
		.score_min = SCORE_MIN,
		.lowerable = info->mask.len > 0,
	};
}

static void
draft_type(struct draft *d, const struct node *key, const struct node *node)
{
	enum detect_type type = type_of(key->text);
	struct type_rule *rule = &d->rules->type[type == TYPE_COUNT ? 0 : type];
	const struct node *kinds;
	struct nearest nearest = { .word = key->text };
	struct fields f;
	uint32_t level;

	if (type == TYPE_COUNT) {
		for (unsigned i = 0; i < TYPE_COUNT; i++)
			nearest_try(&nearest, type_info((enum detect_type)i)->name);
		report_error(d->report, key, SAY(S("there is no type of finding `"), key->text,
		    nearest_word(&nearest).len > 0 ? S("`; did you mean `") : S(""),
		    nearest_word(&nearest), nearest_word(&nearest).len > 0 ? S("`?") : S("`")));
		return;
	}
	if (!schema_read(node, ROW_DETECT_TYPE, d->report, &f))
		return;
	level = field_at(&f, DETECT_TYPE_level) != NULL
	    ? draft_level(d, field_at(&f, DETECT_TYPE_level))
	    : usual_level(d, type_info(type)->level);
	kinds = field_at(&f, DETECT_TYPE_kinds);
	if (kinds != NULL)
		rule->label = label_with(d, level, draft_kind_set(d, kinds));
	else
		rule->label = label_with(d, level, rule->label.kinds);
	rule->score_min = (uint8_t)field_count(&f, DETECT_TYPE_score, SCORE_MIN);
	rule->off = field_at(&f, DETECT_TYPE_enabled) != NULL &&
	    !field_switch(&f, DETECT_TYPE_enabled);
	d->type_said[type] = true;
}

/* ---- what they mean together ---- */

/* The kinds of a combination; none where the file does not know its kind. */
static uint64_t
usual_kinds(const struct draft *d, struct slice name)
{
	uint32_t kind = draft_find(d->kind, d->s->kind_count, name);

	return kind < d->s->kind_count ? UINT64_C(1) << kind : 0;
}

static void
draft_combination(struct draft *d, const struct node *key, const struct node *node)
{
	struct slice names[COMBINE_COUNT];
	struct fields f;
	uint32_t at, level;
	uint64_t kinds;

	for (unsigned i = 0; i < COMBINE_COUNT; i++)
		names[i] = combine_info((enum combine)i)->name;
	if ((at = draft_find(names, COMBINE_COUNT, key->text)) == COMBINE_COUNT) {
		draft_no_such(d, key, S("combination"), names, COMBINE_COUNT);
		return;
	}
	if (!schema_read(node, ROW_COMBINATION, d->report, &f))
		return;
	level = field_at(&f, COMBINATION_level) != NULL
	    ? draft_level(d, field_at(&f, COMBINATION_level))
	    : usual_level(d, combine_info((enum combine)at)->level);
	kinds = field_at(&f, COMBINATION_kinds) != NULL
	    ? draft_kind_set(d, field_at(&f, COMBINATION_kinds))
	    : usual_kinds(d, combine_info((enum combine)at)->kind);
	d->combinations_said |= 1U << at;
	d->rules->combine[at] = label_with(d, level, kinds);
	if (field_at(&f, COMBINATION_enabled) != NULL && !field_switch(&f, COMBINATION_enabled))
		d->rules->combine[at] = LABEL_PUBLIC;
}

static void
draft_combinations(struct draft *d, const struct fields *f)
{
	const struct node *table = field_at(f, DETECT_combinations);

	for (unsigned i = 0; i < COMBINE_COUNT; i++) {
		const struct combine_info *info = combine_info((enum combine)i);

		d->rules->combine[i] = label_with(d, usual_level(d, info->level),
		    usual_kinds(d, info->kind));
	}
	d->rules->persons = label_with(d, usual_level(d, DETECT_REGULATED),
	    usual_kinds(d, S("pii")));
	d->rules->persons_min = (uint32_t)field_count(f, DETECT_persons, PERSONS_MIN);
	for (uint32_t i = 0; table != NULL && i < table->count; i++)
		draft_combination(d, node_key(table, i), node_value(table, i));
}

static unsigned
draft_parts(struct draft *d, const struct node *list)
{
	unsigned parts = 0;

	if (list == NULL)
		return DETECT_ALL;
	for (uint32_t i = 0; i < list->count; i++) {
		uint32_t at = draft_find(detection_part, DETECTION_PARTS, list->child[i].text);

		if (at == DETECTION_PARTS)
			draft_no_such(d, &list->child[i], S("part"), detection_part,
			    DETECTION_PARTS);
		else
			parts |= 1U << at;
	}
	if (list->count == 0)
		report_error(d->report, list, SAY(S("with no part nobody looks; say `enabled: "
		    "false`")));
	return parts;
}

/* ---- lists ---- */

static void
add_words(struct draft *d, const struct node *list, enum detect_type type)
{
	for (uint32_t i = 0; list != NULL && i < list->count; i++) {
		const struct node *each = &list->child[i];
		const char *why = each->type != NODE_TEXT ? "it is not a text"
		    : dictionary_add_word(d->lists.dictionary, each->text, type);

		if (why != NULL)
			report_error(d->report, each, SAY(S("this cannot be a word of `words`: "),
			    slice_of(why, strlen(why))));
	}
}

/* The digest of a file of values, which must be the one that is said, if one is. */
static bool
check_digest(struct draft *d, const struct fields *f, struct slice file, struct own_list *list)
{
	struct slice said = field_text(f, LISTING_values_digest, S(""));
	uint8_t digest[SHA256_BYTES];
	struct text t;

	sha256(file, digest);
	text_init(&t, list->digest, sizeof list->digest - 1);
	for (unsigned i = 0; i < SHA256_BYTES; i++) {
		text_put_char(&t, "0123456789abcdef"[digest[i] >> 4]);
		text_put_char(&t, "0123456789abcdef"[digest[i] & 15]);
	}
	if (said.len == 0 || slice_eq(said, text_slice(&t)))
		return true;
	report_error(d->report, field_at(f, LISTING_values_digest), SAY(S("the file `"),
	    list->values, S("` is another one: its digest is "), text_slice(&t)));
	return false;
}

static void
read_values(struct draft *d, const struct fields *f, struct own_list *list)
{
	const struct node *node = field_at(f, LISTING_values);
	char room[CONF_MESSAGE_BYTES / 2], line[24];
	struct listing_fault fault;
	struct slice file;
	struct text why;

	text_init(&why, room, sizeof room);
	if (file_read(list->values.ptr, LISTING_BYTES_MAX, &file, &why) != ERR_OK) {
		report_error(d->report, node, SAY(text_slice(&why)));
		return;
	}
	if (check_digest(d, f, file, list) &&
	    !listing_read(d->lists.dictionary, file, list->type, &fault))
		report_error(d->report, node, SAY(list->values, S(":"),
		    report_number(line, fault.line), S(": "),
		    slice_of(fault.why, strlen(fault.why))));
	file_free(file);
}

static void
draft_values(struct draft *d, const struct fields *f, struct own_list *list)
{
	const struct node *node = field_at(f, LISTING_values);
	struct slice said = field_text(f, LISTING_values_digest, S(""));

	list->values = draft_path(d, f, LISTING_values);
	if (list->values.len == 0)
		return;
	if (d->lists.key == NULL)
		report_error(d->report, node, SAY(S("the values of a list are hashed under a key: "
		    "say `list_key` in `detect`, as env:NAME or file:PATH")));
	else if (d->lists.unkeyed)
		return;		/* The key is the mistake, and was told; lists are not. */
	else if (!d->options->detached || d->options->lists)
		read_values(d, f, list);
	else if (said.len < sizeof list->digest)
		/* What cannot be looked at is what it was said to be. */
		memcpy(list->digest, said.ptr, said.len);
}

/* The places of own types that are taken for what these kinds are. */
static void
own_places(const struct draft *d, uint64_t kinds, unsigned *first, unsigned *count)
{
	static const struct slice person[] = { { "pii", 3 }, { "phi", 3 } };
	uint32_t secret = draft_find(d->kind, d->s->kind_count, S("credentials"));

	*first = TYPE_own_1;
	*count = TYPE_own_person_1 - TYPE_own_1;
	for (unsigned i = 0; i < 2; i++) {
		uint32_t kind = draft_find(d->kind, d->s->kind_count, person[i]);

		if (kind < d->s->kind_count && (kinds >> kind & 1) != 0) {
			*first = TYPE_own_person_1;
			*count = TYPE_own_secret_1 - TYPE_own_person_1;
		}
	}
	if (secret < d->s->kind_count && (kinds >> secret & 1) != 0) {
		*first = TYPE_own_secret_1;
		*count = TYPE_COUNT - TYPE_own_secret_1;
	}
}

/* By its name, so that lists that come and go move no others; TYPE_COUNT: all are taken. */
static enum detect_type
own_place(const struct draft *d, struct slice name, uint64_t kinds)
{
	unsigned first, count, at;

	own_places(d, kinds, &first, &count);
	at = word_hash(name) % count;
	for (unsigned i = 0; i < count; i++, at = (at + 1) % count)
		if (d->rules->own[first + at - TYPE_OWN].name.len == 0)
			return (enum detect_type)(first + at);
	return TYPE_COUNT;
}

/* The level that is called so among the usual ones. */
static enum detect_level
told_level(const struct draft *d, uint32_t rank)
{
	for (unsigned i = DETECT_PUBLIC; i <= DETECT_REGULATED; i++)
		if (slice_eq(type_level_name((enum detect_level)i), d->s->level[rank]))
			return (enum detect_level)i;
	return rank == 0 ? DETECT_PUBLIC : DETECT_CONFIDENTIAL;
}

/* A place, a rule and a name for the type of a list; TYPE_COUNT, with a report: there is none. */
static enum detect_type
draft_own(struct draft *d, const struct node *key, const struct fields *f, uint64_t kinds)
{
	struct label label = label_with(d, 0, kinds);
	enum detect_type type = own_place(d, key->text, label.kinds);
	struct type_info *own;

	if (weigh_type_of(d->rules, key->text) < TYPE_COUNT ||
	    draft_find(d->kind, d->s->kind_count, key->text) < d->s->kind_count) {
		report_error(d->report, key, SAY(S("`"), key->text, S("` is a type or a kind of "
		    "finding already; call the list something else")));
		return TYPE_COUNT;
	}
	if (type == TYPE_COUNT) {
		report_error(d->report, key, SAY(S("there are too many lists: 8 of credentials, 8 "
		    "of persons (pii, phi) and 16 of others are what there may be")));
		return TYPE_COUNT;
	}
	label.level = field_at(f, LISTING_level) != NULL
	    ? draft_level(d, field_at(f, LISTING_level)) : usual_level(d, type_info(type)->level);
	label = label_with(d, label.level, kinds);
	d->rules->type[type] = (struct type_rule){ .label = label, .score_min = SCORE_MIN,
		.lowerable = type_info(type)->mask.len > 0 };
	own = &d->rules->own[type - TYPE_OWN];
	*own = *type_info(type);
	own->name = arena_copy(d->arena, key->text);
	own->level = told_level(d, label.level);
	if (kinds != 0)
		own->kind = d->kind[__builtin_ctzll(kinds)];
	return type;
}

static void
draft_list(struct draft *d, const struct node *key, const struct node *node)
{
	struct own_list *list = &d->lists.at[d->lists.count];
	struct fields f;

	if (!draft_pair_name(d, key, S("list")) || !schema_read(node, ROW_LISTING, d->report, &f))
		return;
	list->kinds = draft_kind_set(d, field_at(&f, LISTING_kinds));
	if ((list->type = draft_own(d, key, &f, list->kinds)) == TYPE_COUNT)
		return;
	d->lists.count++;
	list->words = field_at(&f, LISTING_words);
	list->patterns = field_at(&f, LISTING_patterns);
	list->any_case = field_switch(&f, LISTING_any_case);
	if ((list->words == NULL || list->words->count == 0) &&
	    (list->patterns == NULL || list->patterns->count == 0) &&
	    field_at(&f, LISTING_values) == NULL)
		report_error(d->report, key, SAY(S("the list `"), key->text, S("` holds nothing: "
		    "say `words`, `values` or `patterns`")));
	add_words(d, list->words, list->type);
	draft_values(d, &f, list);
}

/* The rules of all lists, each with the node that it is of; false, with a report: it is no text. */
static bool
pattern_rules(struct draft *d, struct regex_rule *rule, const struct node **from)
{
	uint32_t count = 0, errors = d->report->errors;

	for (uint32_t i = 0; i < d->lists.count; i++) {
		const struct own_list *list = &d->lists.at[i];

		for (uint32_t k = 0; list->patterns != NULL && k < list->patterns->count; k++) {
			from[count] = &list->patterns->child[k];
			rule[count] = (struct regex_rule){ .pattern = from[count]->text,
				.type = list->type, .any_case = list->any_case };
			if (from[count++]->type != NODE_TEXT)
				report_error(d->report, from[count - 1],
				    SAY(S("a pattern is a text")));
		}
	}
	return d->report->errors == errors;
}

/* All patterns together; a wrong one is told where it stands. */
static void
draft_patterns(struct draft *d)
{
	const struct node *first = NULL, **from;
	char room[CONF_MESSAGE_BYTES / 2];
	struct regex_rule *rule;
	uint32_t count = 0, wrong;
	struct text why;

	for (uint32_t i = 0; i < d->lists.count; i++) {
		const struct node *patterns = d->lists.at[i].patterns;

		first = first == NULL ? patterns : first;
		count += patterns == NULL ? 0 : patterns->count;
	}
	if (count == 0)
		return;
	if (count > PATTERN_MAX) {
		report_error(d->report, first, SAY(S("there are too many patterns: all lists "
		    "together may have 512")));
		return;
	}
	rule = draft_array(&d->scratch, count, sizeof *rule);
	from = draft_array(&d->scratch, count, sizeof *from);
	text_init(&why, room, sizeof room);
	if (rule == NULL || from == NULL || !pattern_rules(d, rule, from))
		return;
	/* What follows a wrong one is tried as well, for the mistakes in it. */
	for (uint32_t at = 0; at < count; at += wrong + 1) {
		struct regex *regex = NULL;

		why.len = 0;
		if (regex_compile(rule + at, count - at, &regex, &wrong, &why) == ERR_OK) {
			if (at == 0)
				d->s->regex = regex;
			else
				regex_free(regex);
			return;
		}
		report_error(d->report, at + wrong < count ? from[at + wrong] : first,
		    SAY(at + wrong < count ? S("this cannot be a pattern: ")
		    : S("patterns cannot be used: "), text_slice(&why)));
	}
}

/* The key of all values; one that nothing is known of, where it is not looked at. */
static struct hash_key
list_key(struct draft *d, const struct node *node)
{
	struct hash_key key = { { 0 } };
	struct slice digits;

	d->lists.key = node;
	if (node == NULL || (d->options->detached && !d->options->lists))
		return key;
	digits = draft_secret_read(d, node);
	d->lists.unkeyed = digits.ptr == NULL || !listing_key_digits(digits, &key);
	if (d->lists.unkeyed && digits.ptr != NULL)
		report_error(d->report, node, SAY(S("the key behind `"), node->text, S("` must be "
		    "64 hexadecimal digits; make one with: openssl rand -hex 32")));
	return key;
}

static void
draft_dictionary(struct draft *d, const struct fields *f)
{
	const struct node *table = field_at(f, DETECT_lists);

	d->lists.words = field_at(f, DETECT_words);
	if (d->lists.words != NULL && d->lists.words->count == 0)
		d->lists.words = NULL;
	if (d->lists.words == NULL && table == NULL && field_at(f, DETECT_list_key) == NULL)
		return;
	d->lists.dictionary = dictionary_new(d->arena, list_key(d, field_at(f, DETECT_list_key)));
	if (d->lists.dictionary == NULL)
		return;
	add_words(d, d->lists.words, TYPE_listed_word);
	for (uint32_t i = 0; table != NULL && i < table->count; i++)
		draft_list(d, node_key(table, i), node_value(table, i));
	draft_patterns(d);
	if (d->s->regex != NULL)
		dictionary_set_matcher(d->lists.dictionary, regex_matcher(d->s->regex));
	d->s->dictionary = d->lists.dictionary;
}

/* Whoever says what a place may receive wants to know what is sent there. */
static bool
is_wanted(const struct draft *d, const struct fields *f)
{
	const struct node *zones = field_at(&d->file, FILE_zones);

	if (f->map != NULL && field_at(f, DETECT_enabled) != NULL)
		return field_switch(f, DETECT_enabled);
	for (uint32_t i = 0; zones != NULL && i < zones->count; i++)
		if (node_value(zones, i)->type == NODE_MAP &&
		    node_find(node_value(zones, i), S("clearance")) != NULL)
			return true;
	return false;
}

/* ---- what a workload does about them ---- */

/* True if a finding of this type is meant by a kind's or a type's name. */
static bool
is_meant(const struct draft *d, enum detect_type type, struct slice name)
{
	const struct type_info *info = weigh_type(d->rules, type);
	uint32_t kind;

	if (type < TYPE_OWN)
		return slice_same_word(info->name, name) || slice_eq(info->kind, name);
	if (d->rules->own[type - TYPE_OWN].name.len == 0)
		return false;
	/* Of a list, all kinds count that it brings. */
	kind = draft_find(d->kind, d->s->kind_count, name);
	return slice_same_word(info->name, name) || (kind < d->s->kind_count &&
	    (d->rules->type[type].label.kinds >> kind & 1) != 0);
}

static void
set_action(struct draft *d, const struct node *key, const struct node *value, uint8_t *action)
{
	uint32_t what = value->type == NODE_TEXT ? draft_find(action_name, 4, value->text) : 4;
	bool type = weigh_type_of(d->rules, key->text) < TYPE_COUNT, any = false;

	if (what == 4) {
		draft_no_such(d, value, S("action"), action_name, 4);
		return;
	}
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		bool maskable = type_info((enum detect_type)i)->mask.len > 0;

		if (!is_meant(d, (enum detect_type)i, key->text))
			continue;
		/* Of a kind, what cannot be masked stays as it is; a type must be able to. */
		if (what == ACTION_MASK && !maskable && type)
			report_error(d->report, value, SAY(S("`"), key->text, S("` is never "
			    "masked: what it says stays where it is, or is refused")));
		else if (what != ACTION_MASK || maskable)
			action[i] = (uint8_t)what;
		any = true;
	}
	if (!any)
		report_error(d->report, key, SAY(S("nothing of the kind or type `"), key->text,
		    S("` can be found")));
}

/* Kinds first, then types, whatever the order of the file: what is more exact counts. */
static void
draft_handling(struct draft *d, const struct node *map, struct handling *h)
{
	uint8_t *action;

	if (map->type != NODE_MAP) {
		report_error(d->report, map, SAY(S("`findings` must be a map of kinds or types "
		    "and raise, mask, refuse or allow")));
		return;
	}
	if ((action = draft_array(d->arena, TYPE_COUNT, 1)) == NULL)
		return;
	for (unsigned pass = 0; pass < 2; pass++)
		for (uint32_t i = 0; i < map->count; i++)
			if ((weigh_type_of(d->rules, node_key(map, i)->text) < TYPE_COUNT) ==
			    (pass == 1))
				set_action(d, node_key(map, i), node_value(map, i), action);
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		h->masks |= action[i] == ACTION_MASK;
		h->refuses |= action[i] == ACTION_REFUSE;
		h->allows |= action[i] == ACTION_ALLOW;
		if (action[i] == ACTION_ALLOW)
			h->allowed[i / 64] |= UINT64_C(1) << i % 64;
	}
	h->action = action;
}

static void
draft_handlings(struct draft *d)
{
	const struct node *table = field_at(&d->file, FILE_workloads);

	for (uint32_t i = 0; table != NULL && i < d->s->workload_count; i++) {
		const struct node *row = i < table->count ? node_value(table, i) : NULL;
		const struct node *map = row == NULL || row->type != NODE_MAP ? NULL
		    : node_find(row, S("findings"));
		struct handling *h = &d->handling[i];

		if (map != NULL)
			draft_handling(d, map, h);
		d->workload[i].masks |= h->masks;
		if (d->workload[i].masks && d->s->detect_parts == 0)
			report_error(d->report, map == NULL ? row : map, SAY(S("nothing is looked "
			    "for, so nothing can be masked: say `detect: {enabled: true}`")));
	}
}

static bool
label_eq(struct label a, struct label b)
{
	return a.level == b.level && a.kinds == b.kinds && a.regions == b.regions &&
	    a.requires == b.requires;
}

static void
add_once(struct label *all, uint32_t *count, struct label label)
{
	uint32_t at = 0;

	while (at < *count && !label_eq(all[at], label))
		at++;
	if (at == *count)
		all[(*count)++] = label;
}

/* What findings mean that can be masked, each once: all of them, or those that a workload masks. */
static const struct label *
maskable_labels(struct draft *d, const uint8_t *action, uint32_t *count)
{
	struct label *all = draft_array(d->arena, TYPE_COUNT, sizeof *all);

	*count = 0;
	for (unsigned i = 0; all != NULL && i < TYPE_COUNT; i++) {
		const struct type_rule *rule = &d->rules->type[i];

		if (!rule->off && rule->lowerable && (action == NULL || action[i] == ACTION_MASK))
			add_once(all, count, rule->label);
	}
	return all;
}

/* For the proof (policy/prove.h). */
static void
set_maskable(struct draft *d)
{
	struct policy *p = &d->s->policy;

	p->maskable = maskable_labels(d, NULL, &p->maskable_count);
	for (uint32_t i = 0; i < d->s->workload_count; i++) {
		struct workload *w = &d->workload[i];

		if (d->handling[i].when_refused) {
			w->maskable = p->maskable;
			w->maskable_count = p->maskable_count;
		} else if (w->masks) {
			w->maskable = maskable_labels(d, d->handling[i].action, &w->maskable_count);
		}
	}
}

#define MASK_NOTE								\
	"Words like Person_K7QX2MB40R stand for names and values that are kept private here. " \
	"Use each of them as it is, letter by letter, like a name; do not translate, split, " \
	"shorten, explain or make up any."

static void
draft_mask(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_mask);
	struct fields f = { 0 };

	d->s->mask_note = S(MASK_NOTE);
	if (node == NULL || !schema_read(node, ROW_MASK, d->report, &f))
		return;
	d->s->mask_note = arena_copy(d->arena, field_text(&f, MASK_note, S(MASK_NOTE)));
}

void
draft_detection(struct draft *d)
{
	const struct node *node = field_at(&d->file, FILE_detect), *types;
	struct fields f = { 0 };

	d->rules = draft_array(d->arena, 1, sizeof *d->rules);
	if (d->rules == NULL || d->handling == NULL)
		return;
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		usual_rule(d, (enum detect_type)i, &d->rules->type[i]);
	if (node != NULL)
		(void)schema_read(node, ROW_DETECT, d->report, &f);
	if (is_wanted(d, &f))
		d->s->detect_parts = draft_parts(d, field_at(&f, DETECT_parts));
	draft_dictionary(d, &f);
	types = field_at(&f, DETECT_types);
	for (uint32_t i = 0; types != NULL && i < types->count; i++)
		draft_type(d, node_key(types, i), node_value(types, i));
	draft_combinations(d, &f);
	draft_mask(d);
	draft_handlings(d);
	set_maskable(d);
	d->s->rules = d->rules;
	d->s->handling = d->handling;
}
