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
	arena_release(&arena);
	memory_release(&memory);
	return check_done();
}
