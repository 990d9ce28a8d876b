/* SPDX-License-Identifier: Apache-2.0 */
#include "tariff/meter.h"

/* The names behind which an answer's text stands, as far as they must be compared. */
static const struct slice names[] = {
	{ "content\":", 9 },
	{ "\"arguments\":", 12 },
	{ "\"text\":", 7 },
};

/* How long the string is whose opening quote is at `from`, or behind spaces; 0: no string. */
static size_t
string_bytes(struct slice json, size_t from)
{
	const char *p, *q, *quote, *past = json.ptr + json.len;

	while (from < json.len && json.ptr[from] == ' ')
		from++;
	if (from >= json.len || json.ptr[from] != '"')
		return 0;
	p = json.ptr + from + 1;
	for (q = p; (quote = memchr(q, '"', (size_t)(past - q))) != NULL; q = quote + 1) {
		size_t escapes = 0;

		while (quote - escapes > p && quote[-1 - (ptrdiff_t)escapes] == '\\')
			escapes++;
		if (escapes % 2 == 0)
			return (size_t)(quote - p);
	}
	return 0;
}

/* Behind a name, the first string that is not empty; its place into *at. */
static size_t
find_string(struct slice json, struct slice name, size_t *at)
{
	size_t from = 0, found, bytes;

	while ((found = slice_find(slice_cut(json, from, json.len), name)) < json.len - from) {
		from += found + name.len;
		if ((bytes = string_bytes(json, from)) > 0) {
			*at = from;
			return bytes;
		}
	}
	return 0;
}

size_t
meter_piece(struct slice json, size_t *at)
{
	size_t bytes;

	for (size_t i = 0; i < sizeof names / sizeof names[0] && *at > 0; i++)
		if (*at >= names[i].len && *at < json.len &&
		    slice_starts(slice_cut(json, *at - names[i].len, json.len), names[i]) &&
		    (bytes = string_bytes(json, *at)) > 0)
			return bytes;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
		if ((bytes = find_string(json, names[i], at)) > 0)
			return bytes;
	return 0;
}
