/* SPDX-License-Identifier: Apache-2.0 */
/*
 * detect - any bytes as a text.
 *
 * The first byte says which detectors look, the second how much of the rest is
 * the key.  Every finding must be in the text, of a type that there is, and
 * apart from the others; sixteen bytes at once must find what thirty-two do;
 * and structure_look() alone must stay inside a text that nobody has normalised.
 */
#include "detect/detect.h"

#include "shape/structure.h"
#include "fuzz.h"

static void
check_findings(const struct findings *f, size_t len, bool settled)
{
	for (uint32_t i = 0; i < f->count; i++) {
		const struct finding *one = &f->at[i];

		FUZZ_CHECK(one->start < one->end && one->end <= len);
		FUZZ_CHECK(one->type < TYPE_COUNT && one->score >= 1 && one->score <= 100);
		FUZZ_CHECK(one->evidence != 0);
		FUZZ_CHECK(!settled || i == 0 || f->at[i - 1].end <= one->start);
	}
}

static bool
same(const struct findings *a, const struct findings *b)
{
	bool same = a->count == b->count && a->cut == b->cut;

	for (uint32_t i = 0; same && i < a->count; i++)
		same = a->at[i].start == b->at[i].start && a->at[i].end == b->at[i].end &&
		    a->at[i].type == b->at[i].type && a->at[i].score == b->at[i].score &&
		    a->at[i].evidence == b->at[i].evidence;
	return same;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct findings plain, wide, alone;
	struct slice text, key;
	struct look look;
	struct arena a;
	size_t key_len;

	if (size < 2)
		return 0;
	key_len = data[1] % 24 < size - 2 ? data[1] % 24 : size - 2;
	key = fuzz_exact(slice_of((const char *)data + 2, key_len));
	text = fuzz_exact(slice_of((const char *)data + 2 + key_len, size - 2 - key_len));
	fuzz_arena(&a);
	look = (struct look){ .text = text, .key = key, .arena = &a, .findings = &plain };
	findings_init(&plain, &a);
	detect_look(&look, data[0] & DETECT_ALL);
	check_findings(&plain, text.len, true);
	look.findings = &alone;
	findings_init(&alone, &a);
	structure_look(&look);
	check_findings(&alone, text.len, false);
	if (__builtin_cpu_supports("avx2")) {
		look.wide = true;
		look.findings = &wide;
		findings_init(&wide, &a);
		detect_look(&look, data[0] & DETECT_ALL);
		FUZZ_CHECK(same(&plain, &wide));
	}
	arena_release(&a);
	free((char *)text.ptr);
	free((char *)key.ptr);
	return 0;
}
