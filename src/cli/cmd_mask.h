/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_MASK_H
#define CLI_CMD_MASK_H

/*
 * cmd_mask - trivium mask: a text without what is sensitive in it.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_mask(int argc, char **argv);

#endif
