/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_explain.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "desk/lines.h"
#include "core/limit.h"
#include "run/file.h"
#include "study/past.h"
#include "study/told.h"

#define USAGE									\
	"usage: trivium explain --policy FILE REQUEST\n"			\
	"       trivium explain --policy FILE [--model NAME] [--label WORDS] [...]\n"	\
	"       trivium explain (--policy FILE | --archive DIR) --record FILE\n"	\
	"       trivium explain (--policy FILE | --archive DIR) --log FILE ID\n"	\
	"\n"									\
	"Tells what a policy decides about a request and why: the label and where each\n"	\
	"part of it came from, the plan, every refused model with its reason, the duties.\n"	\
	"Nothing is sent, and no secret is read.\n"				\
	"\n"									\
	"A request is a file (- is standard input), JSON or as it goes over the wire:\n"	\
	"  {\"path\": \"/v1/chat/completions\", \"headers\": {...},\n"		\
	"   \"key\": \"ID\", \"body\": {...}}\n"				\
	"or it is made of options:\n"						\
	"  --key ID          who asks, by the key's id (for a request file, too)\n"	\
	"  --workload NAME   as the header x-trivium-workload says it\n"	\
	"  --label WORDS     levels and kinds, as the header x-trivium-label says them\n"	\
	"  --model NAME      a model, a group, auto (usual) or workload/NAME\n"	\
	"  --path PATH       /v1/chat/completions is usual\n"			\
	"  --features NAMES  features that it uses, with commas between them\n"	\
	"  --tools NAMES     hosted tools that it switches on\n"		\
	"  --tokens N        tokens that must fit a context\n"			\
	"  --down MODELS     models whose breaker lets nothing pass\n"		\
	"  --full MODELS     models with as many requests in flight as they may have\n"	\
	"  --at MOMENT       the time of the decision, YYYY-MM-DD or YYYY-MM-DDTHH:MMZ\n"	\
	"\n"									\
	"A record is decided again from its facts, and compared:\n"		\
	"  --record FILE     one line of the log (- is standard input)\n"	\
	"  --log FILE ID     the record with this id (x-trivium-id) in a log\n"	\
	"  --archive DIR     where the gateway keeps its policies (`archive` in its\n"	\
	"                    configuration; else `policies` in its data folder): the\n"	\
	"                    record says which one decided\n"	\
	"\n"									\
	"  --json            one JSON object; `decision` is as in the record\n"	\
	"\n"									\
	"exit status: 0 it is told, and a record is reproduced; 1 a record is not\n"	\
	"reproduced; 2 the call is wrong, or the policy has mistakes; 65 the request or\n"	\
	"the record cannot be used; 66 a file cannot be read\n"

struct wish {
	const char	*policy, *archive, *record, *log, *rest;
	struct sketch	 sketch;
	bool		 json, help;
	bool		 about, flags;	/* options of a request; and such as a file has */
};

static const struct option options[] = {
	{ "policy",	required_argument,	NULL, 'P' },
	{ "archive",	required_argument,	NULL, 'A' },
	{ "record",	required_argument,	NULL, 'R' },
	{ "log",	required_argument,	NULL, 'L' },
	{ "json",	no_argument,		NULL, 'j' },
	{ "help",	no_argument,		NULL, 'h' },
	{ "key",	required_argument,	NULL, 'k' },
	{ "workload",	required_argument,	NULL, 'w' },
	{ "label",	required_argument,	NULL, 'l' },
	{ "model",	required_argument,	NULL, 'm' },
	{ "path",	required_argument,	NULL, 'p' },
	{ "features",	required_argument,	NULL, 'f' },
	{ "tools",	required_argument,	NULL, 't' },
	{ "tokens",	required_argument,	NULL, 'n' },
	{ "down",	required_argument,	NULL, 'd' },
	{ "full",	required_argument,	NULL, 'u' },
	{ "at",		required_argument,	NULL, 'a' },
	{ NULL, 0, NULL, 0 },
};

/* Where an option of the request is kept; NULL: it is none. */
static struct slice *
sketch_option(struct sketch *s, int c)
{
	switch (c) {
	case 'k':
		return &s->key;
	case 'w':
		return &s->workload;
	case 'l':
		return &s->label;
	case 'm':
		return &s->model;
	case 'p':
		return &s->path;
	case 'f':
		return &s->features;
	case 't':
		return &s->tools;
	case 'n':
		return &s->tokens;
	case 'd':
		return &s->down;
	case 'u':
		return &s->full;
	case 'a':
		return &s->at;
	default:
		return NULL;
	}
}

static bool
take_option(struct wish *w, int c)
{
	struct slice *said = sketch_option(&w->sketch, c);

	if (said != NULL) {
		*said = slice_of(optarg, strlen(optarg));
		/* These two are said beside a file, too. */
		w->flags |= c != 'k' && c != 'a';
		w->about = true;
		return true;
	}
	switch (c) {
	case 'P':
		w->policy = optarg;
		return true;
	case 'A':
		w->archive = optarg;
		return true;
	case 'R':
		w->record = optarg;
		return true;
	case 'L':
		w->log = optarg;
		return true;
	case 'j':
		return w->json = true;
	case 'h':
		return w->help = true;
	default:
		return false;
	}
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1)
		if (!take_option(w, c))
			return false;
	if (optind < argc)
		w->rest = argv[optind++];
	return optind == argc;
}

static const char *
complaint_past(const struct wish *w)
{
	if (w->record != NULL && w->log != NULL)
		return "--record or --log, not both";
	if (w->log != NULL && w->rest == NULL)
		return "--log FILE needs the ID of a record";
	if (w->record != NULL && w->rest != NULL)
		return "a record or a request, not both";
	return w->about ? "a record has its facts; options of a request do not go with it" : NULL;
}

/* What is wrong with a call, or NULL. */
static const char *
complaint(const struct wish *w)
{
	bool past = w->record != NULL || w->log != NULL;

	if (w->policy == NULL && w->archive == NULL)
		return past ? "name the policy: --policy FILE or --archive DIR"
		    : "name the policy: --policy FILE";
	if (w->policy != NULL && w->archive != NULL)
		return "--policy or --archive, not both";
	if (!past && w->archive != NULL)
		return "--archive is for a record, which says which policy decided";
	return past ? complaint_past(w) : w->rest != NULL && w->flags
	    ? "a request file or options of a request, not both (but --key and --at)" : NULL;
}

/* ---- a request ---- */

static int
read_sketch(struct desk *d, const char *path, struct slice text, struct sketch *s)
{
	struct sample_fault fault = { 0, desk_why(d) };
	struct json_fault stopped = { 0 };
	struct json json;
	struct slice first = slice_trim(text);
	enum err e;

	while (first.len > 0 && (first.ptr[0] == '\n' || first.ptr[0] == '\r'))
		first = slice_trim(slice_cut(first, 1, first.len));
	if (first.len == 0 || first.ptr[0] != '{') {
		e = sample_sketch_http(s, &d->arena, text, &fault);
	} else {
		e = json_parse(&d->arena, text, JSON_DUPLICATES_REFUSED, &json, &stopped);
		if (e != ERR_OK) {
			fault.offset = stopped.offset;
			text_put(fault.why, S("this is not JSON: "));
			text_put(fault.why, stopped.why == NULL ? err_info(e)->text
			    : slice_of(stopped.why, strlen(stopped.why)));
		} else {
			e = sample_sketch(s, &d->arena, &json, 0, &fault);
		}
	}
	if (e == ERR_OK)
		return DESK_OK;
	desk_complain_at(d, path, text, fault.offset, text_slice(fault.why));
	return DESK_DATA;
}

static int
explain_sketch(struct desk *d, const struct desk_policy *p, const struct sketch *sketch)
{
	struct sample_fault fault = { 0, desk_why(d) };
	struct sample sample;
	struct ruling *ruling = arena_alloc(&d->arena, sizeof *ruling);
	struct telling told = {
		ruling, S("said by the request"), &d->arena, d->colour, d->json,
	};
	enum err e = ruling == NULL ? ERR_MEMORY : ERR_OK;

	if (e == ERR_OK)
		e = sample_make(&sample, &d->arena, sketch, desk_now(), &fault);
	if (e == ERR_OK)
		e = sample_rule(&sample, &p->roster, &d->arena, ruling, &fault);
	if (e != ERR_OK) {
		desk_complain(d, SAY(e == ERR_MEMORY ? err_info(e)->text : text_slice(fault.why)));
		return DESK_DATA;
	}
	told_put(&d->out, &told);
	if (d->json)
		text_put_char(&d->out, '\n');
	if (ruling->err == ERR_KEY_MISSING)
		desk_complain(d, SAY(S("this policy has keys; say whose request it is with "
		    "--key ID, or `key` in its file")));
	return DESK_OK;
}

static int
explain_request(struct desk *d, const struct wish *w)
{
	struct sketch sketch = w->sketch;
	struct slice text = slice_of(NULL, 0);
	struct desk_policy policy;
	int status = desk_load(d, w->policy, &policy);

	if (status != DESK_OK)
		return status;
	if (w->rest != NULL)
		status = desk_read(d, w->rest, 2 * REQUEST_BYTES_MAX, &text);
	if (status == DESK_OK && w->rest != NULL)
		status = read_sketch(d, w->rest, text, &sketch);
	if (w->sketch.key.len > 0)
		sketch.key = w->sketch.key;
	if (w->sketch.at.len > 0)
		sketch.at = w->sketch.at;
	if (status == DESK_OK)
		status = explain_sketch(d, &policy, &sketch);
	file_free(text);
	desk_unload(&policy);
	return status;
}

/* ---- a record ---- */

static int
load_policy(struct desk *d, const struct wish *w, const struct past *past,
    struct desk_policy *out)
{
	struct slice hash;
	int status;

	if (w->archive != NULL)
		return desk_load_archived(d, w->archive, past->policy, out);
	if ((status = desk_load(d, w->policy, out)) != DESK_OK)
		return status;
	hash = slice_of(out->snapshot->hash, SNAPSHOT_HASH_BYTES);
	if (slice_eq(hash, past->policy))
		return DESK_OK;
	desk_complain(d, SAY(S("the record was decided by policy "), past->policy, S(", and "),
	    slice_of(w->policy, strlen(w->policy)), S(" is "), hash, S("; give the file of that "
	    "time, or --archive DIR where the gateway keeps its policies. To see what this policy "
	    "would do, use trivium replay.")));
	desk_unload(out);
	return DESK_DATA;
}

static void
put_outcome(struct desk *d, const struct past *past, struct slice differences)
{
	struct text *t = &d->out;

	if (d->json) {
		text_put(t, S("{\"id\":"));
		text_put_json(t, past->id);
		text_put(t, S(",\"time\":"));
		text_put_json(t, past->time);
		text_put(t, differences.len == 0 ? S(",\"reproduced\":true,\"explanation\":")
		    : S(",\"reproduced\":false,\"differences\":"));
		if (differences.len > 0) {
			text_put_json(t, differences);
			text_put(t, S(",\"explanation\":"));
		}
		return;
	}
	told_put_bold(t, d->colour, S("record"));
	text_put(t, S("    "));
	text_put(t, past->id);
	text_put(t, S(", "));
	text_put(t, past->time);
	text_put(t, differences.len == 0 ? S("\n          reproduced: its facts give the same "
	    "decision again\n") : S("\n          not reproduced; this differs:\n"));
	text_put(t, differences);
}

static int
explain_past(struct desk *d, const struct past *past, const struct desk_policy *policy)
{
	const size_t room_bytes = 1 << 20;
	char *room = arena_bytes(&d->arena, room_bytes);
	struct ruling *ruling = arena_alloc(&d->arena, sizeof *ruling);
	struct telling told = {
		ruling, S("recorded of the request"), &d->arena, d->colour, d->json,
	};
	struct text differences, *why = desk_why(d);
	enum err e = ruling == NULL || room == NULL ? ERR_MEMORY : ERR_OK;

	text_init(&differences, room, room == NULL ? 0 : room_bytes);
	if (e == ERR_OK)
		e = past_rule(past, &policy->roster, &d->arena, ruling, why);
	if (e != ERR_OK) {
		desk_complain(d, SAY(e == ERR_MEMORY ? err_info(e)->text : text_slice(why)));
		return DESK_DATA;
	}
	if (past_compare(past, ruling, &d->arena, &differences) == ERR_MEMORY) {
		desk_complain(d, SAY(err_info(ERR_MEMORY)->text));
		return DESK_DATA;
	}
	put_outcome(d, past, text_slice(&differences));
	told_put(&d->out, &told);
	text_put(&d->out, d->json ? S("}\n") : S(""));
	return differences.len == 0 ? DESK_OK : DESK_DIFFERS;
}

static int
explain_record(struct desk *d, const struct wish *w, const struct past *past)
{
	struct desk_policy policy;
	int status;

	if (past->decision == 0) {
		desk_complain(d, SAY(S("record "), past->id, S(" has no decision: it ended as "),
		    past->err, S(" before one was made")));
		return DESK_DATA;
	}
	if ((status = load_policy(d, w, past, &policy)) != DESK_OK)
		return status;
	status = explain_past(d, past, &policy);
	desk_unload(&policy);
	return status;
}

static int
explain_record_file(struct desk *d, const struct wish *w)
{
	struct slice text;
	struct past past;
	struct text *why;
	int status = desk_read(d, w->record, REQUEST_BYTES_MAX, &text);

	if (status != DESK_OK)
		return status;
	why = desk_why(d);
	switch (past_read(&past, &d->arena, text, why)) {
	case PAST_RECORD:
		status = explain_record(d, w, &past);
		break;
	case PAST_OTHER:
		text_put(why, S("this is no record of a request"));
		/* fallthrough */
	case PAST_WRONG:
		desk_complain(d, SAY(slice_of(w->record, strlen(w->record)), S(": "),
		    text_slice(why)));
		status = DESK_DATA;
	}
	file_free(text);
	return status;
}

/*
 * The next record of an id; lines without it are not read any further.  True at
 * one, and at a line that cannot be read, which ends the search with a status.
 */
static bool
find_next(struct desk *d, struct lines *lines, struct slice id, struct past *past, int *status)
{
	struct slice line;

	while (lines_next(lines, &line)) {
		struct text *why = desk_why(d);
		enum past_line is;

		if (slice_find(line, id) == line.len)
			continue;
		line = arena_copy(&d->arena, line);
		is = past_read(past, &d->arena, line, why);
		if (is == PAST_WRONG) {
			lines_complain(lines, d, SAY(text_slice(why)));
			*status = DESK_DATA;
			return true;
		}
		if (is == PAST_RECORD && slice_eq(past->id, id))
			return true;
	}
	return false;
}

/* Of a request whose record was opened before it was sent, the line that follows counts. */
static int
explain_logged(struct desk *d, const struct wish *w)
{
	struct slice id = slice_of(w->rest, strlen(w->rest));
	struct lines lines;
	struct past past, next;
	int status = lines_open(&lines, d, w->log);
	bool any = false;

	if (status != DESK_OK)
		return status;
	while ((!any || past.opened) && find_next(d, &lines, id, &next, &status)) {
		if (status != DESK_OK)
			break;
		past = next;
		any = true;
	}
	lines_close(&lines);
	if (any)
		return explain_record(d, w, &past);
	if (status == DESK_OK)
		desk_complain(d, SAY(slice_of(w->log, strlen(w->log)), S(": there is no record "),
		    id));
	return DESK_DATA;
}

int
cmd_explain(int argc, char **argv)
{
	struct wish wish = { .json = false };
	struct desk desk;
	bool good = read_wish(argc, argv, &wish);
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "explain"))
		return DESK_WRONG;
	desk.json = wish.json;
	if (!good || complaint(&wish) != NULL)
		status = desk_usage(&desk, good ? complaint(&wish) : NULL);
	else if (wish.record != NULL)
		status = explain_record_file(&desk, &wish);
	else
		status = wish.log != NULL ? explain_logged(&desk, &wish)
		    : explain_request(&desk, &wish);
	desk_close(&desk);
	return status;
}
