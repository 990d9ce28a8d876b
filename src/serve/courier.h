/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_COURIER_H
#define SERVE_COURIER_H

/*
 * courier - brings a note of the gateway's own to a URL of the configuration.
 *
 * By the client that asks models: addresses are vetted, TLS and proxies are theirs.
 * The connection is a new one each time, for notes are rare.  What is answered is
 * read to its end and thrown away; nothing but its status counts.
 */

#include "conf/origin.h"
#include "http/lane.h"

/*
 * ERR_OK for a status from 200 to 299, ERR_UPSTREAM_REJECTED for all others, and what lanes fail
 * with.  May suspend.
 */
must_use enum err courier_bring(struct fiber *, struct pool *, const struct endpoint *,
    const struct lane_note *, nanos deadline);

#endif
