/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_HASH_H
#define CLI_CMD_HASH_H

/*
 * cmd_hash - trivium hash: a list of values for `detect.lists.NAME.values`.
 *
 * From values, one a line, to a file that holds only their hashes under a key
 * (detect/listing.h), in the order of the hashes, which tells nothing of that of
 * the values.
 */

/* argv[0] is the command's name; an exit status of desk/desk.h. */
int cmd_hash(int argc, char **argv);

#endif
