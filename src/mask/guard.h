/* SPDX-License-Identifier: Apache-2.0 */
#ifndef MASK_GUARD_H
#define MASK_GUARD_H

/*
 * guard - an answer's text on its way out, watched for what carries content away.
 *
 * A model that was told so by a document it read puts what it knows into the address
 * of an image, and whoever shows the answer fetches it (CVE-2025-32711).  So every
 * URL with a host, in Markdown, in HTML or bare, is held back until it ends, and
 * judged unless its host is allowed: does it hold a token of the vault or a hidden
 * value, as it stands or percent-encoded, is it long, does it look encoded?  An
 * allowed host does not excuse the URL in its query.  Also looked for are strings
 * that must not come out (canaries, of the system's own prompt) and the tag
 * characters of Unicode, but in flags.
 *
 * Looks at what the model wrote, before values are put back.  Held are at most
 * GUARD_BYTES_MAX bytes: a URL that has not ended by then counts as long.  A reader
 * who decodes (base64, other alphabets) sees more than this does, and so does a browser
 * that repairs a URL without slashes: it is one barrier of several.  Constant memory, 4.2
 * KiB each; linear, and the result does not depend on how the text was cut.
 *
 *	guard_feed(&g, bytes);			or guard_end(&g), once
 *	while ((event = guard_next(&g, &piece, &finding)) != GUARD_MORE)
 *		if (event == GUARD_PIECE)	send piece
 *		else if (it is to be stopped)	end: what is held is never sent
 *		else				guard_go_on(&g, true)	or false, to leave it out
 */

#include "mask/occurrence.h"
#include "mask/vault.h"

#define GUARD_BYTES_MAX		2048
#define GUARD_CANARY_MAX	256		/* bytes of one */

enum guard_reason {
#define GUARD(name, text)	GUARD_##name,
#include "mask/guard.tbl"
#undef GUARD
	GUARD_REASON_COUNT
};

/* In lower case, as in records and metrics; and for people. */
struct slice guard_name(enum guard_reason);
struct slice guard_text(enum guard_reason);

struct guard_rules {
	const struct slice	*host;		/* allowed; ".a.io" is a.io and what is below */
	size_t			 hosts;
	const struct slice	*canary;	/* 1 to GUARD_CANARY_MAX bytes each */
	size_t			 canaries;
	const struct vault	*vault;		/* or NULL */
	const struct occurrences *values;	/* of that vault, or NULL */
};

struct guard_finding {
	enum guard_reason	reason;
	uint64_t		at;		/* in the text */
	uint32_t		bytes;
};

enum guard_event { GUARD_MORE, GUARD_PIECE, GUARD_FOUND };

struct guard {
	const struct guard_rules *rules;
	uint64_t		 special[4];	/* bytes with which something may begin */
	struct slice		 in;		/* fed and not looked at */
	uint64_t		 seen;		/* bytes before held[0] */
	uint32_t		 len;		/* of held */
	uint32_t		 given;		/* of these, what went out with the last piece */
	uint32_t		 clear;		/* and what may go out */
	uint32_t		 url;		/* behind that, how far a URL was read */
	uint32_t		 open;		/* its parentheses that are not closed */
	uint32_t		 found;		/* bytes of what was found, undecided */
	uint8_t			 flag;		/* tag characters that a flag may still have */
	char			 before;	/* the byte before held[0] */
	bool			 ended;
	char			 held[GUARD_BYTES_MAX], plain[GUARD_BYTES_MAX];
};

/* The rules stay as long as the guard. */
void guard_init(struct guard *, const struct guard_rules *);

/* More of the text, or its end.  Everything before was taken with guard_next(). */
void guard_feed(struct guard *, struct slice);
void guard_end(struct guard *);

/*
 * What comes next: a piece that can be sent, in what was fed or here, valid until the next call;
 * or something found, which is held until it is decided on; or nothing until more is fed.
 */
enum guard_event guard_next(struct guard *, struct slice *piece, struct guard_finding *);

/* After a finding: its bytes go out all the same, or are left out. */
void guard_go_on(struct guard *, bool let_out);

/* How many bytes are held back. */
size_t guard_held(const struct guard *);

#endif
