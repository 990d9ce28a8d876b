/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_DIFF_H
#define CLI_CMD_DIFF_H

/*
 * cmd_diff - trivium diff: who may serve what under one policy and not under another.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_diff(int argc, char **argv);

#endif
