/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ASK_WORKLOAD_H
#define ASK_WORKLOAD_H

/*
 * workload - which use of AI a request is, within what its key allows.
 *
 * Named first (x-trivium-workload, or the model workload/NAME), then by what
 * the request looks like, then the key's only one, then the configuration's
 * default.  A name that the key may not choose is as unknown as one that is not
 * there.  Headers and fields choose inside the key's bound, never outside.
 */

#include "core/err.h"
#include "core/must.h"

struct inquiry;

/* Sets facts->workload.  ERR_POLICY_REFUSED (workload), ERR_MEMORY. */
must_use enum err workload_find(struct inquiry *);

#endif
