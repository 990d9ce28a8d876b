/* SPDX-License-Identifier: Apache-2.0 */
#include "regex/bound.h"

#include "core/limit.h"

#include "check.h"

static const struct {
	const char	*pattern, *why;
	uint32_t	 places;		/* 0: it is refused */
	size_t		 at;			/* there */
} cases[] = {
	{ "abc", "letters", 3, 0 },
	{ "KD-\\d{8}", "a repeat", 11, 0 },
	{ "a{2,5}b", "as often as it may be", 6, 0 },
	{ "a{3,}", "and once more, where there is no end", 4, 0 },
	{ "a{0}b", "nothing is something", 2, 0 },
	{ "(ab){3}c", "a group", 7, 0 },
	{ "((ab){3}c){2}", "groups in each other", 14, 0 },
	{ "a{2}{3}", "a repeat of a repeat", 6, 0 },
	{ "a{x}", "braces that are none", 4, 0 },
	{ "a{,3}", "nor are these", 5, 0 },
	{ "{3}a", "a repeat of nothing is the library's to refuse", 1, 0 },
	{ "[abc]{4}", "a class is one place", 4, 0 },
	{ "[^a]{4}", "unless it is all others", 16, 0 },
	{ "[]a]", "a bracket first in a class", 1, 0 },
	{ "[^]a]", "and in its complement", 4, 0 },
	{ "[[:alpha:]]{2}", "a class with a name", 2, 0 },
	{ "[[:x]y:]", "what is no name, and what follows", 4, 0 },
	{ "[a[]{2}", "a bracket within a class", 2, 0 },
	{ "[\\]x]", "an escaped one", 1, 0 },
	{ "\\[{3}", "an escaped bracket", 3, 0 },
	{ ".{10}", "a dot is all of UTF-8", 40, 0 },
	{ "\\x{1F600}{2}", "a character by its number", 2, 0 },
	{ "\\p{L}", "a property", 300, 0 },
	{ "[\\p{L}]", "in a class as well", 300, 0 },
	{ "\u00e4{3}", "a character of two bytes", 6, 0 },
	{ "[\u00e4-\u00fc]", "and in a class", 5, 0 },
	{ "(?:a|b)+c?", "alternatives", 4, 0 },
	{ "", "nothing", 0, 0 },
	{ "\\p{L}{1,200}", "eighteen seconds", 0, 5 },
	{ "(\\w{1,100}){1,40}", "repeats of repeats", 0, 11 },
	{ ".{1000}", "a thousand of anything", 0, 1 },
	{ "a{1001}", "too often", 0, 1 },
	{ "a{99999999999999999999}", "more often than can be counted", 0, 1 },
	{ "(a", "a group that is open", 0, 0 },
	{ "x(a(b)", "the one that is open", 0, 1 },
	{ "a)", "one that is not", 0, 1 },
	{ "x[abc", "a class that is open", 0, 1 },
	{ "x[", "one that only begins", 0, 1 },
	{ "ab\\", "a backslash at the end", 0, 2 },
	{ "[ab\\", "and in a class", 0, 3 },
	{ "a\\Qb", "quotes", 0, 1 },
	{ "\\x{41", "a number that is open", 0, 0 },
	{ "((((((((((((((((((((((((((((((((((a))))))))))))))))))))))))))))))))))", "too deep", 0, 32 },
};

int
main(void)
{
	char long_one[PATTERN_BYTES_MAX + 1];
	struct bound b;

	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice pattern = slice_of(cases[i].pattern, strlen(cases[i].pattern));

		b = bound_of(pattern);
		check((b.why == NULL) == (cases[i].places > 0), "%s: %s", cases[i].pattern,
		    cases[i].why);
		if (b.why == NULL)
			check(b.places == cases[i].places, "%s: %s: %u places", cases[i].pattern,
			    cases[i].why, b.places);
		else
			check(b.at == cases[i].at, "%s: %s: at %zu", cases[i].pattern,
			    cases[i].why, b.at);
	}
	memset(long_one, 'a', sizeof long_one);
	check(bound_of(slice_of(long_one, PATTERN_BYTES_MAX)).why == NULL, "as long as it may be");
	check(bound_of(slice_of(long_one, sizeof long_one)).why != NULL, "and one more");
	long_one[3] = '\0';
	check(bound_of(slice_of(long_one, 8)).why != NULL, "a NUL");
	return check_done();
}
