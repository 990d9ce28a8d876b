/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/mask.h"

#include "blocks.h"
#include "check.h"
#include "core/json.h"
#include "core/limit.h"
#include "detect/detect.h"
#include "mask/restore.h"

static struct blocks blocks = BLOCKS;
static struct arena arena, scratch;

#define EMAIL	TYPE_email_address	/* stands for all that have a mask */
#define MARKING	TYPE_marking_confidential	/* and this for those that have none */

static struct slice
slice(const char *s)
{
	return slice_of(s, strlen(s));
}

/* The text of a template, and what stands between its braces as findings; [ ] of a marking. */
static struct slice
parse(const char *template, char *room, struct findings *found)
{
	uint32_t start = 0, len = 0;

	findings_init(found, &arena);
	for (const char *p = template; *p != 0; p++)
		if (*p == '{' || *p == '[')
			start = len;
		else if (*p == '}' || *p == ']')
			findings_add(found, (struct finding){ .start = start, .end = len,
			    .type = *p == '}' ? EMAIL : MARKING, .score = 100 });
		else
			room[len++] = *p;
	return slice_of(room, len);
}

/* The masked text, with @ for each token. */
static struct slice
show(const struct mask_text *t, char *room)
{
	size_t from = 0, len = 0;

	for (uint32_t i = 0; i <= t->edits; i++) {
		size_t to = i < t->edits ? t->edit[i].at : t->masked.len;

		memcpy(room + len, t->masked.ptr + from, to - from);
		len += to - from;
		if (i == t->edits)
			break;
		room[len++] = '@';
		from = to + t->edit[i].token.len;
	}
	return slice_of(room, len);
}

static const struct {
	const char	*why, *text, *want;
} cases[] = {
	{ "nothing was found", "Write to nobody.", "Write to nobody." },
	{ "no text", "", "" },
	{ "one", "Write to {anna@acme.io} now.", "Write to @ now." },
	{ "all of the text", "{anna@acme.io}", "@" },
	{ "neighbours", "{anna}{bob}", "@@" },
	{ "a possessive stays", "{Anna Kowalska's} car", "@'s car" },
	{ "with a curly apostrophe", "{Anna\xe2\x80\x99s} car", "@\xe2\x80\x99s car" },
	{ "in capitals", "{ANNA'S} CAR", "@'S CAR" },
	{ "a possessive of nothing is a value", "{'s}", "@" },
	{ "what has no mask stays", "[CONFIDENTIAL] {anna}", "CONFIDENTIAL @" },
	{ "what was found once is masked everywhere", "{anna@acme.io}, anna@acme.io", "@, @" },
	{ "before it too", "anna@acme.io, {anna@acme.io}", "@, @" },
	{ "not inside a longer word", "{Anna}, Annabel, Joanna, Anna1, Anna",
	    "@, Annabel, Joanna, Anna1, @" },
	{ "the longest of several", "{Anna}, {Anna Kowalska}: Anna Kowalska", "@, @: @" },
	{ "two letters are too few", "{Li} and Li", "@ and Li" },
	{ "a number with signs", "{+49 (30) 1234}: +49 (30) 1234", "@: @" },
	{ "a name in Chinese, where there are no spaces",
	    "{\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e}\xe6\x98\xaf"
	    "\xe7\x8e\x8b\xe5\xb0\x8f\xe6\x98\x8e\xe3\x80\x82",
	    "@\xe6\x98\xaf@\xe3\x80\x82" },
	{ "a Latin name between Chinese words", "{Anna}, \xe6\x98\xaf" "Anna\xe6\x98\xaf",
	    "@, \xe6\x98\xaf@\xe6\x98\xaf" },
	{ "a name in Cyrillic",
	    "{\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0} \xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0 "
	    "\xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0\xd0\xbc", "@ @ \xd0\x90\xd0\xbd\xd0\xbd\xd0\xb0\xd0\xbc" },
};

static void
check_cases(void)
{
	char text[512], shown[512];
	struct mask_types all = { 0 };

	mask_types_add(&all, EMAIL);
	mask_types_add(&all, MARKING);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct findings found;
		struct mask_text t = { .text = parse(cases[i].text, text, &found),
		    .found = &found };
		struct vault v;

		vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
		check_int(mask_texts(&arena, &v, &all, &t, 1), ERR_OK, "masked: %s", cases[i].why);
		check_slice(show(&t, shown), slice(cases[i].want), "%s", cases[i].why);
		check(t.edits > 0 || t.made.ptr == t.text.ptr,
		    "where nothing changes, nothing is copied");
	}
}

static void
check_types(void)
{
	struct mask_types none = { 0 };
	struct findings found;
	char text[64];
	struct mask_text t = { .text = parse("{anna}", text, &found), .found = &found };
	struct vault v;

	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
	check_int(mask_texts(&arena, &v, &none, &t, 1), ERR_OK, "no type is to be masked");
	check(t.edits == 0 && v.count == 0, "then nothing is");
	check(mask_is_possible(EMAIL), "an address has a mask");
	check(!mask_is_possible(MARKING), "a marking has none");
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		if (type_is_secret((enum detect_type)i) && mask_is_possible((enum detect_type)i))
			check(false, "a secret has a mask");
}

/* Half of a character is found: all of it is masked. */
static void
check_characters(void)
{
	struct mask_types all = { 0 };
	struct findings found;
	struct mask_text t = { .text = S("a \xc3\xa9\xe4\xb8\xad b"), .found = &found };
	char shown[64];
	struct vault v;

	mask_types_add(&all, EMAIL);
	findings_init(&found, &arena);
	findings_add(&found, (struct finding){ .start = 3, .end = 5, .type = EMAIL });
	findings_add(&found, (struct finding){ .start = 5, .end = 6, .type = EMAIL });
	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
	check_int(mask_texts(&arena, &v, &all, &t, 1), ERR_OK, "halves of characters are found");
	check_slice(show(&t, shown), S("a @ b"), "whole ones are masked");
	check_slice(v.entry[0].value, S("\xc3\xa9\xe4\xb8\xad"), "and kept");
}

/* Texts of one request, and the next one of the conversation. */
static void
check_texts(void)
{
	struct mask_types all = { 0 };
	struct findings found[2];
	struct mask_text t[2] = { [0] = { .edits = 0 } }, next = { .text = S("and Anna?") };
	struct slice typed;
	char text[2][64], shown[64];
	struct vault v;

	mask_types_add(&all, EMAIL);
	t[0].text = parse("Anna", text[0], &found[0]);
	t[1].text = parse("{Anna}", text[1], &found[1]);
	t[0].found = &found[0];
	t[1].found = &found[1];
	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
	check_int(mask_texts(&arena, &v, &all, t, 2), ERR_OK, "two texts are masked");
	check_slice(t[0].masked, t[1].masked, "what is found in one is masked in both");
	check_int(mask_texts(&arena, &v, &all, &next, 1), ERR_OK, "the next request");
	check_slice(show(&next, shown), S("and @?"), "hides it too, whatever was found");
	typed = t[0].masked;
	next = (struct mask_text){ .text = typed };
	check_int(mask_texts(&arena, &v, &all, &next, 1), ERR_OK, "a live token was typed");
	check(next.edits == 1 && !slice_eq(next.masked, typed), "it is hidden itself");
	check_slice(v.entry[v.count - 1].value, typed, "and comes back as it was typed");
	next = (struct mask_text){ .text = S("Email_0000000000 Person_0000000000") };
	check_int(mask_texts(&arena, &v, &all, &next, 1), ERR_OK, "somebody else's was typed");
	check_int(next.edits, 0, "that stays as it is");
}

/* raw, and what stands in its place: @ is a token. */
static const struct {
	const char	*why, *raw, *value, *want;
} raws[] = {
	{ "escapes around stay", "\\u00e9\\/\\\"anna\\ud83d\\ude00\\n", "anna",
	    "\\u00e9\\/\\\"@\\ud83d\\ude00\\n" },
	{ "escapes inside go with the value", "a \\u0061nn\\u0061 \\u0061", "anna", "a @ \\u0061" },
	{ "a value of escapes", "\\u00e9\\u4e2d\\ud83d\\ude00!",
	    "\xc3\xa9\xe4\xb8\xad\xf0\x9f\x98\x80", "@!" },
	{ "a quote inside", "O\\\"Neil's \\\"", "O\"Neil", "@'s \\\"" },
	{ "backslashes before and behind", "\\\\anna\\\\", "anna", "\\\\@\\\\" },
	{ "nothing found", "\\u00e9", "anna", "\\u00e9" },
};

static void
check_raw(void)
{
	struct mask_types all = { 0 };

	mask_types_add(&all, EMAIL);
	for (size_t i = 0; i < COUNT_OF(raws); i++) {
		char doc[128], shown[128];
		struct json_fault fault;
		struct mask_text t = { 0 };
		struct findings found;
		struct vault v;
		struct json j;
		size_t at, len = 0;

		snprintf(doc, sizeof doc, "\"%s\"", raws[i].raw);
		check_or_stop(json_parse(&arena, slice(doc), JSON_DUPLICATES_KEPT, &j,
		    &fault) == ERR_OK, "the test is JSON");
		t.text = json_string(&arena, &j, 0);
		t.raw = json_inside(&j, 0);
		t.found = &found;
		findings_init(&found, &arena);
		at = slice_find(t.text, slice(raws[i].value));
		if (at < t.text.len)
			findings_add(&found, (struct finding){ .start = (uint32_t)at,
			    .end = (uint32_t)(at + strlen(raws[i].value)), .type = EMAIL });
		vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
		check_int(mask_texts(&arena, &v, &all, &t, 1), ERR_OK, "in JSON: %s", raws[i].why);
		for (const char *p = raws[i].want; *p != 0; p++)
			if (*p == '@') {
				memcpy(shown + len, t.edit[0].token.ptr, t.edit[0].token.len);
				len += t.edit[0].token.len;
			} else {
				shown[len++] = *p;
			}
		check_slice(t.made, slice_of(shown, len), "%s", raws[i].why);
	}
}

/* ---- sealing ---- */

static struct rules rules;

/* Nothing brings anything. */
static void
clear_rules(void)
{
	rules = (struct rules){ .persons = LABEL_PUBLIC };
	for (unsigned i = 0; i < COMBINE_COUNT; i++)
		rules.combine[i] = LABEL_PUBLIC;
	for (unsigned i = 0; i < TYPE_COUNT; i++)
		rules.type[i] = (struct type_rule){ .label = LABEL_PUBLIC, .lowerable = true };
}

static enum err
seal(struct vault *v, struct mask_content *c, struct label *label)
{
	struct mask_rules r = { .rules = &rules, .parts = DETECT_ALL };
	struct mask_sealed sealed;
	struct mask_work *w;
	enum err e;

	mask_types_add(&r.types, EMAIL);
	mask_types_add(&r.types, MARKING);
	w = mask_begin(&arena, &scratch, v, &r, c);
	while (!mask_step(w, 1))
		;
	e = mask_seal(w, &sealed);
	if (e == ERR_OK)
		*label = sealed.label;
	return e;
}

static const struct {
	const char	*why, *text;
	uint64_t	 kinds;		/* 1: of addresses, 2: of markings, 4: of keep */
	bool		 stays;		/* the label of an address stays when it is masked */
} seals[] = {
	{ "a masked value is gone, and its label", "Write to {anna@acme.io}.", 4, false },
	{ "a marking stays", "[STRICTLY CONFIDENTIAL]\nWrite to {anna@acme.io}.", 6, false },
	{ "a marking that was not found before is found again",
	    "CONFIDENTIAL\n\nWrite to {anna@acme.io}.", 6, false },
	{ "a label that does not go with its mask", "Write to {anna@acme.io}.", 5, true },
	{ "nothing was masked", "Write to nobody.", 4, false },
};

static void
check_seals(void)
{
	for (size_t i = 0; i < COUNT_OF(seals); i++) {
		struct label label = LABEL_PUBLIC;
		struct findings found;
		char text[256];
		struct mask_text t = { .text = parse(seals[i].text, text, &found),
		    .found = &found };
		struct mask_content c = { &t, 1, LABEL_PUBLIC, false };
		struct vault v;

		c.keep.kinds = 4;
		clear_rules();
		rules.type[EMAIL].label.kinds = 1;
		rules.type[EMAIL].lowerable = !seals[i].stays;
		rules.type[MARKING].label.kinds = 2;
		rules.type[TYPE_marking_secret].label.kinds = 2;
		vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
		check_int(seal(&v, &c, &label), ERR_OK, "sealed: %s", seals[i].why);
		check_int((int64_t)label.kinds, (int64_t)seals[i].kinds, "%s", seals[i].why);
		check(label.regions == UINT64_MAX && label.level == 0, "and nothing else");
	}
}

static void
check_refusals(void)
{
	struct label label = { .kinds = 77 };
	struct findings found;
	char text[64];
	struct mask_text t = { .text = parse("{anna}", text, &found), .found = &found };
	struct mask_content c = { &t, 1, LABEL_PUBLIC, true };
	static char big[VAULT_BYTES_MAX + 1];
	struct vault v;

	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
	check_int(seal(&v, &c, &label), ERR_MASK_REFUSED, "what was found is cut");
	c.cut = false;
	found.cut = true;
	check_int(seal(&v, &c, &label), ERR_MASK_REFUSED, "a list of findings is cut");
	found.cut = false;
	memset(big, 'a', sizeof big);
	t.text = slice_of(big, sizeof big);
	found.at[0].end = sizeof big;
	check_int(seal(&v, &c, &label), ERR_VAULT_FULL, "a value that no vault holds");
	check_int((int64_t)label.kinds, 77, "no label comes out");
}

static void
check_memory(void)
{
	size_t refused = 0;
	bool right = true;

	for (size_t left = 0; left < 40; left++) {
		struct blocks few = { .memory = { blocks_take, blocks_give }, .left = left };
		struct mask_rules r = { .rules = &rules, .parts = DETECT_ALL };
		struct findings found;
		static char text[20000];
		struct mask_text t = { .text = slice_of(text, sizeof text), .found = &found };
		struct mask_content c = { &t, 1, LABEL_PUBLIC, false };
		struct mask_sealed sealed;
		struct mask_work *w;
		struct arena a, b;
		struct vault v;
		enum err e;

		memset(text, 'a', sizeof text);
		mask_types_add(&r.types, EMAIL);
		findings_init(&found, &arena);
		for (uint32_t i = 0; i < 300; i++)
			findings_add(&found, (struct finding){ .start = 60 * i,
			    .end = 60 * i + i % 50 + 3, .type = EMAIL, .score = 100 });
		arena_init(&a, &few.memory, 1 << 24);
		arena_init(&b, &few.memory, 1 << 24);
		vault_init(&v, &a, (struct hash_key){ { 1, 2 } }, 0);
		w = mask_begin(&a, &b, &v, &r, &c);
		while (w != NULL && !mask_step(w, 4096))
			;
		e = w == NULL ? ERR_MEMORY : mask_seal(w, &sealed);
		refused += e != ERR_OK;
		right &= e == ERR_OK || e == ERR_MEMORY || e == ERR_MASK_REFUSED;
		arena_release(&a);
		arena_release(&b);
		right &= few.out == 0;
	}
	check(right && refused > 3 && refused < 40, "without memory nothing is sealed");
}

static void
overlapping(void)
{
	struct findings found;
	struct mask_text t = { .text = S("anna bob"), .found = &found };
	struct mask_types all = { 0 };
	struct vault v;

	findings_init(&found, &arena);
	findings_add(&found, (struct finding){ .start = 0, .end = 5, .type = EMAIL });
	findings_add(&found, (struct finding){ .start = 4, .end = 8, .type = EMAIL });
	vault_init(&v, &arena, (struct hash_key){ { 1, 2 } }, 0);
	(void)!mask_texts(&arena, &v, &all, &t, 1);
}

int
main(void)
{
	arena_init(&arena, &blocks.memory, 1 << 26);
	arena_init(&scratch, &blocks.memory, 1 << 26);
	check_cases();
	check_types();
	check_characters();
	check_texts();
	check_raw();
	check_seals();
	check_refusals();
	check_memory();
	check_must(overlapping, "findings are settled");
	arena_release(&arena);
	arena_release(&scratch);
	check_int((int64_t)blocks.out, 0, "all memory came back");
	return check_done();
}
