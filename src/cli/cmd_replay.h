/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_REPLAY_H
#define CLI_CMD_REPLAY_H

/*
 * cmd_replay - trivium replay: what a policy would have done with past traffic.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_replay(int argc, char **argv);

#endif
