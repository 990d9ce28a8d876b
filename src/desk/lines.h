/* SPDX-License-Identifier: Apache-2.0 */
#ifndef DESK_LINES_H
#define DESK_LINES_H

/*
 * lines - a log read line by line, however large it is.
 *
 * One line is in memory at a time.  On a terminal a long read says on standard
 * error how far it is.  Blocks; for commands.
 */

#include <stdio.h>

#include "desk/desk.h"

struct lines {
	const char	*path;
	FILE		*file;
	char		*room;
	size_t		 room_bytes;
	uint64_t	 number;	/* of the line that was read last */
	uint64_t	 bytes, bytes_all;	/* bytes_all is 0 where it is not known */
	bool		 progress;
	nanos		 told;
};

/* `-` is standard input.  A status, with its complaint made. */
must_use int lines_open(struct lines *, const struct desk *, const char *path);

/* The next line without its end; false at the end of the file. */
bool lines_next(struct lines *, struct slice *line);

void lines_close(struct lines *);

/* "FILE:LINE: …" on standard error. */
void lines_complain(struct lines *, const struct desk *, const struct slice *, size_t);

#endif
