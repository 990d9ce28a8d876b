/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_DISK_H
#define SIM_DISK_H

/*
 * disk - files whose writes last only once they are synchronised.
 *
 * Whoever reads a file sees what was written; what the disk keeps of it is only
 * sure after disk_sync().  disk_crash() makes a second folder out of the first: the
 * files as they are found when the power comes back at this moment, with all that was
 * synchronised and, of the rest, what dice leave: nothing, all, the beginning, or
 * any of its sectors.  The first folder lives on, so that one history can be
 * crashed many times.  After a sync that failed nobody knows what was kept, and the
 * next one does not mend it (Rebello and others, "Can applications recover from
 * fsync failures?", USENIX ATC 2020).  A file that is removed is gone at once.
 *
 * Memory is SQLite's, which no test refuses or counts.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "sim/dice.h"

struct disk;

/* A part of a file that was written and not synchronised. */
struct stretch {
	size_t		from, to;
};

struct disk_file {
	struct disk_file *next;
	char		*path;
	char		*bytes;		/* as it is read */
	size_t		 len, room;
	char		*kept;		/* as the disk has it */
	size_t		 kept_len, kept_room;
	size_t		 cut_to;	/* the lowest end since the last sync; SIZE_MAX: none */
	struct stretch	*loose;
	size_t		 loose_count, loose_room;
	size_t		 reserved;	/* room that it has, whatever it uses */
	bool		 named;		/* its name lasts too */
	struct vfs_node	*node;		/* of SQLite's: who has it open and locked */
};

enum disk_call { DISK_READ, DISK_WRITE, DISK_CUT, DISK_SYNC, DISK_REMOVE };

struct disk {
	struct disk_file *files;
	struct dice	 dice;
	uint64_t	 calls;		/* so far */
	size_t		 used, room;	/* bytes; room 0: endless */
	/* Of a thousand calls so many fail, and so many syncs more; in the span all but reads do */
	unsigned	 fails, syncs_fail;
	uint64_t	 span_from, span_to;
	int		 span_error;	/* negative errno */
	uint64_t	 refused;	/* calls */
	/* Told of each call before anything happens */
	void		(*watch)(struct disk *, enum disk_call, const struct disk_file *,
			    size_t at, size_t bytes);
	void		*owner;
};

/* What is left of what was not synchronised. */
enum disk_fate {
	DISK_KEEPS,			/* all: the process died, not the machine */
	DISK_LOSES,			/* nothing */
	DISK_STOPS,			/* what came first, up to some sector */
	DISK_TEARS,			/* any of its sectors */
	DISK_FATES,
};

void disk_init(struct disk *, uint64_t seed);
void disk_release(struct disk *);

/* NULL: there is none. */
struct disk_file *disk_find(const struct disk *, const char *path);
struct disk_file *disk_make(struct disk *, const char *path);

/* How many bytes there were; or a negative errno. */
ssize_t disk_read(struct disk *, struct disk_file *, size_t at, void *out, size_t bytes);

/* Whole or not; of one that fails a beginning may have been written. */
int disk_write(struct disk *, struct disk_file *, size_t at, const void *, size_t bytes);
int disk_cut(struct disk *, struct disk_file *, size_t bytes);
int disk_sync(struct disk *, struct disk_file *);
int disk_reserve(struct disk *, struct disk_file *, size_t bytes);
int disk_remove(struct disk *, struct disk_file *);

/* Puts a file there, whole and kept. */
void disk_put(struct disk *, const char *path, const char *bytes, size_t len);

/* Makes the folder `to` of the folder `from`, as a crash leaves it now. */
void disk_crash(struct disk *, const char *from, const char *to, enum disk_fate, struct dice *);

/* Removes a folder's files. */
void disk_clear(struct disk *, const char *folder);

#endif
