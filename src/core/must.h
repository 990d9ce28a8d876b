/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_MUST_H
#define CORE_MUST_H

/*
 * must - the program is wrong if this is false.
 *
 * Always compiled in.  must_fail() is provided by run/ (it writes one line
 * and aborts, the supervisor starts a new child) and by the test harness; the
 * pure folders only name it.  The condition's text holds no content.
 */

/* That it is never called is proven for the kernel of the policy (make prove). */
/*@
	requires \false;
	assigns \nothing;
	exits \true;
	ensures \false;
*/
_Noreturn void must_fail(const char *condition, const char *file, int line);

#define must(condition)								\
	((condition) ? (void)0 : must_fail(#condition, __FILE__, __LINE__))

#define must_use	__attribute__((warn_unused_result))

#endif
