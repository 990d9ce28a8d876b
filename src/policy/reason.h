/* SPDX-License-Identifier: Apache-2.0 */
#ifndef POLICY_REASON_H
#define POLICY_REASON_H

/*
 * reason - why a model is refused: rows of reason.tbl.
 *
 * Every model that is not in a plan has exactly one.  Records, error answers,
 * explanations and metrics call it by the row's name in lower case.
 */

#include "core/must.h"
#include "core/slice.h"

#define REASON(name, policy, text)	REASON_##name,
enum reason {
#include "policy/reason.tbl"
	REASON_COUNT
};
#undef REASON

struct reason_info {
	struct slice	name;		/* lower case */
	struct slice	text;
	bool		policy;		/* not a matter of the moment */
};

/*@
	requires REASON_NONE <= r < REASON_COUNT;
	assigns \nothing;
	ensures \valid_read(\result);
*/
const struct reason_info *reason_info(enum reason r);

#endif
