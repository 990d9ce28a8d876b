/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_VERSION_H
#define CLI_CMD_VERSION_H

/*
 * cmd_version - trivium version: the version and what it was built with.
 */

int cmd_version(int argc, char **argv);

/* The version alone, as `git describe` had it. */
const char *cmd_version_text(void);

#endif
