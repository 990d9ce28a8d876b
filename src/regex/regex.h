/* SPDX-License-Identifier: Apache-2.0 */
#ifndef REGEX_REGEX_H
#define REGEX_REGEX_H

/*
 * regex - an operator's patterns, compiled together, and looked for together.
 *
 * The automaton is the library's that is called Vectorscan or Hyperscan: time is linear
 * in the text, whatever the pattern.  It is a library of nine megabytes, so it is not
 * linked with the program but opened with the first patterns, and closed with the last.
 * A program that was built without its headers compiles no patterns, and says so.
 *
 * Patterns are Perl's without what an automaton cannot do (back references, looking
 * around); the text is UTF-8, \d, \w and \b are of ASCII, ^ and $ are of a line.  Of
 * matches of one pattern that overlap the union is found, as one.
 *
 * Compiling takes milliseconds for a few and, as it grows with the square of how many begin
 * alike, more than a minute for five hundred; it belongs nowhere near a request.  What was
 * compiled never changes, and any thread may look: each borrows a scratch from it, of which
 * there are as many as ever looked at once.
 */

#include "core/err.h"
#include "core/must.h"
#include "core/text.h"
#include "find/look.h"

struct regex;

struct regex_rule {
	struct slice		pattern;	/* UTF-8 */
	enum detect_type	type;
	bool			any_case;
};

/*
 * Compiles all rules.  ERR_CONF: the rule at *wrong cannot be, or, if that is the count, all of
 * them cannot; *why says where and why.  ERR_MEMORY.
 */
must_use enum err regex_compile(const struct regex_rule *, uint32_t count, struct regex **out,
    uint32_t *wrong, struct text *why);

/* NULL is none. */
void regex_free(struct regex *);

/* For dictionary_set_matcher(). */
const struct matcher *regex_matcher(const struct regex *);

#endif
