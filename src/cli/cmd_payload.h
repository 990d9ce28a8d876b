/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CLI_CMD_PAYLOAD_H
#define CLI_CMD_PAYLOAD_H

/*
 * cmd_payload - `trivium payload`: reads content that was kept, and shreds a tenant's.
 */

/* An exit status; its own help tells them. */
int cmd_payload(int argc, char **argv);

#endif
