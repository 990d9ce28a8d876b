/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_BUDGET_H
#define CLI_CMD_BUDGET_H

/*
 * cmd_budget - `trivium budget`: what is spent, held and left, and corrections of it.
 *
 * Asks the gateway that runs, over its API; what may be said and what is refused is
 * the gateway's to tell.
 */

int cmd_budget(int argc, char **argv);

#endif
