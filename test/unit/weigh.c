/* SPDX-License-Identifier: Apache-2.0 */
#include "detect/weigh.h"

#include "blocks.h"
#include "check.h"

/*
 * Texts in which findings stand in braces with the first letter of their type: e an address, h a
 * word of health, r religion, m a minor, l of law, s a password.
 */
static const struct {
	const char *text[3];
	const char *combined;		/* the name of the one combination that is made */
	uint32_t persons;
	const char *why;
} cases[] = {
	{ { "{hdiabetes}" }, "", 0, "a disease alone" },
	{ { "{ea@b.io}" }, "", 1, "a person alone" },
	{ { "{ea@b.io} has {hdiabetes}" }, "health_near_person", 1, "a person and a disease" },
	{ { "{hdiabetes}: see {ea@b.io}" }, "health_near_person", 1, "the other way round" },
	{ { "{ea@b.io} ~ {hdiabetes}" }, "", 1, "far from each other" },
	{ { "{ea@b.io} ~ {hdiabetes} {hHIV}" }, "health_of_person", 1, "two diseases, far away" },
	{ { "{ea@b.io}", "{hdiabetes} {hHIV}" }, "health_of_person", 1, "in another text" },
	{ { "{ea@b.io}", "{hdiabetes} {hDiabetes}" }, "", 1, "one disease, told twice" },
	{ { "{ha} {hb} {hc} {hd} {he}" }, "", 0, "five diseases of nobody" },
	{ { "{ha} {hb} {hc} {hd} {he} {hf}" }, "clinical_record", 0, "six" },
	{ { "{ea@b.io} is {rSikh}" }, "special_near_person", 1, "a belief" },
	{ { "{ea@b.io}: {m9 years old}" }, "minor_near_person", 1, "a child" },
	{ { "{lplaintiff} {ldefendant} {lsubpoena}" }, "", 0, "three words of law" },
	{ { "{lplaintiff} {ldefendant}", "{lsubpoena} {lPlaintiff} {lverdict}" }, "legal_document", 0,
	    "four of them" },
	{ { "{ea@b.io} {eA@B.io} {ec@d.io}" }, "", 2, "addresses are told apart" },
	{ { "{shunter2} {hdiabetes}" }, "", 0, "a password is nobody" },
};

static const struct {
	char letter;
	enum detect_type type;
} letters[] = {
	{ 'e', TYPE_email_address }, { 'h', TYPE_health_term }, { 'r', TYPE_religion },
	{ 'm', TYPE_minor }, { 'l', TYPE_legal_term }, { 's', TYPE_tlp_red },
};

static enum detect_type
type_by(char letter)
{
	for (size_t i = 0; i < COUNT_OF(letters); i++)
		if (letters[i].letter == letter)
			return letters[i].type;
	return TYPE_COUNT;
}

/* The text without braces and letters, a tilde become 400 bytes; what stood in braces is found. */
static struct slice
read_text(const char *p, char *room, struct findings *f)
{
	uint32_t len = 0, start = 0;
	enum detect_type type = TYPE_COUNT;

	for (; *p != '\0'; p++) {
		if (*p == '{') {
			type = type_by(*++p);
			start = len;
		} else if (*p == '}') {
			findings_add(f, (struct finding){ start, len, (uint16_t)type, 60, 0 });
		} else if (*p == '~') {
			memset(room + len, '.', 400);
			len += 400;
		} else {
			room[len++] = *p;
		}
	}
	return slice_of(room, len);
}

static struct rules
plain_rules(void)
{
	struct rules r = { .persons_min = 3, .persons = { .level = 9, .regions = UINT64_MAX } };

	for (unsigned i = 0; i < TYPE_COUNT; i++)
		r.type[i] = (struct type_rule){ .label = LABEL_PUBLIC, .score_min = 50 };
	for (unsigned i = 0; i < COMBINE_COUNT; i++)
		r.combine[i] = (struct label){ .kinds = UINT64_C(1) << i, .regions = UINT64_MAX,
			.level = 2 };
	return r;
}

static void
weigh(struct arena *a, const struct rules *r, const char *const text[3], struct census *c)
{
	char room[2048];

	*c = (struct census){ 0 };
	for (int i = 0; i < 3 && text[i] != NULL; i++) {
		struct findings f;
		struct slice s;

		findings_init(&f, a);
		s = read_text(text[i], room, &f);
		weigh_add(c, r, s, &f);
	}
}

static void
check_cases(struct arena *a)
{
	struct rules r = plain_rules();
	struct census c;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice want = slice_of(cases[i].combined, strlen(cases[i].combined));
		bool good = true;

		weigh(a, &r, cases[i].text, &c);
		for (unsigned k = 0; k < COMBINE_COUNT; k++)
			good &= weigh_is_combined(&c, (enum combine)k) ==
			    slice_eq(combine_info((enum combine)k)->name, want);
		check(good, "%s", cases[i].why);
		check_int(weigh_persons(&c), cases[i].persons, "persons: %s", cases[i].why);
	}
}

static void
check_labels(struct arena *a)
{
	const char *const text[3] = { "{ea@b.io} has {hdiabetes}" };
	const char *const crowd[3] = { "{ea@b.io} {ec@d.io}", "{ee@f.io}" };
	struct rules r = plain_rules();
	uint64_t ignored[TYPE_WORDS] = { 0 };
	struct census c;

	r.type[TYPE_email_address].label.level = 1;
	weigh(a, &r, text, &c);
	check_int(weigh_label(&c, &r, NULL).level, 2, "a combination is more than its parts");
	check_int((int64_t)weigh_label(&c, &r, NULL).kinds, 1 << COMBINE_health_near_person,
	    "and brings its kind");
	ignored[TYPE_email_address / 64] |= UINT64_C(1) << TYPE_email_address % 64;
	check_int(weigh_label(&c, &r, ignored).level, 2, "also where its parts are allowed");
	check_int(weigh_combined(&c, &r).level, 2, "masking does not take it away");
	r.combine[COMBINE_health_near_person] = LABEL_PUBLIC;
	check_int(weigh_label(&c, &r, NULL).level, 1, "unless the file says that it means nothing");
	check_int(weigh_label(&c, &r, ignored).level, 0, "a type that is allowed brings nothing");
	r.type[TYPE_health_term].score_min = 61;
	weigh(a, &r, text, &c);
	check_int(c.count[TYPE_health_term], 0, "below the threshold nothing counts");
	weigh(a, &r, crowd, &c);
	check_int(weigh_label(&c, &r, NULL).level, 9, "three persons are many");
	r.persons_min = 0;
	check_int(weigh_label(&c, &r, NULL).level, 1, "unless the file says that they are not");
}

/* More persons than can be told apart are still many, and nothing runs over. */
static void
check_crowd(struct arena *a)
{
	struct rules r = plain_rules();
	struct census c = { 0 };
	char room[8];

	for (unsigned i = 0; i < 5000; i++) {
		struct findings f;

		memcpy(room, &i, 4);
		memcpy(room + 4, "a@io", 4);
		for (int k = 0; k < 4; k++)
			room[k] = (char)('a' + (i >> 4 * k & 15));
		findings_init(&f, a);
		findings_add(&f, (struct finding){ 0, 8, TYPE_email_address, 60, 0 });
		weigh_add(&c, &r, slice_of(room, 8), &f);
	}
	check_int(c.count[TYPE_email_address], 5000, "each counts");
	check(weigh_persons(&c) >= 300 && weigh_persons(&c) < CENSUS_VALUES, "and they are many");
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	struct arena a;

	arena_init(&a, &blocks.memory, 1 << 26);
	check_cases(&a);
	check_labels(&a);
	check_crowd(&a);
	arena_release(&a);
	return check_done();
}
