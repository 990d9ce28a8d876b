/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_CLASSIFY_H
#define CLI_CMD_CLASSIFY_H

/*
 * cmd_classify - `trivium classify`: what detection finds in a text.
 */

int cmd_classify(int argc, char **argv);

#endif
