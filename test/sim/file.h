/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_FILE_H
#define SIM_FILE_H

/*
 * file - simulated files and names: what is not a socket.
 *
 * A file is its bytes; appending may take less than was given, or fail.  A
 * name has the addresses that its turns say: each question is answered with
 * the next row, round and round, so that a name can be rebound or fail.
 */

#include "run/kernel.h"
#include "sim/world.h"

struct file {
	struct file	*next;
	const char	*path;
	char		*bytes;
	size_t		 len, room;
	uint64_t	 failed, shortened;	/* writes */
	/* Each sync that did not fail: of how many bytes, and at which call of the kernel */
	struct synced {
		size_t		 upto;
		uint64_t	 call;
	}		*synced;
	size_t		 syncs, synced_room;
	uint64_t	 unsynced;		/* durable writes of which that is not known */
};

#define NAME_ROWS	4

struct name {
	struct name	*next;
	const char	*host;
	int		 rows;
	uint64_t	 asked;
	struct {
		int		error;		/* negative errno; 0: the addresses */
		int		count;
		struct address	address[2];
	} row[NAME_ROWS];
};

/* The file of a path, made if there is none. */
struct file *file_of(struct world *, const char *path);
ssize_t file_append(struct world *, struct file *, struct slice);

/* Makes all that was written durable; false if that is not known. */
bool file_sync(struct world *, struct file *);

/* The call of the kernel that made a byte durable; UINT64_MAX: none did. */
uint64_t file_durable(const struct file *, size_t offset);

void file_free_all(struct world *);

/* A new name without rows. */
struct name *name_new(struct world *, const char *host);
int name_resolve(struct world *, const char *host, uint16_t port, struct address *out, int max);

#endif
