/* SPDX-License-Identifier: Apache-2.0 */
#ifndef ANSWER_OUTLET_H
#define ANSWER_OUTLET_H

/*
 * outlet - the text of one part of an answer, on its way out.
 *
 *	model ▸ guard ▸ window ▸ restore ▸ caller
 *
 * The guard judges links (mask/guard.h), the window looks for secrets and for
 * what this caller may not see, the restore puts values back (mask/restore.h).
 * What none of them has is not there: without rules an outlet only restores, and
 * holds back no more than the beginning of a token.  With them it holds back, as
 * the mode says, nothing more (observe), or a URL until it ends and the last
 * WINDOW_KEEP bytes (mask, stop), so that what is stopped was never sent.  The
 * window looks when WINDOW_STRIDE bytes more are there, and remembers WINDOW_BEFORE
 * bytes that are gone, for the words around a value speak for it: so a streamed
 * byte is looked at some nine times, and one of a long text that comes at once
 * hardly twice.
 */

#include "conf/row.h"
#include "answer/page.h"
#include "mask/guard.h"
#include "mask/restore.h"

#define WINDOW_BYTES	2048
#define WINDOW_KEEP	512
#define WINDOW_STRIDE	128
#define WINDOW_BEFORE	512

struct outlet_rules {
	enum watch_mode		 mode;		/* not WATCH_OFF */
	struct guard_rules	 guard;
	const struct rules	*rules;		/* what findings mean */
	uint64_t		 types[TYPE_WORDS];	/* set: must not come out */
	unsigned		 parts;		/* enum detect_parts that can find them */
	const struct dictionary	*dictionary;	/* the operator's own; or NULL */
	struct arena		*scratch;
	bool			 wide;
	/* What was found, in all parts of the answer */
	uint64_t		 found;
	struct slice		 first;		/* its name */
	bool			 stopped;	/* nothing comes out any more */
	bool			 blind;		/* for there was no memory to look at it */
};

struct outlet {
	struct outlet_rules	*rules;		/* NULL: only restores */
	struct guard		*guard;
	char			*window;	/* WINDOW_BYTES */
	uint32_t		 held;		/* bytes in it; of these, so many */
	uint32_t		 passed, judged;	/* went out, and were looked at for good */
	uint32_t		 looked;	/* were there when it looked */
	struct restore		 restore;
};

/* ERR_MEMORY.  The rules stay; its restore is the caller's to initialise. */
must_use enum err outlet_init(struct outlet *, struct arena *, struct outlet_rules *);

/* For another text, in the same memory; its restore is the caller's to initialise again. */
void outlet_reset(struct outlet *);

/* More of the text; what may go out, to the page.  Nothing does once rules->stopped is true. */
void outlet_feed(struct outlet *, struct slice, struct page *);

/* The text is over. */
void outlet_end(struct outlet *, struct page *);

#endif
