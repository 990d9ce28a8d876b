/* SPDX-License-Identifier: Apache-2.0 */
#include "caller/operator.h"

#define ROLES	4

static const struct slice role_name[ROLES] = {
	{ "admin", 5 }, { "operator", 8 }, { "auditor", 7 }, { "viewer", 6 },
};

static const struct {
	struct slice	name;
	bool		may[ROLES];
} row[PERMISSION_COUNT] = {
#define PERMISSION(name, admin, op, auditor, viewer, what)				\
	{ { #name, sizeof(#name) - 1 }, { admin, op, auditor, viewer } },
#include "caller/role.tbl"
#undef PERMISSION
};

static unsigned
role_of(struct slice name)
{
	unsigned i = 0;

	while (i < ROLES && !slice_eq(role_name[i], name))
		i++;
	return i;
}

bool
operator_may(struct slice role, enum permission permission)
{
	unsigned i = role_of(role);

	return i < ROLES && row[permission].may[i];
}

bool
operator_is_role(struct slice role)
{
	return role_of(role) < ROLES;
}

struct slice
operator_permission(enum permission permission)
{
	return row[permission].name;
}
