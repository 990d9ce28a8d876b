/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/torture.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/must.h"

#define TURN_SECONDS	60

/*
 * Small ones: a calm history, some in which much happens, and some with masks: in 510 they are
 * of a conversation, and answers are watched.
 */
static const uint64_t seeds[] = { 10, 61, 70, 13, 121, 130, 510, 540, 730 };

#define SEEDS	(sizeof seeds / sizeof seeds[0])

static const char *const names[REFUSE_COUNT] = { "nothing", "heap", "pool", "write", "file" };

/* Where the children are. */
struct progress {
	size_t		seed;
	enum refuse	refuse;
	uint64_t	at;
	uint64_t	told[REFUSE_COUNT], bad;
};

bool
torture_read(const char *text, struct story_options *o)
{
	for (int i = 1; i < REFUSE_COUNT; i++) {
		size_t length = strlen(names[i]);

		if (strncmp(text, names[i], length) != 0 || text[length] != ':')
			continue;
		o->refuse = (enum refuse)i;
		o->refuse_at = strtoull(text + length + 1, NULL, 10);
		return o->refuse_at > 0;
	}
	return false;
}

static void
complain(struct progress *p)
{
	p->bad++;
	printf("    again: make sim SEED=%llu ARGS='--refuse %s:%llu -v'\n",
	    (unsigned long long)seeds[p->seed], names[p->refuse], (unsigned long long)p->at);
}

static void
next(struct progress *p, bool refused)
{
	p->at++;
	if (refused)
		return;
	p->at = 1;
	if (++p->refuse == REFUSE_COUNT) {
		p->refuse = REFUSE_HEAP;
		p->seed++;
	}
}

static void
tell_rest(struct progress *p)
{
	while (p->seed < SEEDS) {
		struct story_options o = {
			.seed = seeds[p->seed], .refuse = p->refuse, .refuse_at = p->at,
		};
		struct story_end end;

		alarm(TURN_SECONDS);
		end = story_tell(&o);
		p->told[p->refuse]++;
		if (end.complaints > 0)
			complain(p);
		next(p, end.refused);
	}
	fflush(stdout);
	_exit(0);
}

bool
torture_run(void)
{
	struct progress *p = mmap(NULL, sizeof *p, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	must(p != MAP_FAILED);
	p->refuse = REFUSE_HEAP;
	p->at = 1;
	while (p->seed < SEEDS) {
		int status;
		pid_t child;

		fflush(stdout);
		child = fork();
		must(child >= 0);
		if (child == 0)
			tell_rest(p);
		must(waitpid(child, &status, 0) == child);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		printf("%s %llu of seed %llu: ended with %d\n", names[p->refuse],
		    (unsigned long long)p->at, (unsigned long long)seeds[p->seed], status);
		complain(p);
		next(p, true);
	}
	for (int i = 1; i < REFUSE_COUNT; i++)
		printf("%-6s refused in turn: %llu histories\n", names[i],
		    (unsigned long long)p->told[i]);
	printf("sim: torture, %llu bad\n", (unsigned long long)p->bad);
	return p->bad == 0;
}
