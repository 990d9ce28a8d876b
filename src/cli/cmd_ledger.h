/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_LEDGER_H
#define CLI_CMD_LEDGER_H

/*
 * cmd_ledger - trivium ledger: what an operator or an auditor does with a ledger.
 *
 * One verb for each thing; the verbs read the data folder, or a copy of it,
 * beside a gateway that may be writing.  What was asked for is read here and
 * handed to the file that does it.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_ledger(int argc, char **argv);

#endif
