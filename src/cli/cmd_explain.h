/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_EXPLAIN_H
#define CLI_CMD_EXPLAIN_H

/*
 * cmd_explain - trivium explain: why a request goes where it goes.
 *
 * Of a request in a file or in options, or of a record of the log, whose
 * decision is made again and compared.  Nothing is sent.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_explain(int argc, char **argv);

#endif
