/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_run.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "serve/boot.h"
#include "serve/child.h"
#include "cli/cmd_version.h"
#include "serve/discover.h"
#include "conf/proof.h"
#include "core/limit.h"
#include "run/pulse.h"
#include "run/supervisor.h"

#define USAGE									\
	"usage: trivium run [--config FILE] [--pid-file FILE] [--print-config]\n"	\
	"\n"									\
	"Serves requests until SIGTERM or SIGINT; SIGHUP reads the file again.\n"	\
	"Without a file it serves what it finds: local engines at their usual ports\n"	\
	"and vendors' keys in the environment; where there is nothing, simulated models.\n"	\
	"\n"									\
	"  --config FILE    the configuration (doc/reference/configuration.md)\n"	\
	"  --print-config   print the configuration made of what is found, and end\n"	\
	"  --pid-file FILE  where the process writes its number\n"		\
	"\n"									\
	"exit status: 0 after a stop, 1 when it could not serve (a port in use),\n"	\
	"2 for a wrong option, 78 for a configuration with mistakes.\n"

struct wish {
	const char	*config;
	const char	*pid_file;
	bool		 print, help;
};

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "config",	required_argument,	NULL, 'c' },
		{ "pid-file",	required_argument,	NULL, 'p' },
		{ "print-config", no_argument,		NULL, 'P' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "c:h", options, NULL)) != -1) {
		if (c == 'c')
			w->config = optarg;
		else if (c == 'p')
			w->pid_file = optarg;
		else if (c == 'P')
			w->print = true;
		else if (c == 'h')
			w->help = true;
		else
			return false;
	}
	if (optind < argc) {
		fprintf(stderr, "trivium run: what is '%s'? "
		    "the configuration is given with --config\n", argv[optind]);
		return false;
	}
	return true;
}

/* Makes a configuration of what is on this machine, and says of what. */
static int
find_config(struct boot *b, FILE *out)
{
	size_t room_bytes = 65536;
	char *room = malloc(2 * room_bytes);
	struct text yaml, summary;

	if (room == NULL)
		return 1;
	text_init(&yaml, room, room_bytes);
	text_init(&summary, room + room_bytes, room_bytes);
	if (discover(&yaml, &summary) != ERR_OK) {
		fputs("trivium run: what was found on this machine is too much\n", stderr);
		free(room);
		return 1;
	}
	fwrite(summary.ptr, 1, summary.len, out);
	b->found = text_slice(&yaml);
	return 0;
}

static int
child(void *ctx)
{
	return child_run(ctx);
}

static bool
reload(void *ctx)
{
	struct boot *b = ctx;
	struct snapshot *fresh = boot_load(b);

	if (fresh == NULL)
		return false;
	snapshot_unref(b->snapshot);
	b->snapshot = fresh;
	return true;
}

int
cmd_run(int argc, char **argv)
{
	struct wish wish = { 0 };
	struct boot boot = { .admin = -1, .simulator = -1, .version = cmd_version_text() };
	int status;

	if (!read_wish(argc, argv, &wish)) {
		fputs("see trivium run --help\n", stderr);
		return 2;
	}
	if (wish.help) {
		fputs(USAGE, stdout);
		return 0;
	}
	if (wish.print && wish.config != NULL) {
		fputs("trivium run: a file is printed by trivium check --print-effective\n",
		    stderr);
		return 2;
	}
	if (proof_is_skipped())
		fputs("trivium run: WARNING: THIS BUILD IS UNPROVEN: it serves configurations that "
		    "break their own invariants; it is for tests alone\n", stderr);
	boot.path = wish.config;
	if (wish.config == NULL &&
	    (status = find_config(&boot, wish.print ? stderr : stdout)) != 0)
		return status;
	if (wish.print) {
		fwrite(boot.found.ptr, 1, boot.found.len, stdout);
		boot_close(&boot);
		return 0;
	}
	if ((status = boot_open(&boot)) != 0) {
		boot_close(&boot);
		return status;
	}
	struct supervisor supervisor = {
		.child = child,
		.reload = reload,
		.ctx = &boot,
		.drain_wait = boot.snapshot->drain_wait + 3 * NANOS_PER_S,
		.pid_file = wish.pid_file,
		.pulse = boot.pulse = pulse_new(boot.snapshot->workers),
		.hang_wait = HANG_WAIT_MS * NANOS_PER_MS,
	};

	if (boot.pulse == NULL) {
		fputs("trivium run: not enough memory\n", stderr);
		boot_close(&boot);
		return 1;
	}
	status = supervisor_run(&supervisor);
	pulse_free(boot.pulse);
	boot_close(&boot);
	return status;
}
