/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_CHECK_H
#define CLI_CMD_CHECK_H

/*
 * cmd_check - trivium check: every mistake of a configuration, with its place.
 *
 * Messages go to standard error, as FILE:LINE:COLUMN: error: TEXT, on a
 * terminal with the line and a caret; what was asked for (the effective
 * configuration, JSON, the reference) to standard output.  Nothing else is
 * done: no connection is made, no port is opened.
 */

/* argv[0] is the command's name; 0: usable; 2: mistakes, or a wrong call; 66: no such file. */
int cmd_check(int argc, char **argv);

#endif
