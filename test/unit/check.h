/* SPDX-License-Identifier: Apache-2.0 */
#ifndef TEST_CHECK_H
#define TEST_CHECK_H

/*
 * check - the whole harness of the unit tests.
 *
 * A test is a program that prints TAP for prove: one `ok` or `not ok` line for
 * each check, then the plan.  The usual shape is a `static const` table with a
 * `why` column and one loop; `why` names the behaviour and becomes the line.
 * A check that fails prints what it saw and what it wanted and goes on, except
 * in check_or_stop(), for what makes the rest meaningless.  The counters are
 * the only mutable globals, which is allowed because a test is not a server.
 *
 *	for (size_t i = 0; i < COUNT_OF(cases); i++)
 *		check_slice(slice_trim(cases[i].in), cases[i].want, "%s", cases[i].why);
 *	return check_done();
 */

#include <stdarg.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/must.h"
#include "core/slice.h"

#define COUNT_OF(array)	(sizeof(array) / sizeof((array)[0]))
#define CHECK_PRINTF(n)	__attribute__((format(printf, n, n + 1), unused))

static unsigned check_count, check_failures;

static inline bool
check_line(bool ok, const char *format, va_list args)
{
	printf("%s %u - ", ok ? "ok" : "not ok", ++check_count);
	vprintf(format, args);
	putchar('\n');
	check_failures += !ok;
	return ok;
}

/* Prints bytes so that a terminal and prove can read them: at most 200, escaped. */
static inline void
check_show(const char *name, struct slice s)
{
	printf("#   %s (%zu bytes): ", name, s.len);
	for (size_t i = 0; i < s.len && i < 200; i++) {
		unsigned char c = (unsigned char)s.ptr[i];

		if (c >= 0x20 && c < 0x7f && c != '\\')
			putchar(c);
		else
			printf("\\x%02x", c);
	}
	puts(s.len > 200 ? "..." : "");
}

CHECK_PRINTF(2) static bool
check(bool ok, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	check_line(ok, format, args);
	va_end(args);
	return ok;
}

/* For what makes the rest of the program meaningless: prints the plan and ends. */
CHECK_PRINTF(2) static void
check_or_stop(bool ok, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	check_line(ok, format, args);
	va_end(args);
	if (!ok) {
		printf("Bail out! nothing after this can hold\n");
		exit(1);
	}
}

CHECK_PRINTF(3) static bool
check_int(int64_t got, int64_t want, const char *format, ...)
{
	va_list args;

	va_start(args, format);
	if (!check_line(got == want, format, args))
		printf("#   got  %lld\n#   want %lld\n", (long long)got, (long long)want);
	va_end(args);
	return got == want;
}

CHECK_PRINTF(3) static bool
check_slice(struct slice got, struct slice want, const char *format, ...)
{
	bool ok = slice_eq(got, want);
	va_list args;

	va_start(args, format);
	if (!check_line(ok, format, args)) {
		check_show("got ", got);
		check_show("want", want);
	}
	va_end(args);
	return ok;
}

/* Runs `fn` in a child and checks that a must() ended it: the program noticed. */
CHECK_PRINTF(2) static bool
check_must(void (*fn)(void), const char *format, ...)
{
	struct rlimit no_core = { 0, 0 };
	int status = 0;
	va_list args;
	pid_t pid;
	bool ok;

	fflush(stdout);
	pid = fork();
	if (pid == 0) {
		setrlimit(RLIMIT_CORE, &no_core);
		if (freopen("/dev/null", "w", stderr) == NULL)
			_exit(2);
		fn();
		_exit(0);
	}
	ok = pid > 0 && waitpid(pid, &status, 0) == pid && WIFSIGNALED(status) &&
	    WTERMSIG(status) == SIGABRT;
	va_start(args, format);
	check_line(ok, format, args);
	va_end(args);
	return ok;
}

/* Prints the plan; the value is what main() returns. */
static inline int
check_done(void)
{
	printf("1..%u\n", check_count);
	return check_failures > 0;
}

/* The program's own must_fail(), where it is linked, comes before this one. */
__attribute__((weak)) _Noreturn void
must_fail(const char *condition, const char *file, int line)
{
	fprintf(stderr, "must(%s) at %s:%d\n", condition, file, line);
	abort();
}

#endif
