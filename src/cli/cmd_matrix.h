/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_MATRIX_H
#define CLI_CMD_MATRIX_H

/*
 * cmd_matrix - trivium matrix: a policy on one page, for those who sign it.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_matrix(int argc, char **argv);

#endif
