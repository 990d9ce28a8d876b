/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_IMPORT_H
#define CLI_CMD_IMPORT_H

/*
 * cmd_import - trivium import litellm: a configuration of theirs becomes ours.
 *
 * The result goes to standard output or into a file, which is never written
 * over unasked; what became of each key goes to standard error, or all of it as
 * one JSON object to standard output.  What is written was loaded before.
 */

/* argv[0] is the command's name; the exit status is told by --help. */
int cmd_import(int argc, char **argv);

#endif
