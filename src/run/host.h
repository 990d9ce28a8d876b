/* SPDX-License-Identifier: Apache-2.0 */
#ifndef RUN_HOST_H
#define RUN_HOST_H

/*
 * host - what this machine is like, asked when a configuration is loaded, and made
 * ready for when the program starts.
 *
 * Nothing here is asked while requests are served, so it is not behind the
 * kernel's door and the simulator has no version of it.
 */

#include <stdbool.h>
#include <stdint.h>

#include "core/must.h"
#include "core/slice.h"
#include "core/unit.h"

struct address;

/*
 * Once, before anything else: standard descriptors that exist, as many
 * descriptors as are allowed, and memory that is given back.
 */
void host_settle(void);

/*
 * Before a process has threads: makes its table of descriptors wide.  Linux doubles a
 * table that threads share only after a grace period, and who accepts waits for it:
 * 8 to 20 ms for each doubling on an idle machine, far more on a busy one.
 */
void host_widen(void);

/* Descriptors that this process may have. */
uint32_t host_descriptors(void);

/* Processors on which this process may run; at least 1. */
uint32_t host_processors(void);

/*
 * 1 if others than its owner may read or write a regular file, 0 if not; a
 * negative errno when it cannot be asked or is no regular file.  The group of
 * a file of root counts as its owner: that is how service managers hand out
 * secrets.
 */
must_use int host_file_is_shared(const char *path);

/*
 * A number that is another one after a file was replaced or rewritten; 0 where
 * there is no such file.
 */
uint64_t host_file_stamp(const char *path);

/*
 * A line to the system's log (RFC 3164, facility auth, severity notice); a negative errno.  Blocks:
 * for jobs.
 */
must_use int host_syslog(struct slice line);

/* Waits; for commands. */
void host_sleep(nanos);

/* True if what is written to this descriptor is read by a person at a terminal. */
bool host_is_terminal(int fd);

/*
 * 0 if nobody listens at an address: it is bound for a moment and never
 * listened on, so that no client can come between.  Else a negative errno.
 */
must_use int host_port_is_free(const struct address *);

#endif
