/* SPDX-License-Identifier: Apache-2.0 */
/* trivium: settles what every command relies on, finds the command and lets it run. */
#include <stdio.h>
#include <string.h>

#include "core/slice.h"
#include "run/host.h"

#define CMD(name, what)	int cmd_##name(int argc, char **argv);
#include "cli/cmd.tbl"
#undef CMD

struct cmd {
	const char	*name;
	int		(*run)(int, char **);
	const char	*what;
};

static const struct cmd cmds[] = {
#define CMD(name, what)	{ #name, cmd_##name, what },
#include "cli/cmd.tbl"
#undef CMD
};

#define COUNT	(sizeof cmds / sizeof cmds[0])

static void
help(FILE *to)
{
	fputs("usage: trivium COMMAND [OPTIONS]\n\n"
	    "A gateway for AI models: every request goes only where its data may go.\n\n", to);
	for (size_t i = 0; i < COUNT; i++)
		fprintf(to, "  %-9s %s\n", cmds[i].name, cmds[i].what);
	fputs("\ntrivium COMMAND --help tells more.\n", to);
}

static int
unknown(const char *name)
{
	const struct cmd *near = NULL;
	unsigned best = 3;

	for (size_t i = 0; i < COUNT; i++) {
		unsigned far = slice_distance(slice_of(name, strlen(name)),
		    slice_of(cmds[i].name, strlen(cmds[i].name)));

		if (far < best) {
			best = far;
			near = &cmds[i];
		}
	}
	fprintf(stderr, "trivium: there is no command '%s'", name);
	if (near != NULL)
		fprintf(stderr, "; did you mean '%s'?\n", near->name);
	else
		fputs("; see trivium --help\n", stderr);
	return 2;
}

/* getopt begins its complaints with the word before the options; the program belongs to it. */
static int
run(const struct cmd *c, int argc, char **argv)
{
	char name[64];

	snprintf(name, sizeof name, "trivium %s", c->name);
	argv[0] = name;
	return c->run(argc, argv);
}

int
main(int argc, char **argv)
{
	host_settle();
	if (argc < 2) {
		help(stderr);
		return 2;
	}
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0 ||
	    strcmp(argv[1], "help") == 0) {
		help(stdout);
		return 0;
	}
	if (strcmp(argv[1], "--version") == 0)
		argv[1] = "version";
	for (size_t i = 0; i < COUNT; i++)
		if (strcmp(argv[1], cmds[i].name) == 0)
			return run(&cmds[i], argc - 1, argv + 1);
	return unknown(argv[1]);
}
