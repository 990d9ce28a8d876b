/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_VFS_H
#define SIM_VFS_H

/*
 * vfs - SQLite on a simulated disk.
 *
 * SQLite asks its virtual file system for files, locks, shared memory, time and
 * randomness (sqlite.org/vfs.html); this one takes files from sim/disk, keeps locks
 * and shared memory in its own, and has no other source of chance than the seed.  So
 * the store's own statements run, with its own pragmas, down to the disk.
 */

#include "sim/disk.h"

/* From now on SQLite's files are on this disk: the name for sqlite3_open_v2(), and its default. */
const char *vfs_install(struct disk *);

/* Its own way to files is the default again. */
void vfs_remove(void);

#endif
