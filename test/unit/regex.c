/* SPDX-License-Identifier: Apache-2.0 */
#include "regex/regex.h"

#include "core/limit.h"
#include "detect/detect.h"
#include "detect/dictionary.h"

#include "blocks.h"
#include "check.h"

static const struct {
	const char *pattern;
	bool any_case;
} patterns[] = {
	{ "\\bKD-\\d{8}\\b", false },
	{ "stra\u00dfe [0-9]+", true },
	{ "^Ticket [A-Z]{3}$", false },
	{ "aXa", false },
};

/* What stands in braces must be found, as the pattern of that number and nothing else. */
static const struct {
	const char *text, *why;
	unsigned pattern;
} cases[] = {
	{ "of {KD-12345678}.", "a number", 0 },
	{ "KD-123456789 xKD-12345678 kd-12345678{}", "what is none", 0 },
	{ "{STRA\u1e9eE 12} and more", "in any case", 1 },
	{ "{Stra\u00dfe 123}", "the longest", 1 },
	{ "one\n{Ticket ABC}\ntwo", "a line", 2 },
	{ "{aXaXaXa}", "what overlaps is one", 3 },
	{ "aX {aXa}", "behind what it began with", 3 },
	{ "\xc3{aXa}\xff", "between bytes that are no text", 3 },
	{ "{S0QtMTIzNDU2NzggYW5kIG1vcmU=}", "within base64", 0 },
	{ "{\uff2b\uff24-12345678}", "in wide letters", 0 },
};

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

static void
unbrace(const char *p, char *room, size_t *len, size_t *start, size_t *end)
{
	for (*len = *start = *end = 0; *p != '\0'; p++) {
		if (*p == '{')
			*start = *len;
		else if (*p == '}')
			*end = *len;
		else
			room[(*len)++] = *p;
	}
}

static struct regex *
compile(struct text *why)
{
	struct regex_rule rule[COUNT_OF(patterns)];
	struct regex *r = NULL;
	uint32_t wrong;

	for (uint32_t i = 0; i < COUNT_OF(patterns); i++)
		rule[i] = (struct regex_rule){ text_of(patterns[i].pattern),
			(enum detect_type)(TYPE_own_1 + i), patterns[i].any_case };
	if (regex_compile(rule, COUNT_OF(patterns), &r, &wrong, why) != ERR_OK)
		return NULL;
	return r;
}

static void
check_cases(struct arena *a, const struct regex *r)
{
	struct dictionary *d = dictionary_new(a, (struct hash_key){ { 0 } });

	dictionary_set_matcher(d, regex_matcher(r));
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		size_t len, start, end;
		struct findings found;
		char room[256];

		unbrace(cases[i].text, room, &len, &start, &end);
		findings_init(&found, a);
		detect_look(&(struct look){ .text = slice_of(room, len), .arena = a,
		    .findings = &found, .dictionary = d }, 0);
		check(!found.cut && found.count == (end > start), "%s: %u", cases[i].why,
		    found.count);
		if (found.count == 1 && end > start)
			check(found.at[0].start == start && found.at[0].end == end &&
			    found.at[0].type == TYPE_own_1 + cases[i].pattern, "%s: %u to %u",
			    cases[i].why, found.at[0].start, found.at[0].end);
	}
}

/* A text in which there is more than anybody could keep is taken for the worst. */
static void
check_many(struct arena *a, const struct regex *r)
{
	size_t bytes = 4 * (PATTERN_MATCHES_MAX + 1);
	char *room = malloc(bytes);
	struct findings found;

	must(room != NULL);
	for (size_t i = 0; i < bytes; i += 4)
		memcpy(room + i, "aXa ", 4);
	findings_init(&found, a);
	regex_matcher(r)->look(regex_matcher(r), &(struct look){ .text = slice_of(room, bytes),
	    .arena = a, .findings = &found });
	check(found.cut, "more matches than there may be");
	findings_init(&found, a);
	regex_matcher(r)->look(regex_matcher(r), &(struct look){ .text = slice_of(room, bytes - 4),
	    .arena = a, .findings = &found });
	check(!found.cut && found.count == PATTERN_MATCHES_MAX, "as many as there may be");
	free(room);
}

static void
check_refused(const char *first, const char *second, uint32_t at, const char *says)
{
	struct regex_rule rule[2] = {
		{ text_of(first), TYPE_own_1, false }, { text_of(second), TYPE_own_1, false },
	};
	struct regex *r = NULL;
	char room[1024];
	struct text why;
	uint32_t wrong;

	text_init(&why, room, sizeof room);
	check(regex_compile(rule, 2, &r, &wrong, &why) == ERR_CONF && r == NULL && wrong == at,
	    "%s, %s: the wrong one is told", first, second);
	check(slice_find(text_slice(&why), text_of(says)) < why.len, "%s, %s: %.*s", first, second,
	    (int)why.len, why.ptr);
}

int
main(void)
{
	struct blocks blocks = BLOCKS;
	char room[1024];
	struct regex *r;
	struct text why;
	struct arena a;

	text_init(&why, room, sizeof room);
	if ((r = compile(&why)) == NULL) {
		/* So the program says, too, where a configuration has patterns. */
		check(slice_find(text_slice(&why), S("install the package")) < why.len, "%.*s",
		    (int)why.len, why.ptr);
		return check_done();
	}
	arena_init(&a, &blocks.memory, 1 << 26);
	check_cases(&a, r);
	check_many(&a, r);
	check_refused("abcd", "ab", 1, "fewer than 3 bytes");
	check_refused("(abc", "abcd", 0, "at character 1");
	check_refused("abcd", "(abc)\\1", 1, "reference");
	check_refused("abcd", "abc(?=d)", 1, "assertions");
	check_refused("a.{3,200}b", "abcd", 0, "too large");
	check_refused("abcd", "\xff\xfe\xfd", 1, "UTF-8");
	arena_release(&a);
	regex_free(r);
	return check_done();
}
