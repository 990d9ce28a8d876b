/* SPDX-License-Identifier: Apache-2.0 */
#ifndef SIM_WORLD_H
#define SIM_WORLD_H

/*
 * world - one simulated machine and its network, for one seed.
 *
 * Time stands still while the program runs and jumps to the next thing on the
 * agenda when it waits.  Whatever happens is mixed into `history`, so that two
 * runs of a seed can be compared by one number.  There is one world at a time,
 * the one that the kernel's functions find by world_here(), for the program
 * under test hands them no context.  Memory of the world comes from
 * world_alloc() and ends with it.
 */

#include <stdarg.h>
#include <stddef.h>

#include "core/slice.h"
#include "core/unit.h"
#include "sim/dice.h"
#include "sim/disk.h"

struct loop;
struct file;
struct name;
struct tap;
struct thing;
struct world;

typedef void world_event(struct world *, void *who, uint64_t what);

struct happening {
	nanos		 at;
	uint64_t	 order;
	world_event	*happen;
	void		*who;
	uint64_t	 what;
};

/* How often the machine and the network misbehave, in thousandths, and how they are built. */
struct weather {
	unsigned	accept_fails;
	unsigned	accept_aborts;
	unsigned	connect_fails;
	unsigned	watch_fails;		/* kernel_poll_add() */
	unsigned	file_fails, file_short, sync_fails;
	unsigned	spurious;		/* edges without news */
	unsigned	slow_turns;		/* of the loop, after which much has happened */
	unsigned	small_batches;		/* kernel_poll_wait() gives less than there is */
	nanos		latency_low, latency_high;
	size_t		room_low, room_high;	/* of a connection's direction */
	unsigned	segments;		/* one write arrives in at most so many parts */
	unsigned	blackouts;		/* parts that arrive very late */
	int		descriptors_max;
};

/* The monotonic clock when a world begins. */
#define WORLD_BEGIN	(1000 * NANOS_PER_S)

struct world {
	uint64_t	 seed;
	bool		 verbose;
	nanos		 now;			/* WORLD_BEGIN when it began */
	nanos		 wall;			/* the wall clock when the world began */
	struct happening *agenda;		/* a heap */
	size_t		 agenda_count, agenda_room;
	uint64_t	 order;
	uint64_t	 history;
	uint64_t	 calls;			/* of the kernel, so far */
	bool		 heard;			/* an ear was told: the loop has to turn */
	const struct loop *loop;		/* whose turns are counted */
	struct dice	 dice;			/* the network's */
	struct dice	 entropy;		/* kernel_random()'s */
	struct weather	 weather;
	unsigned	 complaints;
	char		 complaint[256];	/* the last one */

	struct thing	**thing;		/* by descriptor */
	int		 thing_room, open;	/* descriptors that are open now */
	struct thing	*things;		/* all that ever were */
	struct file	*files;
	struct disk	 disk;			/* where folders are */
	const char	*vfs;			/* SQLite's way to it */
	struct name	*names;
	struct tap	*taps, **taps_tail;
	uint64_t	 tap_count;
	uint16_t	 watched_port;		/* connections to it are tapped at their far end */
	uint16_t	 next_port;
	uint32_t	 next_client;
	/* Torture: the n-th write of bytes fails; 0: none */
	uint64_t	 fail_write_at;
	uint64_t	 fail_file_at;		/* and of a file */
	uint64_t	 accepts_refused;	/* for want of a descriptor or memory */
	struct block	*blocks;
};

/* Opens the world of a seed and makes it the one that is here. */
void world_open(struct world *, uint64_t seed);
void world_close(struct world *);
struct world *world_here(void);

/* Memory that ends with the world, all zero; growing an array of it. */
void *world_alloc(struct world *, size_t bytes);
void *world_grow(void *array, size_t *room, size_t want, size_t each);
void world_free(void *array);

/* Puts something on the agenda. */
void world_plan(struct world *, nanos at, world_event *, void *who, uint64_t what);

/* Does what is due; the time of what is next, or NANOS_NEVER. */
void world_catch_up(struct world *);
nanos world_next(const struct world *);

/* A system call took this long. */
void world_pass(struct world *, nanos);

/* The turn of the loop, and when it began. */
uint64_t world_turn(const struct world *);
nanos world_turn_at(const struct world *);

/* Mixes words and bytes into the history. */
void world_note(struct world *, uint64_t a, uint64_t b, uint64_t c);
void world_note_bytes(struct world *, const char *, size_t);

/* A line of the trace, with -v. */
void world_say(struct world *, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* A rule was broken: this seed fails. */
void world_complain(struct world *, const char *format, ...) __attribute__((format(printf, 2, 3)));

#endif
