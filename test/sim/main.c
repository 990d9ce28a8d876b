/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim - the whole gateway on a simulated kernel: one seed, one history.
 *
 *	sim --seed 7            tells one history, twice, and compares
 *	sim --seed 1 --seeds 1000
 *	sim --seed 7 -v         with everything that happened
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "sim/story.h"

int
main(int argc, char **argv)
{
	struct story_options o = { .seed = 1 };
	uint64_t seeds = 1, hash = 0;
	unsigned bad = 0;

	setvbuf(stdout, NULL, _IOLBF, 0);
	setenv("SIM_CALLER_0", "caller-secret-number-0", 1);
	setenv("SIM_CALLER_1", "caller-secret-number-1", 1);
	setenv("SIM_CALLER_2", "caller-secret-number-2", 1);
	for (int i = 0; i < SCENE_PROVIDERS; i++) {
		char name[32], value[32];

		snprintf(name, sizeof name, "SIM_VENDOR_%d", i);
		snprintf(value, sizeof value, "vendor-secret-%d", i);
		setenv(name, value, 1);
	}
	for (int i = 1; i < argc; i++) {
		if (strcmp(argv[i], "-v") == 0)
			o.verbose = true;
		else if (i + 1 < argc && strcmp(argv[i], "--seed") == 0)
			o.seed = strtoull(argv[++i], NULL, 10);
		else if (i + 1 < argc && strcmp(argv[i], "--seeds") == 0)
			seeds = strtoull(argv[++i], NULL, 10);
	}
	for (uint64_t end = o.seed + seeds; o.seed < end; o.seed++)
		bad += story_tell(&o, &hash) > 0;
	printf("%llu seeds, %u bad, last history %016llx\n", (unsigned long long)seeds, bad,
	    (unsigned long long)hash);
	return bad > 0;
}
