/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_USAGE_H
#define CLI_CMD_USAGE_H

/*
 * cmd_usage - trivium usage: what was used and spent, from a data folder.
 *
 * The same question and the same answer as GET /api/usage, without a gateway: the
 * words of the command are the pairs of the question.  Reads beside a gateway that
 * may be writing.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_usage(int argc, char **argv);

#endif
