/* SPDX-License-Identifier: Apache-2.0 */

/*
 * number_judge - validators of src/number/ for numbers.py.
 *
 * Reads lines of "type TAB value", in which \n, \r, \t and \\ stand for those,
 * and prints for each 1 or 0, or ? for a type that there is none of.
 */
#include <stdio.h>
#include <stdlib.h>

#include "number/number.h"

_Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "%s:%d: %s\n", file, line, condition);
	abort();
}

static struct slice
unescape(char *s, size_t len)
{
	size_t used = 0;

	for (size_t i = 0; i < len; i++) {
		char c = s[i];

		if (c == '\\' && i + 1 < len) {
			c = s[++i];
			c = c == 'n' ? '\n' : c == 'r' ? '\r' : c == 't' ? '\t' : c;
		}
		s[used++] = c;
	}
	return slice_of(s, used);
}

int
main(void)
{
	char line[8192];

	while (fgets(line, sizeof line, stdin) != NULL) {
		size_t len = strcspn(line, "\n"), name = strcspn(line, "\t");
		enum number number = number_of(slice_of(line, name));
		struct slice value;

		if (number == NUMBER_COUNT || name >= len) {
			puts("?");
			continue;
		}
		value = unescape(line + name + 1, len - name - 1);
		puts(number_is_valid(number, value) ? "1" : "0");
	}
	return 0;
}
