/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SERVE_BOOT_H
#define SERVE_BOOT_H

/*
 * boot - what `trivium run` has in hand before it serves: the configuration
 * and the sockets.
 *
 * It is made in the parent, which keeps it: a child that must be started again
 * finds the last good snapshot and sockets in which connections have waited.
 * A reload changes everything but where is listened and how many workers there
 * are; those need a restart, and a file that changes them is refused whole.
 */

#include "conf/load.h"
#include "core/err.h"
#include "core/must.h"

struct boot {
	const char		*path;		/* NULL: what was found on this machine */
	const char		*version;	/* of this program */
	/* That configuration, as YAML; its bytes are of malloc() */
	struct slice		 found;
	struct hash_key		 hash_key;
	struct snapshot		*snapshot;	/* the last good one */
	struct address		 address, admin_address;	/* bound, with their ports */
	int			*listener;	/* one for each worker */
	int			 admin;
	int			 simulator;	/* of the built-in providers; -1: none are used */
	char			 simulated_url[64];
	struct pulse		*pulse;		/* of the workers, for who watches them */
};

/*
 * Reads the configuration and opens the sockets; says on stderr what is wrong.  An exit status,
 * 0 if all is well.
 */
must_use int boot_open(struct boot *);

/* Gives back what is in memory; the sockets end with the process. */
void boot_close(struct boot *);

/* Reads the configuration again; NULL with everything said on stderr if it cannot be used. */
must_use struct snapshot *boot_load(const struct boot *);

#endif
