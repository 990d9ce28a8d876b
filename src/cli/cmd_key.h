/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_KEY_H
#define CLI_CMD_KEY_H

/*
 * cmd_key - trivium key: keys of callers, made and changed in a running gateway.
 *
 * `trivium operator` is the same for operators.  Both speak to the API of the
 * admin port with the key of an operator; what they may do is decided there.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_key(int argc, char **argv);

/* The same for operators. */
int cmd_operator(int argc, char **argv);

#endif
