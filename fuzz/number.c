/* SPDX-License-Identifier: Apache-2.0 */
/*
 * number - any bytes, line by line, before every validator.
 *
 * Each reads only what it is given and says the same twice; what is valid has as
 * many characters as its row asks for; and where a row takes no notice of spaces
 * around its own example, it takes none around anything.
 */
#include "number/number.h"

#include "fuzz.h"

#define ROOM	(2 * NUMBER_BYTES_MAX)

/* The same with a space at both ends, in memory of just that size. */
static bool
is_valid_padded(enum number number, struct slice s)
{
	char *padded = malloc(s.len + 2);
	bool valid;

	if (padded == NULL)
		abort();
	padded[0] = padded[s.len + 1] = ' ';
	if (s.len > 0)
		memcpy(padded + 1, s.ptr, s.len);
	valid = number_is_valid(number, slice_of(padded, s.len + 2));
	free(padded);
	return valid;
}

static void
check_line(struct slice s)
{
	for (unsigned i = 0; i < NUMBER_COUNT; i++) {
		enum number number = (enum number)i;
		struct number_info info = number_info(number);
		bool valid = number_is_valid(number, s);

		FUZZ_CHECK(number_is_valid(number, s) == valid);
		FUZZ_CHECK(!valid || s.len >= info.min);
		if (s.len + 2 <= ROOM && s.len >= info.min && is_valid_padded(number, info.example))
			FUZZ_CHECK(is_valid_padded(number, s) == valid);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice all = slice_of((const char *)data, size);
	size_t from = 0;

	for (size_t i = 0; i <= all.len; i++) {
		struct slice line;

		if (i < all.len && all.ptr[i] != '\n')
			continue;
		line = fuzz_exact(slice_cut(all, from, i));
		check_line(line);
		free((char *)line.ptr);
		from = i + 1;
	}
	return 0;
}
