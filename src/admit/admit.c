/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/admit.h"

#include <stdlib.h>

struct admit *
admit_new(nanos now)
{
	struct admit *a = calloc(1, sizeof *a);

	if (a == NULL)
		return NULL;
	a->rates = rates_new(now);
	a->turns = turns_new();
	if (a->rates != NULL && a->turns != NULL)
		return a;
	admit_free(a);
	return NULL;
}

void
admit_free(struct admit *a)
{
	if (a == NULL)
		return;
	rates_free(a->rates);
	turns_free(a->turns);
	free(a);
}
