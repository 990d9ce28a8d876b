/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CALLER_OPERATOR_H
#define CALLER_OPERATOR_H

/*
 * operator - what the roles of operators may do, as role.tbl says.
 *
 * There are four roles, the same everywhere, so that an auditor of one company
 * knows what an auditor of another may see.  Roles of callers are of the
 * configuration and have nothing to do with these.
 */

#include "core/must.h"
#include "core/slice.h"

enum permission {
#define PERMISSION(name, admin, op, auditor, viewer, what)	PERMISSION_##name,
#include "caller/role.tbl"
#undef PERMISSION
	PERMISSION_COUNT
};

/* May this role do it?  A role that there is not may do nothing. */
bool operator_may(struct slice role, enum permission);

bool operator_is_role(struct slice role);

/* For messages: "key_write". */
struct slice operator_permission(enum permission);

#endif
