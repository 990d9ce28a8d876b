/* SPDX-License-Identifier: Apache-2.0 */
#ifndef LEDGER_LOT_H
#define LEDGER_LOT_H

/*
 * lot - one period of an account, and what is to be done for it.
 *
 * For hold.c, which changes lots under its lock, and ceiling.c, which takes work
 * from here and brings back what is on disk.  A lot is opened when the store has a
 * row for it; until then nothing is held in it.  One whose period is over stays
 * until its last hold was let go of and its ceiling is what was spent.
 */

#include "ledger/hold.h"

struct lot {
	struct account	*account;
	int64_t		 row;		/* in the store */
	struct period	 period;
	nano_usd	 spent, held, ceiling;
	nano_usd	 stored;	/* the ceiling on disk, never below the other */
	nano_usd	 limit;		/* as the last hold said */
	nano_usd	 wanted;	/* above the ceiling, by those who wait */
	nano_usd	 step;		/* that the ceiling is raised ahead */
	nanos		 raised;	/* monotonic; when it was last */
	uint8_t		 alert[BUDGET_ALERTS_MAX];
	uint8_t		 alert_count;
	uint8_t		 told;		/* percent of the highest alert on disk */
	int64_t		 wall;		/* for which it was made */
	bool		 opened, current;
	bool		 is_due, is_busy;
	bool		 moved, idle;	/* held in since lot_idle() looked; or not */
	uint32_t	 users;		/* holds that can name it, and work on it */
	struct lot	*next_due, *next_busy;
};

struct account {
	struct account	*next;		/* of its slot */
	uint64_t	 hash;
	struct lot	*now;		/* NULL: nothing was held yet */
	size_t		 name_bytes;
	char		 name[];
};

/* What is to be on disk for a lot. */
struct lot_work {
	struct lot	*lot;		/* kept until lot_done() */
	bool		 open;		/* it needs its row */
	bool		 tell;		/* an alert came due: `told` is it */
	int64_t		 alert;		/* its row in the store; 0: none */
	nanos		 alert_wall;	/* when it was raised, as there */
	int64_t		 row, wall;
	struct period	 period;
	nano_usd	 ceiling, spent, limit;
	uint8_t		 told, told_before;
};

/* Under the lock: there is work for it; it was held in. */
void lot_due(struct holds *, struct lot *);
void lot_touch(struct holds *, struct lot *);

/* Under the lock: percent of the highest alert that is reached and not told; 0: none. */
uint8_t lot_alert(const struct lot *);

/*
 * Work for lots that have some, at most max of it; the number.  Ceilings that fall have fallen
 * already, those that rise do so in lot_done().
 */
uint32_t lot_take(struct holds *, struct lot_work *, uint32_t max, nanos now);

/* Lots that have work. */
uint64_t lot_due_count(struct holds *);

/* The work is on disk, or could not be put there. */
void lot_done(struct holds *, const struct lot_work *, uint32_t count, bool written);

/*
 * Looks at lots whose ceilings are above what is used: those that nobody held in since the last
 * time are due, or all of them.  True while there are such lots.
 */
bool lot_idle(struct holds *, bool all);

struct slice lot_name(const struct lot *);

#endif
