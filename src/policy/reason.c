/* SPDX-License-Identifier: Apache-2.0 */
#include "policy/reason.h"

#include "core/lower.h"

#define REASON(name, policy, text)	LOWER_FITS(name);
#include "policy/reason.tbl"
#undef REASON

static const char names[][LOWER_BYTES] = {
#define REASON(name, policy, text)	LOWER(name),
#include "policy/reason.tbl"
#undef REASON
};

static const struct reason_info rows[] = {
#define REASON(name, policy, text)							\
	{ { names[REASON_##name], sizeof(#name) - 1 }, { text, sizeof(text) - 1 }, policy },
#include "policy/reason.tbl"
#undef REASON
};

const struct reason_info *
reason_info(enum reason r)
{
	must((unsigned)r < REASON_COUNT);
	return &rows[r];
}
