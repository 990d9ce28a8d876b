/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_RESTORE_H
#define CLI_CMD_RESTORE_H

/*
 * cmd_restore - trivium restore: the values back into a text with tokens.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_restore(int argc, char **argv);

#endif
