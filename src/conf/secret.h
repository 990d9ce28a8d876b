/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONF_SECRET_H
#define CONF_SECRET_H

/*
 * secret - bytes that may be written to their owner, and have no other way out.
 *
 * A structure of its own, so that no printing function takes it by mistake; it
 * lies in its snapshot's arena, which wipes what it gives back.
 */

#include "core/slice.h"

/* Bytes that may be sent to their owner and nowhere else.  Read only by secret_reveal(). */
struct secret {
	struct slice	hidden;
};

/* The one way to a secret's bytes: to be written to its own origin. */
struct slice secret_reveal(const struct secret *);

#endif
