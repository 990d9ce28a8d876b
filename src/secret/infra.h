/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SECRET_INFRA_H
#define SECRET_INFRA_H

/*
 * infra - names and places of somebody's machines.
 *
 * Not secrets, but a map for whoever wants in: hosts that only an internal DNS
 * knows (RFC 6762, RFC 8375 and what everybody uses), addresses that are not
 * routed (RFC 1918, RFC 4193, RFC 6598), resources of clouds by their ids, buckets,
 * images in private registries, shares and paths of servers, databases, and
 * lines of the configuration of network devices.  One pass looks at the few
 * signs that all of these have (. : - / \ and the beginning of a line) and
 * reads around them as far as such a name is long.
 */

#include "find/look.h"

void infra_look(const struct look *);

#endif
