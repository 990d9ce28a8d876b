/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_TRAIN_H
#define CLI_CMD_TRAIN_H

/*
 * cmd_train - `trivium train`: what detection has learned is learned again.
 */

int cmd_train(int argc, char **argv);

#endif
