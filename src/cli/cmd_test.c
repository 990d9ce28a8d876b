/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_test.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "core/limit.h"
#include "run/file.h"
#include "study/told.h"
#include "study/trial.h"

#define USAGE									\
	"usage: trivium test --policy FILE [--json] [--at MOMENT] DIR|FILE...\n"	\
	"\n"									\
	"Decides requests that nobody sent, and compares with what is expected of them.\n"	\
	"Nothing is sent, and no secret is read.  Of a folder, all files *.json are read;\n"	\
	"each holds one case or a list of them.  A case is a request as trivium explain\n"	\
	"takes it, with a `name` and an `expect`, of which only what is said is compared:\n"	\
	"\n"									\
	"  {\"name\": \"health data stays at home\",\n"				\
	"   \"key\": \"helpdesk\", \"model\": \"auto\", \"label\": \"phi\",\n"		\
	"   \"expect\": {\"first\": \"onprem\", \"refused\": {\"frontier\": \"level\"}}}\n"	\
	"\n"									\
	"  plan       the models, in this order and no others\n"		\
	"  first      the model that is asked first; null: none\n"		\
	"  refused    {MODEL: REASON}, with the reasons of doc/reference/errors.md\n"	\
	"  label      its level and all of its kinds: \"regulated, phi\"\n"	\
	"  workload   its name\n"						\
	"  duties     all of them\n"						\
	"  exception  on which the first model leans; null: none\n"		\
	"  error      the code of the error answer, as policy_level; null: none\n"	\
	"\n"									\
	"  --at MOMENT  the time of decisions whose case has no `at` (usually now)\n"	\
	"  --json       one JSON object instead of TAP\n"			\
	"\n"									\
	"exit status: 0 all is as expected; 1 something is not; 2 the call is wrong, or the\n"	\
	"policy has mistakes; 65 a case cannot be used; 66 a file cannot be read\n"

struct wish {
	const char	*policy;
	struct slice	 at;
	bool		 json, help;
};

struct run {
	struct desk		*desk;
	const struct wish	*wish;
	const struct desk_policy *policy;
	const char		*path;		/* of the file that is read */
	struct slice		 text;		/* its content */
	struct json		 json;
	uint32_t		 count, failed;
};

static void
tell_json(struct run *r, const struct sample *sample, bool same, struct slice differences)
{
	struct text *t = &r->desk->out;

	text_put(t, r->count > 1 ? S(",\n{\"file\":") : S("\n{\"file\":"));
	text_put_json(t, slice_of(r->path, strlen(r->path)));
	text_put(t, S(",\"name\":"));
	text_put_json(t, sample->sketch.name);
	text_put(t, same ? S(",\"ok\":true}") : S(",\"ok\":false,\"differences\":"));
	if (same)
		return;
	text_put_json(t, differences);
	text_put_char(t, '}');
}

/* A name is shown as one line, whatever it is. */
static void
put_name(struct text *t, struct slice name)
{
	for (size_t i = 0; i < name.len; i++)
		text_put_char(t, (unsigned char)name.ptr[i] < 0x20 ? ' ' : name.ptr[i]);
}

static void
tell(struct run *r, const struct sample *sample, bool same, struct slice differences)
{
	struct text *t = &r->desk->out;

	if (r->desk->colour)
		text_put(t, same ? S("\033[32m") : S("\033[31m"));
	text_put(t, same ? S("ok ") : S("not ok "));
	text_put(t, r->desk->colour ? S("\033[0m") : S(""));
	text_put_number(t, r->count);
	text_put(t, S(" - "));
	put_name(t, sample->sketch.name);
	text_put_char(t, '\n');
	if (same)
		return;
	text_put(t, S("# "));
	text_put(t, slice_of(r->path, strlen(r->path)));
	text_put_char(t, '\n');
	while (differences.len > 0) {
		size_t end = slice_find(differences, S("\n"));

		text_put(t, S("#"));
		text_put(t, slice_cut(differences, 0, end));
		text_put_char(t, '\n');
		differences = slice_cut(differences, end + 1, differences.len);
	}
}

static enum err
judge(struct run *r, uint32_t node, struct sample *sample, struct trial *trial)
{
	struct arena *a = &r->desk->work;
	struct ruling *ruling = arena_alloc(a, sizeof *ruling);
	struct sketch sketch;
	enum err e;

	if (ruling == NULL)
		return ERR_MEMORY;
	if ((e = sample_sketch(&sketch, a, &r->json, node, trial->fault)) != ERR_OK)
		return e;
	trial->fault->offset = r->json.node[node].start;
	if (trial->expect == 0) {
		text_put(trial->fault->why, S("a case without `expect` tests nothing"));
		return ERR_CONF;
	}
	if (sketch.at.len == 0)
		sketch.at = r->wish->at;
	if (sketch.name.len == 0)
		sketch.name = S("a case without a name");
	if ((e = sample_make(sample, a, &sketch, desk_now(), trial->fault)) != ERR_OK ||
	    (e = sample_rule(sample, &r->policy->roster, a, ruling, trial->fault)) != ERR_OK)
		return e;
	trial->ruling = ruling;
	return trial_judge(trial);
}

static int
run_case(struct run *r, uint32_t node)
{
	struct desk *d = r->desk;
	const size_t room_bytes = 1 << 20;
	struct sample_fault fault = { r->json.node[node].start, desk_why(d) };
	struct text differences;
	struct sample *sample;
	struct trial trial;
	char *room;
	enum err e;

	arena_reset(&d->work);
	room = arena_bytes(&d->work, room_bytes);
	sample = arena_zero(&d->work, sizeof *sample);
	text_init(&differences, room, room == NULL ? 0 : room_bytes);
	trial = (struct trial){
		.json = &r->json,
		.expect = json_member(&r->json, node, S("expect")),
		.arena = &d->work,
		.differences = &differences,
		.fault = &fault,
	};
	e = sample == NULL || room == NULL ? ERR_MEMORY : judge(r, node, sample, &trial);
	if (e != ERR_OK) {
		desk_complain_at(d, r->path, r->text, fault.offset,
		    e == ERR_MEMORY ? err_info(e)->text : text_slice(fault.why));
		return DESK_DATA;
	}
	r->count++;
	r->failed += !trial.same;
	if (d->json)
		tell_json(r, sample, trial.same, text_slice(&differences));
	else
		tell(r, sample, trial.same, text_slice(&differences));
	desk_flush(d);
	return DESK_OK;
}

static int
run_cases(struct run *r)
{
	struct json_fault fault = { 0 };
	enum err e = json_parse(&r->desk->arena, r->text, JSON_DUPLICATES_REFUSED, &r->json,
	    &fault);

	if (e != ERR_OK) {
		desk_complain_at(r->desk, r->path, r->text, fault.offset, fault.why == NULL
		    ? err_info(e)->text : slice_of(fault.why, strlen(fault.why)));
		return DESK_DATA;
	}
	if (json_type(&r->json, 0) != JSON_ARRAY)
		return run_case(r, 0);
	for (uint32_t i = 1; i < r->json.node[0].next; i = r->json.node[i].next) {
		int status = run_case(r, i);

		if (status != DESK_OK)
			return status;
	}
	return DESK_OK;
}

static int
run_file(struct run *r, const char *path)
{
	int status = desk_read(r->desk, path, 2 * REQUEST_BYTES_MAX, &r->text);

	if (status != DESK_OK)
		return status;
	r->path = path;
	status = run_cases(r);
	file_free(r->text);
	return status;
}

static int
run_folder(struct run *r, const char *path)
{
	struct slice list, rest;
	int status = DESK_OK;

	if (file_list(path, S(".json"), &list, desk_why(r->desk)) != ERR_OK) {
		desk_complain(r->desk, SAY(text_slice(&r->desk->why)));
		return DESK_UNREADABLE;
	}
	for (rest = list; rest.len > 0 && status == DESK_OK;) {
		status = run_file(r, rest.ptr);
		rest = slice_cut(rest, strlen(rest.ptr) + 1, rest.len);
	}
	file_free(list);
	return status;
}

static int
run_all(struct run *r, char **paths, int count)
{
	struct text *t = &r->desk->out;
	int status = DESK_OK;

	text_put(t, r->desk->json ? S("{\"cases\":[") : S("TAP version 13\n"));
	for (int i = 0; i < count && status == DESK_OK; i++)
		status = file_is_folder(paths[i]) ? run_folder(r, paths[i])
		    : run_file(r, paths[i]);
	if (status == DESK_OK && r->count == 0) {
		desk_complain(r->desk, SAY(S("there is no case in what was named")));
		status = DESK_DATA;
	}
	if (r->desk->json) {
		text_put(t, S("],\n\"count\":"));
		text_put_number(t, r->count);
		text_put(t, S(",\"failed\":"));
		text_put_number(t, r->failed);
		text_put(t, status == DESK_OK ? S(",\"complete\":true}\n")
		    : S(",\"complete\":false}\n"));
	} else if (status == DESK_OK) {
		text_put(t, S("1.."));
		text_put_number(t, r->count);
		text_put(t, S("\n# "));
		text_put_number(t, r->count - r->failed);
		text_put(t, S(" of "));
		text_put_number(t, r->count);
		text_put(t, S(" as expected\n"));
	} else {
		text_put(t, S("Bail out! a case cannot be used\n"));
	}
	return status == DESK_OK && r->failed > 0 ? DESK_DIFFERS : status;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "policy",	required_argument,	NULL, 'P' },
		{ "at",		required_argument,	NULL, 'a' },
		{ "json",	no_argument,		NULL, 'j' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'P')
			w->policy = optarg;
		else if (c == 'a')
			w->at = slice_of(optarg, strlen(optarg));
		else if (c == 'j')
			w->json = true;
		else if (c == 'h')
			w->help = true;
		else
			return false;
	}
	return true;
}

int
cmd_test(int argc, char **argv)
{
	struct wish wish = { .policy = NULL };
	bool good = read_wish(argc, argv, &wish);
	struct desk_policy policy;
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "test"))
		return DESK_WRONG;
	desk.json = wish.json;
	if (!good || wish.policy == NULL || optind == argc) {
		status = desk_usage(&desk, !good ? NULL : wish.policy == NULL
		    ? "name the policy: --policy FILE" : "name a folder or a file of cases");
	} else if ((status = desk_load(&desk, wish.policy, &policy)) == DESK_OK) {
		struct run run = { .desk = &desk, .wish = &wish, .policy = &policy };

		status = run_all(&run, &argv[optind], argc - optind);
		desk_unload(&policy);
	}
	desk_close(&desk);
	return status;
}
