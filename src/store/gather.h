/* SPDX-License-Identifier: Apache-2.0 */
#ifndef STORE_GATHER_H
#define STORE_GATHER_H

/*
 * gather - what SQLite writes piece by piece, written at once.
 *
 * A commit of fifty pages is a hundred writes, one for each frame of the log and
 * one for each head of a frame, all behind one another.  This is a way to files
 * (sqlite.org/vfs.html) over another, which keeps what is written to the log behind
 * the last piece in a buffer, and gives it on before the file is synchronised, read,
 * measured, cut or closed, or when it is full.  So nothing is ever promised,
 * or seen by anybody, that was not given on; only a failure is told by a later call.
 * It is for a connection that synchronises what it commits: without that a reader
 * could be told of a frame that is not in the file yet.
 */

#include <sqlite3.h>
#include <stdbool.h>

#include "core/must.h"

#define GATHER_NAME_BYTES	32

struct gather {
	sqlite3_vfs	 vfs;		/* must be first */
	sqlite3_vfs	*under;
	char		 name[GATHER_NAME_BYTES];
};

/*
 * Makes itself known to SQLite, over the way of that name (NULL: the usual one), as gather->name;
 * no two at a time have the same.  False if there is none of that name, or no memory.
 */
must_use bool gather_init(struct gather *, const char *under);

/* When no file is open through it. */
void gather_release(struct gather *);

#endif
