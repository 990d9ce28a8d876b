/* SPDX-License-Identifier: Apache-2.0 */
/*
 * listing - any bytes as a list of hashed values, and as one behind a good first line.
 *
 * A list that is read has lines of sixteen digits, each greater than the one before, and
 * nothing else; one that is not has its mistake on a line that it has.
 */
#include "detect/listing.h"

#include "fuzz.h"

static const struct hash_key key = { { 7, 11 } };

static uint32_t
count_lines(struct slice s)
{
	uint32_t lines = 1;

	for (size_t i = 0; i < s.len; i++)
		lines += s.ptr[i] == '\n';
	return lines;
}

/* Digits in lower case are in the order of their numbers. */
static void
check_lines(struct slice lines)
{
	const char *before = NULL;

	for (size_t at = 0; at < lines.len; at += 17) {
		const char *line = lines.ptr + at;

		FUZZ_CHECK(at + 16 <= lines.len);
		for (size_t i = 0; i < 16; i++)
			FUZZ_CHECK(memchr("0123456789abcdef", line[i], 16) != NULL);
		FUZZ_CHECK(at + 16 == lines.len || line[16] == '\n');
		FUZZ_CHECK(before == NULL || memcmp(before, line, 16) < 0);
		before = line;
	}
}

static void
check_file(struct slice file, size_t head)
{
	struct listing_fault fault;
	struct dictionary *d;
	struct arena a;

	fuzz_arena(&a);
	d = dictionary_new(&a, key);
	FUZZ_CHECK(d != NULL);
	if (listing_read(d, file, TYPE_own_1, &fault)) {
		FUZZ_CHECK(head <= file.len);
		check_lines(slice_cut(file, head, file.len));
	} else {
		FUZZ_CHECK(fault.why != NULL && fault.line > 0 && fault.line <= count_lines(file));
	}
	arena_release(&a);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice bytes = fuzz_exact(slice_of((const char *)data, size));
	char *room = malloc(size + 64);
	struct text t;
	size_t head;

	FUZZ_CHECK(room != NULL);
	text_init(&t, room, size + 64);
	listing_put_head(&t, &key);
	head = t.len;
	check_file(bytes, head);
	text_put(&t, bytes);
	check_file(text_slice(&t), head);
	free(room);
	free((char *)bytes.ptr);
	return 0;
}
