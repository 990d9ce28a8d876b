/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/mask.h"

#include "blocks.h"
#include "check.h"
#include "detect/detect.h"
#include "random.h"

/*
 * The laws of mask_seal(), over texts of words, markings, terms and addresses,
 * with any findings, any labels and any settings.
 *
 * 1. The label is never below `keep`, below what was not masked, below what does
 *    not go with its mask, or below what detection finds in the new content where
 *    that is more than tokens.
 * 2. It is no more than these either: what masking takes away is gone.
 * 3. What was masked stands nowhere in its place, and every other byte is there.
 * 4. Asked again, in other steps, the answer is the same.
 *
 * An argument says how many cases; 5,000 without one.
 */

#define TEXTS_MAX	4
#define TEXT_BYTES	700

static const char *const words[] = {
	"anna@acme.io", "Anna Kowalska", "bob", "CONFIDENTIAL\n", "\nSTRICTLY CONFIDENTIAL\n", "TLP:RED",
	"do not distribute", "patient", "diabetes", "HIV", "attorney-client privileged", "the", "and",
	"\xc3\xa9t\xc3\xa9", "12", ",", "\n", "union member", "classification: secret", "metformin",
};

struct one {
	struct blocks		 blocks;
	struct arena		 arena, scratch;
	struct random		 random;
	struct rules		 rules;
	struct mask_rules	 how;
	struct mask_text	 text[TEXTS_MAX];
	struct findings		 found[TEXTS_MAX];
	char			 room[TEXTS_MAX][TEXT_BYTES];
	struct mask_content	 content;
	uint64_t		 ignored[TYPE_WORDS];
};

/* Seldom anything: a label of few bits, so that joins differ. */
static struct label
random_label(struct random *r)
{
	struct label l = LABEL_PUBLIC;

	l.kinds = UINT64_C(1) << random_below(r, 64);
	l.regions = ~(random_below(r, 2) ? UINT64_C(1) << random_below(r, 64) : 0);
	l.requires = random_below(r, 2) ? UINT64_C(1) << random_below(r, 64) : 0;
	l.level = (uint32_t)random_below(r, 4);
	return l;
}

static bool
is_within(struct label less, struct label more)
{
	struct label both = label_join(less, more);

	return both.kinds == more.kinds && both.regions == more.regions &&
	    both.requires == more.requires && both.level == more.level;
}

static unsigned
random_type(struct random *r)
{
	return (unsigned)(random_below(r, 2) ? TYPE_email_address : random_below(r, TYPE_COUNT));
}

static void
make_text(struct one *o, unsigned i)
{
	struct random *r = &o->random;
	struct findings *f = &o->found[i];
	uint32_t len = 0;

	findings_init(f, &o->arena);
	for (size_t n = random_below(r, 20); n > 0; n--) {
		const char *word = words[random_below(r, COUNT_OF(words))];
		uint32_t bytes = (uint32_t)strlen(word);

		if (len + bytes + 1 > TEXT_BYTES)
			break;
		memcpy(o->room[i] + len, word, bytes);
		if (random_below(r, 3) == 0)
			findings_add(f, (struct finding){ .start = len, .end = len + bytes,
			    .type = (uint16_t)random_type(r), .score = 100 });
		len += bytes;
		if (random_below(r, 8) > 0)
			o->room[i][len++] = ' ';
	}
	o->text[i] = (struct mask_text){ .text = slice_of(o->room[i], len), .found = f };
}

static void
make(struct one *o, uint64_t seed)
{
	struct random *r = &o->random;

	*o = (struct one){ .blocks = BLOCKS, .random = { seed } };
	arena_init(&o->arena, &o->blocks.memory, 16 << 20);
	arena_init(&o->scratch, &o->blocks.memory, 16 << 20);
	for (unsigned i = 0; i < TYPE_COUNT; i++) {
		o->rules.type[i] = (struct type_rule){ random_label(r), 0, false,
		    random_below(r, 4) > 0 };
		if (random_below(r, 4) > 0)
			mask_types_add(&o->how.types, (enum detect_type)i);
		if (random_below(r, 16) == 0)
			o->ignored[i / 64] |= UINT64_C(1) << i % 64;
	}
	for (unsigned i = 0; i < COMBINE_COUNT; i++)
		o->rules.combine[i] = random_label(r);
	o->rules.persons = random_label(r);
	o->rules.persons_min = (uint32_t)random_below(r, 4);
	o->how.rules = &o->rules;
	o->how.parts = DETECT_ALL;
	o->how.ignored = random_below(r, 2) ? o->ignored : NULL;
	o->content.text = o->text;
	o->content.count = random_below(r, TEXTS_MAX + 1);
	o->content.keep = random_below(r, 2) ? LABEL_PUBLIC : random_label(r);
	for (unsigned i = 0; i < o->content.count; i++)
		make_text(o, i);
}

static bool
is_masked(const struct one *o, unsigned type)
{
	return mask_types_has(&o->how.types, type) && mask_is_possible((enum detect_type)type);
}

/* Does the span of the masked text have a letter or digit that is of no token? */
static bool
has_letters(const struct mask_text *t, const struct finding *f)
{
	for (uint32_t at = f->start; at < f->end; at++) {
		unsigned char c = (unsigned char)t->masked.ptr[at];
		bool token = false;

		for (uint32_t i = 0; i < t->edits; i++)
			token |= at >= t->edit[i].at && at < t->edit[i].at + t->edit[i].token.len;
		if (!token && (c >= 0x80 || (c >= '0' && c <= '9') ||
		    ((c | 0x20) >= 'a' && (c | 0x20) <= 'z')))
			return true;
	}
	return false;
}

/* The label as the laws say it. */
static struct label
want(struct one *o)
{
	struct census left = { .values = 0 }, more = { .values = 0 };

	for (unsigned i = 0; i < o->content.count; i++) {
		const struct mask_text *t = &o->text[i];
		struct findings stay, again, seen;

		findings_init(&stay, &o->arena);
		findings_init(&again, &o->arena);
		findings_init(&seen, &o->arena);
		for (uint32_t k = 0; k < t->found->count; k++)
			if (!is_masked(o, t->found->at[k].type) ||
			    !o->rules.type[t->found->at[k].type].lowerable)
				findings_add(&stay, t->found->at[k]);
		weigh_add(&left, &o->rules, t->text, &stay);
		if (t->edits == 0)
			continue;
		detect_look(&(struct look){ .text = t->masked, .arena = &o->arena,
		    .findings = &again }, DETECT_ALL);
		for (uint32_t k = 0; k < again.count; k++)
			if (has_letters(t, &again.at[k]))
				findings_add(&seen, again.at[k]);
		weigh_add(&more, &o->rules, t->masked, &seen);
	}
	return label_join(o->content.keep, label_join(
	    weigh_label(&left, &o->rules, o->how.ignored),
	    weigh_label(&more, &o->rules, o->how.ignored)));
}

/* Every byte outside of masked findings, in its order, and tokens between. */
static bool
keeps_bytes(const struct one *o, const struct mask_text *t)
{
	size_t at = 0, from = 0;
	uint32_t k = 0;

	for (uint32_t i = 0; i < t->edits; i++) {
		size_t gap = t->edit[i].start - from;

		if (t->edit[i].at != at + gap ||
		    memcmp(t->text.ptr + from, t->masked.ptr + at, gap) != 0)
			return false;
		at += gap + t->edit[i].token.len;
		from = t->edit[i].end;
	}
	if (!slice_eq(slice_cut(t->text, from, t->text.len),
	    slice_cut(t->masked, at, t->masked.len)))
		return false;
	for (uint32_t i = 0; i < t->found->count; i++) {
		const struct finding *f = &t->found->at[i];

		if (!is_masked(o, f->type))
			continue;
		while (k < t->edits && t->edit[k].end < f->end)
			k++;
		if (k == t->edits || t->edit[k].start > f->start)
			return false;
	}
	return true;
}

static enum err
seal(struct one *o, struct mask_sealed *sealed)
{
	struct mask_work *w;
	struct vault v;

	vault_init(&v, &o->arena, (struct hash_key){ { 1, 2 } }, 0);
	w = mask_begin(&o->arena, &o->scratch, &v, &o->how, &o->content);
	while (!mask_step(w, 1 + random_below(&o->random, 3000)))
		;
	return mask_seal(w, sealed);
}

static const char *
broken(uint64_t seed)
{
	static struct one o;
	struct mask_sealed sealed, again;
	const char *why = NULL;
	struct label label;

	make(&o, seed);
	if (seal(&o, &sealed) != ERR_OK)
		return "it is sealed";
	label = want(&o);
	if (!is_within(label, sealed.label))
		why = "the label is never below what is left";
	else if (!is_within(sealed.label, label))
		why = "the label is no more than what is left";
	for (unsigned i = 0; i < o.content.count && why == NULL; i++)
		if (!keeps_bytes(&o, &o.text[i]))
			why = "what was found is masked, and nothing else is lost";
	if (why == NULL && (seal(&o, &again) != ERR_OK || !is_within(sealed.label, again.label) ||
	    !is_within(again.label, sealed.label)))
		why = "the answer is the same in other steps";
	arena_release(&o.arena);
	arena_release(&o.scratch);
	return why;
}

int
main(int argc, char **argv)
{
	uint64_t seed, past;
	const char *why = NULL;

	random_seeds(argc > 1 ? strtoull(argv[1], NULL, 0) : 5000, &seed, &past);
	for (; seed < past && why == NULL; seed++)
		why = broken(seed);
	check(why == NULL, "a label is lowered by what was masked alone%s%s",
	    why ? ": not so: " : "", why ? why : "");
	if (why != NULL)
		printf("#   SEED=%llu\n", (unsigned long long)seed - 1);
	return check_done();
}
