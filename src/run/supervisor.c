/* SPDX-License-Identifier: Apache-2.0 */
#include "run/supervisor.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/limit.h"
#include "core/text.h"
#include "run/kernel.h"
#include "run/pulse.h"

#define LOOKS		10		/* at the pulse, for each hang_wait */
#define KILL_GRACE	NANOS_PER_S	/* beyond drain_wait: the child's own limit comes first */

struct watch {
	const struct supervisor	*plan;
	sigset_t		 heard;
	pid_t			 child;		/* 0: none now */
	nanos			 born;
	nanos			 start_at;	/* of the next child */
	nanos			 kill_at;	/* while stopping */
	nanos			 look_at;	/* at the child's pulse */
	bool			 aborted;	/* it hung, and was told so */
	unsigned		 crashes;	/* in a row, each within a second */
	bool			 stopping;
	bool			 ended;		/* with this status */
	int			 status;
};

/* ---- what happened, as a line of JSON ---- */

static void
begin_line(struct text *t, char *room, size_t bytes, const char *event)
{
	text_init(t, room, bytes);
	text_put(t, S("{\"time\":\""));
	text_put_time(t, kernel_wall());
	text_put(t, S("\",\"level\":\"error\",\"event\":"));
	text_put_json(t, slice_of(event, strlen(event)));
}

static void
put_field(struct text *t, struct slice name, int64_t value)
{
	text_put_char(t, ',');
	text_put_json(t, name);
	text_put_char(t, ':');
	text_put_signed(t, value);
}

static void
end_line(struct text *t)
{
	text_put(t, S("}\n"));
	(void)!write(STDERR_FILENO, t->ptr, t->len);
}

static void
tell_crash(const struct watch *w, pid_t pid, int status, nanos now)
{
	char room[512];
	struct text t;

	begin_line(&t, room, sizeof room, "child_crashed");
	put_field(&t, S("pid"), pid);
	if (WIFSIGNALED(status)) {
		const char *name = sigabbrev_np(WTERMSIG(status));

		put_field(&t, S("signal"), WTERMSIG(status));
		if (name != NULL) {
			text_put(&t, S(",\"signal_name\":\"SIG"));
			text_put(&t, slice_of(name, strlen(name)));
			text_put_char(&t, '"');
		}
		text_put(&t, WCOREDUMP(status) ? S(",\"core\":true") : S(",\"core\":false"));
	} else {
		put_field(&t, S("status"), WEXITSTATUS(status));
	}
	put_field(&t, S("lived_ms"), (now - w->born) / NANOS_PER_MS);
	put_field(&t, S("restart_in_ms"), (w->start_at - now) / NANOS_PER_MS);
	end_line(&t);
}

static void
tell(const char *event, int error)
{
	char room[256];
	struct text t;

	begin_line(&t, room, sizeof room, event);
	put_field(&t, S("errno"), error);
	end_line(&t);
}

/* ---- the child ---- */

static _Noreturn void
be_child(const struct watch *w, pid_t parent)
{
	sigset_t keep = w->heard;

	/* The parent may have died before the kernel was asked to watch it. */
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) != 0 || getppid() != parent)
		_exit(1);
	sigdelset(&keep, SIGCHLD);
	must(sigprocmask(SIG_SETMASK, &keep, NULL) == 0);
	exit(w->plan->child(w->plan->ctx));
}

static void
start_child(struct watch *w, nanos now)
{
	pid_t parent = getpid(), pid;

	if (w->plan->pulse != NULL)
		pulse_reset(w->plan->pulse);
	w->aborted = false;
	w->look_at = now;
	pid = fork();
	if (pid == 0)
		be_child(w, parent);
	w->born = now;
	if (pid > 0) {
		w->child = pid;
		return;
	}
	/* No memory or too many processes: the world's fault, and not for ever. */
	w->start_at = now + supervisor_delay(++w->crashes + 1);
	tell("child_not_started", errno);
}

/* Stopped by a signal, or by a debugger: then it does not turn, and does not hang. */
static bool
is_stopped(pid_t pid)
{
	char room[64] = "/proc/", stat[512];
	struct text t;
	ssize_t n;

	text_init(&t, room + 6, sizeof room - 7);
	text_put_signed(&t, pid);
	text_put(&t, S("/stat"));
	n = kernel_file_read(room, stat, sizeof stat);
	/* "pid (name) S ...", and the name may be anything. */
	while (n > 2 && stat[n - 3] != ')')
		n--;
	return n > 2 && (stat[n - 1] == 'T' || stat[n - 1] == 't');
}

/* Does the child live?  One that does not even abort is killed after as long again. */
static void
look(struct watch *w, nanos now)
{
	struct pulse *pulse = w->plan->pulse;
	char room[256];
	struct text t;

	w->look_at = now + w->plan->hang_wait / LOOKS;
	if (pulse_look(pulse) < LOOKS)
		return;
	pulse_forgive(pulse);
	if (is_stopped(w->child))
		return;
	begin_line(&t, room, sizeof room, "child_hangs");
	put_field(&t, S("pid"), w->child);
	end_line(&t);
	(void)!kill(w->child, w->aborted ? SIGKILL : SIGABRT);
	w->aborted = true;
}

static bool
is_watched(const struct watch *w)
{
	return w->plan->pulse != NULL && w->child != 0 && !w->stopping;
}

nanos
supervisor_delay(unsigned n)
{
	nanos delay = 10 * NANOS_PER_MS;

	if (n <= 1)
		return 0;
	for (unsigned i = 2; i < n && delay < RESTART_WAIT_MS_MAX * NANOS_PER_MS; i++)
		delay *= 2;
	return delay < RESTART_WAIT_MS_MAX * NANOS_PER_MS ? delay
	    : RESTART_WAIT_MS_MAX * NANOS_PER_MS;
}

static void
child_ended(struct watch *w, int status, nanos now)
{
	pid_t pid = w->child;
	bool by_itself = WIFEXITED(status);

	w->child = 0;
	if (w->stopping) {
		w->ended = true;
		w->status = by_itself ? WEXITSTATUS(status) : 1;
		return;
	}
	if (by_itself && (WEXITSTATUS(status) == SUPERVISOR_DONE ||
	    WEXITSTATUS(status) == SUPERVISOR_CONF)) {
		w->ended = true;
		w->status = WEXITSTATUS(status);
		return;
	}
	w->crashes = now - w->born < NANOS_PER_S ? w->crashes + 1 : 1;
	w->start_at = now + supervisor_delay(w->crashes);
	tell_crash(w, pid, status, now);
}

/* As the first process of a container, the parent is also that of every orphan. */
static void
reap(struct watch *w, nanos now)
{
	pid_t pid;
	int status;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0)
		if (pid == w->child)
			child_ended(w, status, now);
}

/* ---- signals ---- */

static void
stop(struct watch *w, nanos now)
{
	if (w->child == 0) {
		w->ended = true;
		w->status = 0;
	} else {
		(void)!kill(w->child, w->stopping ? SIGKILL : SIGTERM);
	}
	if (!w->stopping)
		w->kill_at = now + w->plan->drain_wait + KILL_GRACE;
	w->stopping = true;
}

static void
hear(struct watch *w, int signo, nanos now)
{
	switch (signo) {
	case SIGCHLD:
		reap(w, now);
		break;
	case SIGHUP:
		if (!w->stopping && (w->plan->reload == NULL || w->plan->reload(w->plan->ctx)) &&
		    w->child != 0)
			(void)!kill(w->child, SIGHUP);
		break;
	case SIGTERM:
	case SIGINT:
		stop(w, now);
		break;
	default:
		break;
	}
}

/* The next signal, or 0 when it is time for something else. */
static int
next_signal(const struct watch *w, nanos now)
{
	nanos at = w->stopping ? w->kill_at : w->child == 0 ? w->start_at
	    : is_watched(w) ? w->look_at : NANOS_NEVER;
	nanos wait = at == NANOS_NEVER ? 3600 * NANOS_PER_S : at > now ? at - now : 0;
	struct timespec t = { .tv_sec = wait / NANOS_PER_S, .tv_nsec = wait % NANOS_PER_S };
	int signo = sigtimedwait(&w->heard, NULL, &t);

	return signo > 0 ? signo : 0;
}

static bool
write_pid(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
	char room[24];
	struct text t;
	bool ok;

	if (fd < 0)
		return false;
	text_init(&t, room, sizeof room);
	text_put_signed(&t, getpid());
	text_put_char(&t, '\n');
	ok = write(fd, t.ptr, t.len) == (ssize_t)t.len;
	close(fd);
	return ok;
}

int
supervisor_run(const struct supervisor *plan)
{
	struct watch w = { .plan = plan, .start_at = kernel_now() };
	sigset_t before;

	must(sigemptyset(&w.heard) == 0 && sigaddset(&w.heard, SIGHUP) == 0 &&
	    sigaddset(&w.heard, SIGTERM) == 0 && sigaddset(&w.heard, SIGINT) == 0 &&
	    sigaddset(&w.heard, SIGCHLD) == 0);
	must(sigprocmask(SIG_BLOCK, &w.heard, &before) == 0);
	/* A log whose reader went away is no reason to die. */
	must(signal(SIGPIPE, SIG_IGN) != SIG_ERR);
	/* A file that may not grow any more is an error of its write. */
	must(signal(SIGXFSZ, SIG_IGN) != SIG_ERR);
	if (plan->pid_file != NULL && !write_pid(plan->pid_file))
		tell("pid_file_not_written", errno);
	while (!w.ended) {
		nanos now = kernel_now();
		int signo;

		if (w.child == 0 && now >= w.start_at)
			start_child(&w, now);
		if (is_watched(&w) && now >= w.look_at)
			look(&w, now);
		if (w.stopping && now >= w.kill_at && w.child != 0) {
			(void)!kill(w.child, SIGKILL);
			w.kill_at = NANOS_NEVER;
		}
		signo = next_signal(&w, now);
		hear(&w, signo, kernel_now());
	}
	if (plan->pid_file != NULL)
		(void)!unlink(plan->pid_file);
	must(sigprocmask(SIG_SETMASK, &before, NULL) == 0);
	return w.status;
}
