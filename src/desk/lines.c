/* SPDX-License-Identifier: Apache-2.0 */
#include "desk/lines.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "run/host.h"
#include "run/kernel.h"

#define TELL_EVERY	(NANOS_PER_S / 2)

int
lines_open(struct lines *l, const struct desk *d, const char *path)
{
	*l = (struct lines){ .path = path, .progress = host_is_terminal(fileno(stderr)) };
	l->file = strcmp(path, "-") == 0 ? stdin : fopen(path, "re");
	if (l->file == NULL) {
		desk_complain(d, SAY(slice_of(path, strlen(path)), S(": "),
		    errno == ENOENT ? S("there is no such file") : S("it cannot be read")));
		return DESK_UNREADABLE;
	}
	if (l->file != stdin && fseeko(l->file, 0, SEEK_END) == 0) {
		l->bytes_all = (uint64_t)ftello(l->file);
		rewind(l->file);
	}
	l->told = kernel_now();
	return DESK_OK;
}

static void
wipe_progress(const struct lines *l)
{
	if (l->progress)
		fputs("\r\033[K", stderr);
}

static void
tell(struct lines *l)
{
	nanos now;

	/* The clock is not asked for every line. */
	if (!l->progress || l->number % 256 != 0 || (now = kernel_now()) - l->told < TELL_EVERY)
		return;
	l->told = now;
	wipe_progress(l);
	fprintf(stderr, "%s: %" PRIu64 " lines", l->path, l->number);
	if (l->bytes_all > 0)
		fprintf(stderr, ", %" PRIu64 "%%", l->bytes * 100 / l->bytes_all);
}

bool
lines_next(struct lines *l, struct slice *line)
{
	ssize_t n = getline(&l->room, &l->room_bytes, l->file);

	if (n <= 0)
		return false;
	l->number++;
	l->bytes += (uint64_t)n;
	tell(l);
	if (l->room[n - 1] == '\n')
		n--;
	*line = slice_of(l->room, (size_t)n);
	return true;
}

void
lines_close(struct lines *l)
{
	wipe_progress(l);
	if (l->file != NULL && l->file != stdin)
		fclose(l->file);
	free(l->room);
}

void
lines_complain(struct lines *l, const struct desk *d, const struct slice *words, size_t count)
{
	wipe_progress(l);
	fprintf(stderr, "trivium %s: %s:%" PRIu64 ": ", d->command, l->path, l->number);
	for (size_t i = 0; i < count; i++)
		fwrite(words[i].ptr, 1, words[i].len, stderr);
	fputc('\n', stderr);
}
