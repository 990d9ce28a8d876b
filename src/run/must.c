/* SPDX-License-Identifier: Apache-2.0 */
#include "core/must.h"

#include <stdlib.h>
#include <unistd.h>

#include "core/text.h"
#include "run/kernel.h"

/*
 * The last words of a wrong program: one line of JSON, as the log's lines are,
 * without the log, which may be what is wrong.  The supervisor starts a new
 * child, and a core file has the rest.
 */
_Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	char room[1024];
	struct text t;

	text_init(&t, room, sizeof room - 1);
	text_put(&t, S("{\"time\":\""));
	text_put_time(&t, kernel_wall());
	text_put(&t, S("\",\"level\":\"fatal\",\"event\":\"must_failed\",\"pid\":"));
	text_put_signed(&t, getpid());
	text_put(&t, S(",\"file\":"));
	text_put_json(&t, slice_of(file, strlen(file)));
	text_put(&t, S(",\"line\":"));
	text_put_signed(&t, line);
	text_put(&t, S(",\"condition\":"));
	text_put_json(&t, slice_of(condition, strnlen(condition, 400)));
	text_put(&t, S("}\n"));
	(void)!write(STDERR_FILENO, t.ptr, t.len);
	abort();
}
