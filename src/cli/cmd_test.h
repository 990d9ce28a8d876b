/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_TEST_H
#define CLI_CMD_TEST_H

/*
 * cmd_test - trivium test: requests with expected verdicts, as a gate for changes of a policy.
 *
 * Prints TAP, which every CI system reads and prove sums up, or JSON.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_test(int argc, char **argv);

#endif
