/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_SHELF_H
#define SIM_SHELF_H

/*
 * shelf - the data folder of a history: its book, its budgets, its disk's troubles and crashes.
 *
 * One history in some has one.  At a few calls of its disk the power goes: what is left
 * of the folder lies in another one, with the moment at which that was, and the history
 * goes on.  At its end each of these folders is opened as by the next process, and
 * judged, as the first one is.
 */

#include "ledger/book.h"
#include "ledger/ceiling.h"
#include "sim/world.h"
#include "store/conversation.h"

#define SHELF_FOLDER	"data"
#define SHELF_CRASHES	3

struct crash {
	char		folder[16];
	uint64_t	at;		/* call of the disk, or the first behind it … */
	int		 open;		/* … with so many requests opened and not closed */
	enum disk_fate	fate;
	bool		happened;
	uint64_t	call;		/* of the kernel, so far */
};

/* An id of an entry that SQLite's log had on disk. */
struct sighting {
	char		id[ENTRY_ID_BYTES];
	bool		closing;
	uint64_t	call;		/* of the kernel, so far */
};

struct shelf {
	struct world	*world;
	struct dice	 dice;
	bool		 there;		/* this history has one */
	struct book	*book;
	struct ceilings	*ceilings;
	struct crash	 crash[SHELF_CRASHES];
	unsigned	 slow;		/* of a thousand calls of the disk */
	struct sighting	*seen;
	size_t		 seen_count, seen_room;
	int		 open;		/* of these, opened and not closed */
	struct fiber	*stopper;
	bool		 stopped;
	uint64_t	 lost;		/* as it was at the end */
	bool		 unwell;	/* something waits for the next process */
};

/* Opens what outlives the process, and fills what was kept of conversations. */
must_use enum err shelf_open(struct shelf *, struct world *, struct conversations *);
must_use enum err shelf_start(struct shelf *, struct loop *);

/* From now on the power goes, and unless it is calm the disk has its troubles. */
void shelf_trouble(struct shelf *, bool calm);

/* As a process ends; shelf_is_stopped() when it is done. */
must_use enum err shelf_stop(struct shelf *, struct loop *);
void shelf_close(struct shelf *);

/* The kernel's call before which an entry of this id was on disk; UINT64_MAX: none was. */
uint64_t shelf_durable(const struct shelf *, struct slice id, bool closing);

/* What the next process does first with a folder, and then ends. */
must_use enum err shelf_recover(const char *folder, struct text *why);

#endif
