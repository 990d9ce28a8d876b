/* SPDX-License-Identifier: Apache-2.0 */

/*
 * A stranger's program: it knows libtrivium as it is installed, and nothing
 * else of the tree.  It asks the one question, and defines the one function
 * that the library needs.
 */

#include <stdio.h>
#include <stdlib.h>

#include "core/json.h"
#include "core/label.h"

_Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "must(%s) at %s:%d\n", condition, file, line);
	abort();
}

int
main(void)
{
	struct label found = LABEL_PUBLIC, header = LABEL_PUBLIC;
	struct clearance laptop = { .level = 3, .regions = 1, .kinds = UINT64_MAX };
	struct clearance vendor = { .level = 1, .regions = 2 };

	found.level = 2;
	found.kinds = 1;
	header.regions = 1;
	struct label both = label_join(found, header);

	if (!label_may_flow(both, laptop) || label_may_flow(both, vendor))
		return 1;
	puts("installed: the library answers");
	return 0;
}
