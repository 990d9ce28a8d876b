/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_RUN_H
#define CLI_CMD_RUN_H

/*
 * cmd_run - trivium run: the gateway.
 *
 * Reads the configuration, opens the sockets, says where it listens and what
 * to try, and becomes the supervisor of the child that serves.
 */

int cmd_run(int argc, char **argv);

#endif
