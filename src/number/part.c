/* SPDX-License-Identifier: Apache-2.0 */
#include "number/part.h"

bool
part_like(struct slice n, const char *pattern)
{
	size_t i = 0;

	for (; i < n.len && pattern[i] != '\0'; i++) {
		char c = n.ptr[i], want = pattern[i];
		bool digit = part_is_digit(c), letter = part_is_upper(c);

		if (want == '9' ? !digit : want == 'A' ? !letter : want == 'X' ? !digit && !letter :
		    c != want)
			return false;
	}
	return i == n.len && pattern[i] == '\0';
}

bool
part_listed(struct slice n, size_t from, size_t width, const char *list)
{
	for (const char *at = list; ; at += width + 1) {
		if (memcmp(at, n.ptr + from, width) == 0)
			return true;
		if (at[width] == '\0')
			return false;
	}
}

bool
part_is_date(unsigned year, unsigned month, unsigned day)
{
	static const unsigned char days[] = { 31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31 };
	bool leap = (year % 4 == 0 && year % 100 != 0) || year % 400 == 0;

	if (month < 1 || month > 12 || day < 1)
		return false;
	return day <= days[month - 1] + (unsigned)(month == 2 && leap);
}

bool
part_grouped(struct slice n, const char *groups, char *into)
{
	size_t at = 0, used = 0, bare = 0;
	char separator = 0;

	for (const char *g = groups; *g != '\0'; g++)
		bare += part_value(*g);
	for (const char *g = groups; *g != '\0'; g++) {
		size_t width = part_value(*g);

		if (g > groups && n.len != bare) {
			if (at >= n.len || (separator != 0 && n.ptr[at] != separator))
				return false;
			separator = n.ptr[at++];
		}
		if (at + width > n.len || !part_digits(n, at, at + width))
			return false;
		memcpy(into + used, n.ptr + at, width);
		at += width;
		used += width;
	}
	return at == n.len;
}
