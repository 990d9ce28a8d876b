/* SPDX-License-Identifier: Apache-2.0 */
#include "run/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/socket.h>

#include "run/address.h"
#include "run/kernel.h"
#include "run/pulse.h"

#include "check.h"

/*
 * Each scenario forks a process that runs the supervisor, whose child answers
 * each connection with its own pid.  What they do is seen through a shared
 * page, the connections, the exit status and what is written to stderr.
 */
#define LOOPS	2

enum behaviour {
	SERVE,
	SERVE_DEAF,			/* ignores SIGTERM */
	CRASH_AT_ONCE,
	CRASH_TWICE,			/* then serves */
	END_DONE,
	END_CONF,
	END_OTHER,			/* exit status 3, then serves */
	HANG,				/* one loop stops turning; the next child serves */
	HANG_DEAF,			/* and does not even abort */
};

struct shared {
	_Atomic(int)	born;		/* children so far */
	_Atomic(int)	child;		/* pid of the newest */
	_Atomic(int)	reloads;	/* asked of the parent */
	_Atomic(int)	told;		/* SIGHUPs that children heard */
	_Atomic(int)	refuse;		/* the parent's answer to a reload */
};

struct scene {
	enum behaviour	 behaviour;
	int		 listener;
	struct address	 address;
	struct shared	*shared;
	pid_t		 parent;
	int		 stderr_read;	/* the parent's stderr */
	nanos		 drain_wait;
	struct pulse	*pulse;
	nanos		 hang_wait;
	const char	*pid_file;
};

static void
serve(const struct scene *s)
{
	struct pollfd p = { .fd = s->listener, .events = POLLIN };
	const struct timespec none = { 0, 0 };
	sigset_t heard;

	sigemptyset(&heard);
	sigaddset(&heard, SIGHUP);
	sigaddset(&heard, SIGTERM);
	for (int turns = 0; turns < 3000; turns++) {
		int signo = sigtimedwait(&heard, NULL, &none), fd, pid = getpid();
		struct address peer;

		if (s->pulse != NULL)
			for (unsigned i = 0; i < LOOPS; i++)
				++*pulse_of(s->pulse, i);
		if (signo == SIGHUP)
			s->shared->told++;
		if (signo == SIGTERM && s->behaviour != SERVE_DEAF)
			return;
		if (poll(&p, 1, 10) <= 0)
			continue;
		fd = kernel_accept(s->listener, &peer);
		if (fd < 0)
			continue;
		(void)!write(fd, &pid, sizeof pid);
		close(fd);
	}
}

/* One loop turns, the other has turned. */
static _Noreturn void
hang(const struct scene *s)
{
	++*pulse_of(s->pulse, 1);
	for (;;) {
		++*pulse_of(s->pulse, 0);
		usleep(5000);
	}
}

static int
child(void *ctx)
{
	struct scene *s = ctx;
	int nth = ++s->shared->born;

	s->shared->child = getpid();
	if (s->behaviour == CRASH_AT_ONCE || (s->behaviour == CRASH_TWICE && nth <= 2))
		abort();
	if (s->behaviour == END_DONE)
		return SUPERVISOR_DONE;
	if (s->behaviour == END_CONF)
		return SUPERVISOR_CONF;
	if (s->behaviour == END_OTHER && nth == 1)
		return 3;
	if (s->behaviour == HANG_DEAF && nth == 1)
		must(signal(SIGABRT, SIG_IGN) != SIG_ERR);
	if ((s->behaviour == HANG || s->behaviour == HANG_DEAF) && nth == 1)
		hang(s);
	serve(s);
	return 0;
}

static bool
reload(void *ctx)
{
	struct scene *s = ctx;

	s->shared->reloads++;
	return s->shared->refuse == 0;
}

static void
scene_open(struct scene *s, enum behaviour behaviour)
{
	int ends[2];

	s->behaviour = behaviour;
	if (s->drain_wait == 0)
		s->drain_wait = 5 * NANOS_PER_S;
	must(address_read(S("127.0.0.1"), 0, &s->address));
	s->listener = kernel_listen(&s->address, false);
	must(s->listener >= 0 && kernel_local_address(s->listener, &s->address) == 0);
	s->shared = mmap(NULL, sizeof *s->shared, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	must(s->shared != MAP_FAILED && pipe2(ends, O_CLOEXEC) == 0);
	s->stderr_read = ends[0];
	fflush(stdout);
	s->parent = fork();
	if (s->parent == 0) {
		struct rlimit no_core = { 0, 0 };
		struct supervisor plan = {
			.child = child, .reload = reload, .ctx = s,
			.drain_wait = s->drain_wait, .pid_file = s->pid_file,
			.pulse = s->pulse, .hang_wait = s->hang_wait,
		};

		/* Nothing outlives the test, whatever happens to it. */
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		setrlimit(RLIMIT_CORE, &no_core);
		dup2(ends[1], STDERR_FILENO);
		_exit(supervisor_run(&plan));
	}
	must(s->parent > 0);
	close(ends[1]);
}

static void
scene_close(struct scene *s)
{
	close(s->stderr_read);
	close(s->listener);
	munmap(s->shared, sizeof *s->shared);
}

static void
nap(int ms)
{
	poll(NULL, 0, ms);
}

/* The pid of the child that answers a new connection; 0 after two seconds. */
static int
ask(const struct scene *s)
{
	int fd = kernel_connect(&s->address), pid = 0;
	struct pollfd p = { .fd = fd, .events = POLLIN };

	must(fd >= 0);
	if (poll(&p, 1, 2000) <= 0 || read(fd, &pid, sizeof pid) != (ssize_t)sizeof pid)
		pid = 0;
	close(fd);
	return pid;
}

/* The parent's exit status; -1 when it has not ended in time, 1000 + signal if it was killed. */
static int
outcome(const struct scene *s, int ms)
{
	int status;

	for (; ms > 0; ms -= 5) {
		if (waitpid(s->parent, &status, WNOHANG) == s->parent)
			return WIFEXITED(status) ? WEXITSTATUS(status) : 1000 + WTERMSIG(status);
		nap(5);
	}
	return -1;
}

static bool
is_gone(int pid, int ms)
{
	for (; ms > 0; ms -= 5) {
		/* An orphan is ours, for main() asked for that. */
		(void)!waitpid(pid, NULL, WNOHANG);
		if (kill(pid, 0) != 0 && errno == ESRCH)
			return true;
		nap(5);
	}
	return false;
}

static struct slice
said(const struct scene *s, char *room, size_t bytes)
{
	ssize_t n;

	fcntl(s->stderr_read, F_SETFL, O_NONBLOCK);
	n = read(s->stderr_read, room, bytes);
	return slice_of(room, n > 0 ? (size_t)n : 0);
}

static bool
holds(struct slice text, struct slice what)
{
	return slice_find(text, what) < text.len;
}

static void
check_kill(void)
{
	struct scene s = { 0 };
	nanos worst = 0, once = 0;
	char room[4096];
	struct slice log;
	int pid, fresh = 0;
	bool answered = true;

	scene_open(&s, SERVE);
	pid = ask(&s);
	check_or_stop(pid > 0 && pid == s.shared->child, "the child serves");
	for (int i = 0; i < 5; i++) {
		nanos killed;

		nap(i < 1 ? 1050 : 1);
		killed = kernel_now();
		kill(pid, SIGKILL);
		fresh = ask(&s);
		answered = answered && fresh > 0 && fresh != pid;
		if (i == 0)
			once = kernel_now() - killed;
		if (kernel_now() - killed > worst)
			worst = kernel_now() - killed;
		pid = fresh > 0 ? fresh : s.shared->child;
	}
	check(answered, "after kill -9 another child answers, and no connection is refused");
	check(once < 100 * NANOS_PER_MS, "within 100 ms (%.1f ms)", (double)once / 1e6);
	/* Each time it waits a little longer before the next child. */
	check(worst < 300 * NANOS_PER_MS, "and soon, also five times in a row (%.1f ms)",
	    (double)worst / 1e6);
	log = said(&s, room, sizeof room);
	check(holds(log, S("\"event\":\"child_crashed\"")),
	    "the crash is one line of JSON");
	check(holds(log, S("\"signal\":9,\"signal_name\":\"SIGKILL\"")),
	    "that names the signal");
	check(holds(log, S("\"lived_ms\":10")), "and says how long the child lived");
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 2000), 0,
	    "SIGTERM ends the parent with 0 when the child has finished");
	check(is_gone(pid, 1000), "and the child is gone");
	scene_close(&s);
}

static void
check_stop(void)
{
	struct scene s = { .drain_wait = 100 * NANOS_PER_MS };
	int pid;

	scene_open(&s, SERVE_DEAF);
	pid = ask(&s);
	kill(s.parent, SIGTERM);
	nap(50);
	check(kill(pid, 0) == 0, "a child that is still busy is waited for");
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 1000), 1, "a second SIGTERM does not wait");
	check(is_gone(pid, 1000), "and kills the child");
	scene_close(&s);

	scene_open(&s, SERVE_DEAF);
	pid = ask(&s);
	kill(s.parent, SIGINT);
	check_int(outcome(&s, 4000), 1,
	    "a child that does not finish is killed after the drain limit");
	check(is_gone(pid, 1000), "and is gone");
	scene_close(&s);

	scene_open(&s, SERVE);
	pid = ask(&s);
	kill(s.parent, SIGKILL);
	check_int(outcome(&s, 1000), 1000 + SIGKILL, "a parent that is killed");
	check(is_gone(pid, 1000), "takes its child with it");
	scene_close(&s);
}

static void
check_reload(void)
{
	struct scene s = { 0 };

	scene_open(&s, SERVE);
	must(ask(&s) > 0);
	kill(s.parent, SIGHUP);
	for (int i = 0; i < 200 && s.shared->told == 0; i++)
		nap(5);
	check_int(s.shared->reloads, 1, "SIGHUP reloads in the parent");
	check_int(s.shared->told, 1, "and then the child is told");
	s.shared->refuse = 1;
	kill(s.parent, SIGHUP);
	for (int i = 0; i < 200 && s.shared->reloads < 2; i++)
		nap(5);
	nap(50);
	check_int(s.shared->told, 1, "a child is not told of a configuration that was refused");
	check_int(s.shared->born, 1, "and goes on");
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 2000), 0, "it still ends in order");
	scene_close(&s);
}

static void
check_loops(void)
{
	struct scene s = { 0 };
	int born;

	scene_open(&s, CRASH_TWICE);
	check(ask(&s) > 0,
	    "a child that crashes twice and then serves is found by the same client");
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 2000), 0, "and stopped");
	scene_close(&s);

	scene_open(&s, CRASH_AT_ONCE);
	nap(700);
	born = s.shared->born;
	check(born >= 5 && born <= 8,
	    "a child that always crashes is started ever more rarely (%d)", born);
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 1000), 0, "a parent without a child stops at once");
	scene_close(&s);
}

static void
check_ends(void)
{
	struct scene s = { .pid_file = NULL };

	scene_open(&s, END_DONE);
	check_int(outcome(&s, 2000), 0, "a child that is done is not started again");
	check_int(s.shared->born, 1, "not once");
	scene_close(&s);

	scene_open(&s, END_CONF);
	check_int(outcome(&s, 2000), SUPERVISOR_CONF, "nor one that cannot use its configuration");
	check_int(s.shared->born, 1, "not once");
	scene_close(&s);

	scene_open(&s, END_OTHER);
	check(ask(&s) > 0, "any other exit status is a crash");
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 2000), 0, "and the next child is stopped");
	scene_close(&s);
}

static void
check_pid_file(void)
{
	char path[] = "/tmp/trivium-supervisor-XXXXXX", room[64] = "";
	struct scene s = { .pid_file = path };
	int fd = mkstemp(path);
	uint64_t pid = 0;

	must(fd >= 0);
	scene_open(&s, SERVE);
	must(ask(&s) > 0);
	must(read(fd, room, sizeof room - 1) > 0);
	close(fd);
	check(slice_number(slice_of(room, strcspn(room, "\n")), &pid) && (pid_t)pid == s.parent,
	    "the pid file names the parent");
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 2000), 0, "it ends");
	check(access(path, F_OK) != 0, "and takes the file away");
	scene_close(&s);
}

static void
check_hang(enum behaviour behaviour, const char *why)
{
	struct scene s = { .pulse = pulse_new(LOOPS), .hang_wait = 300 * NANOS_PER_MS };
	char room[4096];
	nanos began = kernel_now();
	struct slice heard;

	scene_open(&s, behaviour);
	/* Nobody is served by a child that hangs; a busy machine may make its successor wait. */
	for (int i = 0; i < 5 && ask(&s) == 0; i++)
		;
	check(ask(&s) > 0 && s.shared->born >= 2, "%s is replaced", why);
	check(kernel_now() - began >= 300 * NANOS_PER_MS, "  after its time, and not before");
	kill(s.parent, SIGTERM);
	check_int(outcome(&s, 5000), 0, "  it ends");
	heard = said(&s, room, sizeof room);
	check(holds(heard, S("\"child_hangs\"")) &&
	    holds(heard, behaviour == HANG ? S("SIGABRT") : S("SIGKILL")), "  and says so");
	scene_close(&s);
	pulse_free(s.pulse);
}

/* Neither a stopped child hangs, nor one that was stopped together with its parent. */
static void
check_stopped(void)
{
	static const char *const why[2] = { "a stopped child is not aborted",
		"stopped together with its parent, it goes on" };
	struct scene scene[2];
	pid_t first[2];

	for (int i = 0; i < 2; i++) {
		scene[i] = (struct scene){ .pulse = pulse_new(LOOPS), .hang_wait = NANOS_PER_S };
		scene_open(&scene[i], SERVE);
		first[i] = ask(&scene[i]);
		check(first[i] > 0, "a child serves");
	}
	kill(scene[1].parent, SIGSTOP);
	for (int i = 0; i < 2; i++)
		kill(first[i], SIGSTOP);
	nap(2000);
	for (int i = 0; i < 2; i++)
		kill(first[i], SIGCONT);
	kill(scene[1].parent, SIGCONT);
	nap(300);
	for (int i = 0; i < 2; i++) {
		struct scene *s = &scene[i];

		check(ask(s) == first[i] && s->shared->born == 1, "%s", why[i]);
		kill(s->parent, SIGTERM);
		check_int(outcome(s, 5000), 0, "  it ends");
		scene_close(s);
		pulse_free(s->pulse);
	}
}

static void
check_delays(void)
{
	static const struct {
		unsigned	n;
		int		ms;
	} want[] = { { 1, 0 }, { 2, 10 }, { 3, 20 }, { 4, 40 }, { 10, 2560 }, { 11, 5000 },
		{ 12, 5000 }, { 4000000000, 5000 } };

	for (size_t i = 0; i < COUNT_OF(want); i++)
		check_int(supervisor_delay(want[i].n), want[i].ms * NANOS_PER_MS,
		    "crash %u in a row waits %d ms", want[i].n, want[i].ms);
}

int
main(void)
{
	must(prctl(PR_SET_CHILD_SUBREAPER, 1) == 0);
	check_delays();
	check_kill();
	check_stop();
	check_reload();
	check_loops();
	check_ends();
	check_pid_file();
	check_hang(HANG, "a child one of whose loops hangs");
	check_hang(HANG_DEAF, "one that does not even abort");
	check_stopped();
	return check_done();
}
