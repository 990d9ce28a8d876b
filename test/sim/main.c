/* SPDX-License-Identifier: Apache-2.0 */
/*
 * sim - the whole gateway on a simulated kernel: one seed, one history.
 *
 *	sim --seed 7               tells one history twice, and compares
 *	sim --seed 7 -v            once, with everything that happened
 *	sim --seed 1 --seeds 1000  tells many, in a child that may crash
 *	    --coverage FILE        and compares what was reached with a list
 *	    --twice                each of them twice
 *	    --stop                 and ends with the first bad one
 *	sim --torture              refuses each allocation, send and write of the log in turn
 *	sim --seed 10 --refuse heap:12   one of these again
 */

#include <malloc.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/must.h"
#include "sim/coverage.h"
#include "sim/torture.h"

#define SEED_SECONDS	60		/* a history that takes longer turns in circles */
#define TABLE_FROM	100		/* so many histories are worth a table */
#define COVERAGE_FROM	1000		/* and so many should have reached everything */

/* What the children leave. */
struct shared {
	struct coverage	coverage;
	uint64_t	seed;		/* that is being told */
	uint64_t	bad;
};

struct wish_list {
	struct story_options story;
	uint64_t	seeds;
	const char	*coverage;
	bool		twice, stop, torture;
};

static void
set_secrets(void)
{
	char name[32], value[32];

	for (int i = 0; i < SCENE_CALLERS; i++) {
		snprintf(name, sizeof name, "SIM_CALLER_%d", i);
		snprintf(value, sizeof value, "caller-secret-number-%d", i);
		setenv(name, value, 1);
		snprintf(name, sizeof name, "SIM_TURNED_%d", i);
		snprintf(value, sizeof value, "caller-secret-turned-%d", i);
		setenv(name, value, 1);
	}
	for (int i = 0; i < SCENE_PROVIDERS; i++) {
		snprintf(name, sizeof name, "SIM_VENDOR_%d", i);
		snprintf(value, sizeof value, "vendor-secret-%d", i);
		setenv(name, value, 1);
	}
}

static bool
read_wishes(int argc, char **argv, struct wish_list *o)
{
	for (int i = 1; i < argc; i++) {
		bool more = i + 1 < argc;

		if (strcmp(argv[i], "-v") == 0)
			o->story.verbose = true;
		else if (strcmp(argv[i], "--twice") == 0)
			o->twice = true;
		else if (strcmp(argv[i], "--stop") == 0)
			o->stop = true;
		else if (strcmp(argv[i], "--torture") == 0)
			o->torture = true;
		else if (more && strcmp(argv[i], "--refuse") == 0) {
			if (!torture_read(argv[++i], &o->story))
				return false;
		} else if (more && strcmp(argv[i], "--seed") == 0)
			o->story.seed = strtoull(argv[++i], NULL, 10);
		else if (more && strcmp(argv[i], "--seeds") == 0)
			o->seeds = strtoull(argv[++i], NULL, 10);
		else if (more && strcmp(argv[i], "--coverage") == 0)
			o->coverage = argv[++i];
		else
			return false;
	}
	return true;
}

/* True if the history broke no rule, and is the same when it is told again. */
static bool
tell(const struct story_options *o, bool twice)
{
	struct story_end first = story_tell(o), second;

	if (!twice)
		return first.complaints == 0;
	second = story_tell(o);
	if (first.history == second.history)
		return first.complaints + second.complaints == 0;
	printf("seed %llu: two histories, %016llx and %016llx\n", (unsigned long long)o->seed,
	    (unsigned long long)first.history, (unsigned long long)second.history);
	return false;
}

static void
say_replay(uint64_t seed)
{
	printf("    again: make sim SEED=%llu        with its trace: make sim SEED=%llu ARGS=-v\n",
	    (unsigned long long)seed, (unsigned long long)seed);
}

static void
tell_many(struct shared *shared, const struct wish_list *o, uint64_t end)
{
	struct story_options story = o->story;

	coverage_open(&shared->coverage);
	for (; shared->seed < end && !(o->stop && shared->bad > 0); shared->seed++) {
		story.seed = shared->seed;
		alarm(SEED_SECONDS);
		if (!tell(&story, o->twice)) {
			say_replay(story.seed);
			shared->bad++;
		}
	}
	fflush(stdout);
	_exit(0);
}

/* A crash ends the child; another one goes on with the next seed. */
static void
tell_in_children(struct shared *shared, const struct wish_list *o)
{
	uint64_t end = o->story.seed + o->seeds;

	for (shared->seed = o->story.seed; shared->seed < end && !(o->stop && shared->bad > 0);) {
		int status;
		pid_t child;

		fflush(stdout);
		child = fork();
		must(child >= 0);
		if (child == 0)
			tell_many(shared, o, end);
		must(waitpid(child, &status, 0) == child);
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			continue;
		printf("seed %llu: ended with %s %d\n", (unsigned long long)shared->seed,
		    WIFSIGNALED(status) ? "signal" : "status",
		    WIFSIGNALED(status) ? WTERMSIG(status) : WEXITSTATUS(status));
		say_replay(shared->seed);
		shared->bad++;
		shared->seed++;
	}
}

static int
run_many(const struct wish_list *o)
{
	struct shared *shared = mmap(NULL, sizeof *shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	bool good;

	must(shared != MAP_FAILED);
	tell_in_children(shared, o);
	if (o->seeds >= TABLE_FROM)
		coverage_print(&shared->coverage);
	good = o->coverage == NULL || o->seeds < COVERAGE_FROM ||
	    coverage_check(&shared->coverage, o->coverage);
	printf("sim: %llu histories, %llu bad\n", (unsigned long long)o->seeds,
	    (unsigned long long)shared->bad);
	return shared->bad > 0 || !good;
}

int
main(int argc, char **argv)
{
	struct wish_list o = { .story.seed = 1, .seeds = 1 };

	setvbuf(stdout, NULL, _IOLBF, 0);
	/* What one history gives back the next one takes, without asking the system. */
	(void)mallopt(M_MMAP_THRESHOLD, 1 << 30);
	(void)mallopt(M_TRIM_THRESHOLD, 1 << 30);
	set_secrets();
	if (!read_wishes(argc, argv, &o)) {
		printf("usage: sim [--seed N] [--seeds N] [--coverage FILE] [--twice] [--stop] "
		       "[--torture] [-v]\n");
		return 2;
	}
	if (o.torture)
		return !torture_run();
	if (o.seeds > 1)
		return run_many(&o);
	if (!tell(&o.story, !o.story.verbose)) {
		say_replay(o.story.seed);
		return 1;
	}
	printf("seed %llu: nothing is wrong\n", (unsigned long long)o.story.seed);
	return 0;
}
