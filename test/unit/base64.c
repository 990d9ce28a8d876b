/* SPDX-License-Identifier: Apache-2.0 */
#include "core/base64.h"

#include "check.h"
#include "run/memory.h"

/* RFC 4648, section 10, and what must be refused. */
static const struct { const char *why; struct slice bytes, letters; bool good; } cases[] = {
	{ "nothing", S(""), S(""), true },
	{ "one byte", S("f"), S("Zg=="), true },
	{ "two bytes", S("fo"), S("Zm8="), true },
	{ "three bytes", S("foo"), S("Zm9v"), true },
	{ "four bytes", S("foob"), S("Zm9vYg=="), true },
	{ "five bytes", S("fooba"), S("Zm9vYmE="), true },
	{ "six bytes", S("foobar"), S("Zm9vYmFy"), true },
	{ "high bits", S("\377\376\375"), S("//79"), true },
	{ "a length that is no multiple of four", S(""), S("Zg="), false },
	{ "a letter outside of the alphabet", S(""), S("Zm9-"), false },
	{ "padding in the middle", S(""), S("Zg==Zg=="), false },
	{ "one byte, and bits that are left over", S(""), S("Zh=="), false },
	{ "two bytes, and bits that are left over", S(""), S("Zm9="), false },
	{ "three times padding", S(""), S("Z==="), false },
};

/* RFC 7515, section 2 and appendix C, and what must be refused. */
static const struct { const char *why; struct slice bytes, letters; bool good; } url_cases[] = {
	{ "nothing", S(""), S(""), true },
	{ "one byte", S("f"), S("Zg"), true },
	{ "two bytes", S("fo"), S("Zm8"), true },
	{ "three bytes", S("foo"), S("Zm9v"), true },
	{ "appendix C", S("\003\354\377\340\301"), S("A-z_4ME"), true },
	{ "high bits", S("\377\376\375"), S("__79"), true },
	{ "padding", S(""), S("Zg=="), false },
	{ "one letter alone", S(""), S("Zm9vY"), false },
	{ "letters of the other alphabet", S(""), S("A+z/4ME"), false },
	{ "one byte, and bits that are left over", S(""), S("Zh"), false },
	{ "two bytes, and bits that are left over", S(""), S("Zm9"), false },
	{ "a line feed behind the end", S(""), S("Zm8\n"), false },
	{ "a space", S(""), S("Z m8"), false },
	{ "a byte without a letter", S(""), S("Zm8\200"), false },
	{ "a NUL", S(""), S("Zm8\0"), false },
};

static void
check_url(struct arena *arena)
{
	for (size_t i = 0; i < COUNT_OF(url_cases); i++) {
		struct slice out;
		bool good = base64_url_read(arena, url_cases[i].letters, &out);

		check_int(good, url_cases[i].good, "url, %s: read", url_cases[i].why);
		if (good && url_cases[i].good)
			check_slice(out, url_cases[i].bytes, "url, %s: bytes", url_cases[i].why);
	}
}

int
main(void)
{
	struct memory_pool memory;
	struct arena arena;

	memory_init(&memory);
	arena_init(&arena, &memory.memory, 1 << 20);
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct slice out;
		struct text t;
		char room[64];

		check_int(base64_read(&arena, cases[i].letters, &out), cases[i].good, "%s: read",
		    cases[i].why);
		if (!cases[i].good)
			continue;
		check_slice(out, cases[i].bytes, "%s: bytes", cases[i].why);
		text_init(&t, room, sizeof room);
		base64_put(&t, cases[i].bytes);
		check_slice(text_slice(&t), cases[i].letters, "%s: letters", cases[i].why);
	}
	check_url(&arena);
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
