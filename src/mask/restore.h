/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASK_RESTORE_H
#define MASK_RESTORE_H

/*
 * restore - puts values back where an answer has their tokens.
 *
 * One for the decoded text of each (choice, part, tool call) of an answer: bytes
 * go in as they arrive, pieces come out.  Only tokens of the vault are replaced,
 * and what was put in is not looked at again.  Held back are only bytes that
 * are the proper beginning of a live token: in RESTORE_PLAIN of one as it was
 * made (at most TOKEN_BYTES_MAX - 1 bytes), in RESTORE_LOOSE of any spelling of
 * one (at most SPELLING_BYTES_MAX - 1); usually none.  The result does not
 * depend on how the bytes were cut.  In constant memory, and apart from tokens
 * at the speed of a search for a byte.
 *
 *	restore_feed(&r, bytes);
 *	while (restore_next(&r, &piece))
 *		put(piece);
 *	...				when the part ends, or is cut off
 *	restore_end(&r);
 *	while (restore_next(&r, &piece))
 *		put(piece);
 */

#include "mask/spelling.h"

enum restore_mode {
	RESTORE_PLAIN,		/* tokens as they were made */
	RESTORE_LOOSE,		/* and as models mangle them: mask/spelling.h */
	RESTORE_WHOLE,		/* and nearly so; the text is fed at once, complete */
};

struct restore {
	const struct vault	*vault;
	unsigned		 ways;
	bool			 json, whole, ended;
	struct slice		 text;		/* that is looked at, and from where */
	size_t			 at;
	struct slice		 more;		/* that comes after it */
	size_t			 held;		/* bytes of text that were fed before */
	struct slice		 value;		/* what is left of one that is being put in */
	struct spelling		 next;
	bool			 has_next;
	uint64_t		 seen;		/* bytes fed before text */
	uint64_t		 odd_from;	/* where digits began of what looks like a token */
	uint64_t		 odd_at;	/* and go on */
	uint8_t			 odd_left;	/* how many are still to come */
	bool			 odd_digit;
	uint64_t		 restored;	/* tokens */
	uint64_t		 unresolved;	/* that look like one, of a word that is known */
	char			 hold[SPELLING_BYTES_MAX];	/* held between two feeds */
	char			 joint[2 * SPELLING_BYTES_MAX];	/* that, and what follows */
	char			 escape[8];
};

/*
 * The vault stays as it is while this restores.  `json`: the text is JSON (arguments of a tool
 * call); values come out as the inside of a JSON string.
 */
void restore_init(struct restore *, const struct vault *, enum restore_mode, bool json);

/*
 * More of the text.  All pieces of what came before were taken: restore_next() said false.  The
 * bytes are not looked at any more when it says so again; what is held is copied.
 */
void restore_feed(struct restore *, struct slice);

/* The text is over: what was held back comes out as it is. */
void restore_end(struct restore *);

/*
 * The next piece that can be given on, never empty; false when there is none until more comes.
 * It lies in what was fed, in the vault or here, and is valid until the next feed or end.
 */
bool restore_next(struct restore *, struct slice *piece);

/* How many bytes are held back. */
size_t restore_held(const struct restore *);

/*
 * All of a text at once, with a restore that was just initialised, in which the counts are
 * afterwards: into the arena, or the text itself where nothing is restored.  ERR_MEMORY.
 */
must_use enum err restore_text(struct arena *, struct restore *, struct slice text,
    struct slice *out);

#endif
