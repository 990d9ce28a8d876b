/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_FAKE_H
#define CLI_CMD_FAKE_H

/*
 * cmd_fake - trivium fake: the simulated providers as a program.
 *
 * One loop, one listener, one struct fake with its control pages.  Says where
 * it listens in one line on stdout, and ends with SIGTERM or SIGINT.
 */

/* argv[0] is the command's name; returns the exit status. */
int cmd_fake(int argc, char **argv);

#endif
