/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_version.h"

#include <stdio.h>
#include <string.h>

#include "conf/proof.h"

const char *
cmd_version_text(void)
{
	return TRIVIUM_VERSION;
}

int
cmd_version(int argc, char **argv)
{
	if (argc > 1 && strcmp(argv[1], "--help") == 0) {
		puts("usage: trivium version\n\n"
		    "Prints the version and the compiler that built it.");
		return 0;
	}
	printf("trivium %s%s (%s)\n", TRIVIUM_VERSION, proof_is_skipped() ? " unproven" : "",
#ifdef __clang__
	    "clang " __clang_version__
#else
	    "gcc " __VERSION__
#endif
	    );
	return 0;
}
