/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CORE_SSE_H
#define CORE_SSE_H

/*
 * sse - server-sent events as bytes (WHATWG HTML, "Interpreting an event
 * stream").
 *
 * An event is the bytes up to and including its blank line.  Lines end in LF,
 * CRLF or CR.  The scanner only finds borders, so a whole valid event can be
 * forwarded byte for byte; sse_read() looks inside.  Nothing is copied; all
 * slices borrow from the event.  A byte order mark may stand before the first
 * event and belongs to it.
 */

#include "core/arena.h"
#include "core/err.h"
#include "core/must.h"
#include "core/slice.h"

struct sse_event {
	struct slice	type;		/* the last `event` field, or absent */
	struct slice	data;		/* the first `data` field's value, or absent */
	struct slice	id;
	uint32_t	data_count;	/* `data` fields; more than one are joined by sse_data() */
	bool		comment_only;	/* a keep-alive: no field at all */
};

/*
 * The length of the first event in s, its blank line included, or 0 when it is
 * not complete.  *scanned (0 at first) remembers how far an incomplete event
 * was looked at, so that feeding byte by byte stays linear; it is reset to 0
 * when an event is found.  After CR, another CR ends the event at once; an LF
 * behind it is a blank line of its own.  Behind another line end a CR as the last
 * byte of s is undecided (CRLF may follow), and the event is incomplete.
 */
size_t sse_end(struct slice s, size_t *scanned);

/*
 * For the usual event, a single line without control bytes: the first control
 * byte at or behind p, or NULL if there is none before `end`.  *marked becomes
 * true if something up to there asks for a closer look: a byte above ASCII, or
 * `usage"`, and also what is much like it, a g with a quote two bytes behind.
 * `wide` says that the machine has what core/wide.h needs.
 */
const char *sse_stop(const char *p, const char *end, bool wide, bool *marked);

/* Looks inside one whole event.  ERR_UPSTREAM_MALFORMED for NUL bytes or invalid UTF-8. */
must_use enum err sse_read(struct slice event, struct sse_event *out);

/* All `data` values joined by LF: borrowed when there is one, else in the arena. */
struct slice sse_data(struct arena *, struct slice event, const struct sse_event *);

#endif
