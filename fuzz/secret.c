/* SPDX-License-Identifier: Apache-2.0 */
/*
 * secret - any bytes, looked at for secrets, machines and programs.
 *
 * What is found lies inside the text and is of a kind that these detectors
 * find; wide and narrow code find the same; and a token that follows the bytes
 * and a space is found, whatever they are.
 */
#include "secret/code.h"
#include "secret/infra.h"
#include "secret/secret.h"

#include "fuzz.h"

static const struct slice token = { " ghp_16C7e42F292c6912E7710c838347Ae178B4a", 41 };

static struct findings
look(struct arena *a, struct slice text, struct slice key, bool wide)
{
	struct findings f;
	struct look l = { .text = text, .key = key, .arena = a, .findings = &f, .wide = wide };

	findings_init(&f, a);
	secret_look(&l);
	infra_look(&l);
	code_look(&l);
	return f;
}

static void
check_findings(const struct findings *f, struct slice text)
{
	for (uint32_t i = 0; i < f->count; i++) {
		struct slice kind = type_info((enum detect_type)f->at[i].type)->kind;

		FUZZ_CHECK(f->at[i].start < f->at[i].end && f->at[i].end <= text.len);
		FUZZ_CHECK(f->at[i].score >= 1 && f->at[i].score <= 100);
		FUZZ_CHECK(slice_eq(kind, S("credentials")) || slice_eq(kind,
		    S("infrastructure")) ||
		    slice_eq(kind, S("source_code")));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t key_bytes = size > 0 ? data[0] % 16 : 0;
	struct slice bytes = slice_of((const char *)data, size), text, key;
	struct findings plain, wide;
	bool found = false;
	struct arena a;
	char *with;

	key_bytes = key_bytes < size ? key_bytes : size;
	key = fuzz_exact(slice_cut(bytes, 0, key_bytes));
	text = fuzz_exact(slice_cut(bytes, key_bytes, size));
	fuzz_arena(&a);
	plain = look(&a, text, key, false);
	check_findings(&plain, text);
	wide = look(&a, text, key, __builtin_cpu_supports("avx2"));
	FUZZ_CHECK(plain.count == wide.count &&
	    (plain.count == 0 || memcmp(plain.at, wide.at, plain.count * sizeof *plain.at) == 0));

	with = malloc(text.len + token.len);
	if (with == NULL)
		abort();
	if (text.len > 0)
		memcpy(with, text.ptr, text.len);
	memcpy(with + text.len, token.ptr, token.len);
	plain = look(&a, slice_of(with, text.len + token.len), key, false);
	for (uint32_t i = 0; i < plain.count; i++)
		found |= plain.at[i].start <= text.len + 1 &&
		    plain.at[i].end == text.len + token.len &&
		    type_is_secret((enum detect_type)plain.at[i].type);
	FUZZ_CHECK(found || plain.cut);
	free(with);
	arena_release(&a);
	free((void *)(uintptr_t)text.ptr);
	free((void *)(uintptr_t)key.ptr);
	return 0;
}
