/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_PROVE_H
#define CLI_CMD_PROVE_H

/*
 * cmd_prove - `trivium prove`: every invariant of a configuration, with what the
 * proof rests on.
 *
 * A file whose invariants are broken is refused everywhere else; here each is
 * shown with a request that breaks it, and the exit status says whether all hold.
 */

int cmd_prove(int argc, char **argv);

#endif
