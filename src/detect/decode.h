/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DETECT_DECODE_H
#define DETECT_DECODE_H

/*
 * decode - runs of a text that are another text in disguise.
 *
 * Base64 and base64url (RFC 4648), over several lines as MIME breaks them; hex;
 * and words with percent-encoded bytes (RFC 3986).  A run has at least
 * DECODE_BYTES_MIN characters (DECODE_PERCENT_MIN, if that is what it is), and
 * counts only if what it says is text: digests, keys and pictures are not, and
 * are not given out.  Each byte of a text is in at most one run, so that all
 * that is decoded is no longer than the text.  Where there is no run, each byte is
 * looked at twice, sixteen at once.
 */

#include "core/arena.h"

#define DECODE_BYTES_MIN	16
#define DECODE_PERCENT_MIN	8

struct decode {
	struct arena	*arena;
	struct slice	 text;
	size_t		 at;
	size_t		 sign;		/* the next percent sign that counts, where that is known */
	bool		 wide;
	bool		 cut;		/* no memory: there may be more runs */
};

struct decoded {
	uint32_t	start, end;	/* of the run */
	struct slice	text;		/* what it says */
};

void decode_init(struct decode *, struct arena *, struct slice text, bool wide);

/* The next run that is text, by place; false behind the last one. */
bool decode_next(struct decode *, struct decoded *out);

#endif
