/* SPDX-License-Identifier: Apache-2.0 */
#include "find/type.h"

#include "core/lower.h"
#include "core/must.h"

#define TEXT(s)	{ s, sizeof(s) - 1 }

static const struct type_info info[TYPE_COUNT] = {
#define TYPE(name, kind, level, mask, basis, yes, no)				\
	[TYPE_##name] = { TEXT(#name), TEXT(#kind), TEXT(mask), TEXT(basis), TEXT(yes),	\
	    TEXT(no), DETECT_##level },
#include "find/identity.tbl"
#include "find/credential.tbl"
#include "find/wording.tbl"
#include "find/own.tbl"
#undef TYPE
};

const struct type_info *
type_info(enum detect_type type)
{
	must(type < TYPE_COUNT);
	return &info[type];
}

struct slice
type_level_name(enum detect_level level)
{
	static const struct slice name[] = {
		TEXT("public"), TEXT("internal"), TEXT("confidential"), TEXT("regulated"),
	};

	return name[level];
}

enum detect_type
type_of(struct slice name)
{
	unsigned type = 0;

	while (type < TYPE_OWN && !slice_same_word(info[type].name, name))
		type++;
	return type == TYPE_OWN ? TYPE_COUNT : (enum detect_type)type;
}
