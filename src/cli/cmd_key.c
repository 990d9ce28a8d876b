/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_key.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "desk/desk.h"
#include "desk/dial.h"
#include "core/json.h"
#include "core/limit.h"
#include "run/file.h"

#define USAGE									\
	"usage: trivium key create [--name NAME] [--tenant NAME] [--team NAME]\n"	\
	"                          [--role NAME]\n"			\
	"                          [--models A,B] [--workloads A,B] [--zones A,B]\n"	\
	"                          [--level LEVEL] [--kinds A,B] [--endpoints A,B]\n"	\
	"                          [--limits NAME=N,...] [--budget USD/PER[/ZONE],...]\n" \
	"                          [--metadata NAME=TEXT]... [--expires TIME |\n"	\
	"                          --expires-in SECONDS]\n"			\
	"       trivium key list [--tenant NAME]\n"				\
	"       trivium key show|revoke|expire ID\n"				\
	"       trivium key rotate ID [--overlap SECONDS]\n"			\
	"       trivium key change ID [options of create]\n"			\
	"\n"									\
	"Makes and changes keys of callers in a running gateway.  create and rotate print\n"	\
	"the key on standard output, once; it is kept nowhere.  A revoked or expired key is\n"	\
	"refused from the next request on.\n"					\
	"\n"									\
	"  --limits               requests_per_minute=60, input_tokens_per_minute=…,\n"	\
	"                         output_tokens_per_minute=…, concurrency=…\n"	\
	"  --budget               100/month or 5/day/Europe/Berlin: at most four, of hour, day,\n" \
	"                         week, month or total\n"			\
	"  --data FOLDER          the gateway's data folder, where its URL and the first\n"	\
	"                         admin's key are found (TRIVIUM_DATA, or ./data)\n"	\
	"  --url URL              of the admin port, instead\n"			\
	"  --admin-key-file FILE  the key of the operator who asks, instead\n"	\
	"  --json                 the gateway's answer as it is\n"		\
	"\n"									\
	"exit status: 0 done; 1 the gateway refused; 2 the call is wrong; 66 no gateway\n"	\
	"answers, or its key cannot be read\n"

#define USAGE_OPERATOR									\
	"usage: trivium operator create --role admin|operator|auditor|viewer [--name NAME]\n"	\
	"                               [--expires TIME | --expires-in SECONDS]\n"	\
	"       trivium operator list\n"						\
	"       trivium operator show|revoke|expire ID\n"			\
	"       trivium operator rotate ID [--overlap SECONDS]\n"		\
	"       trivium operator change ID [--role ROLE] [--name NAME] [--expires TIME]\n"	\
	"\n"									\
	"Makes and changes keys of operators in a running gateway.  create and rotate print\n"	\
	"the key on standard output, once; it is kept nowhere.  An admin cannot end itself.\n"	\
	"\n"									\
	"  --data FOLDER          the gateway's data folder, where its URL and the first\n"	\
	"                         admin's key are found (TRIVIUM_DATA, or ./data)\n"	\
	"  --url URL              of the admin port, instead\n"			\
	"  --admin-key-file FILE  the key of the operator who asks, instead\n"	\
	"  --json                 the gateway's answer as it is\n"		\
	"\n"									\
	"exit status: 0 done; 1 the gateway refused; 2 the call is wrong; 66 no gateway\n"	\
	"answers, or its key cannot be read\n"

#define BODY_BYTES	65536

/* Options that are fields of the body, by what their value is. */
enum field_kind { FIELD_TEXT, FIELD_LIST, FIELD_NUMBER, FIELD_PAIR, FIELD_LIMITS, FIELD_BUDGET };

static const struct field {
	const char	*option, *name;
	enum field_kind	 kind;
} fields[] = {
	{ "name",	"name",			FIELD_TEXT },
	{ "tenant",	"tenant",		FIELD_TEXT },
	{ "team",	"team",			FIELD_TEXT },
	{ "role",	"role",			FIELD_TEXT },
	{ "level",	"level",		FIELD_TEXT },
	{ "kinds",	"kinds",		FIELD_LIST },
	{ "models",	"models",		FIELD_LIST },
	{ "workloads",	"workloads",		FIELD_LIST },
	{ "zones",	"zones",		FIELD_LIST },
	{ "endpoints",	"endpoints",		FIELD_LIST },
	{ "limits",	"limits",		FIELD_LIMITS },
	{ "budget",	"budget",		FIELD_BUDGET },
	{ "metadata",	"metadata",		FIELD_PAIR },
	{ "expires",	"expires",		FIELD_TEXT },
	{ "expires-in",	"expires_in",		FIELD_NUMBER },
	{ "overlap",	"overlap_seconds",	FIELD_NUMBER },
};

#define FIELDS	(sizeof fields / sizeof fields[0])

struct wish {
	const char	*noun, *verb, *id;	/* keys or operators; create … */
	const char	*data, *url, *key_file;
	const char	*value[FIELDS];
	const char	*pair[16];		/* of --metadata */
	unsigned	 pairs;
	bool		 help, json;
	const char	*complaint;
};

static struct slice
slice_from(const char *s)
{
	return slice_of(s, strlen(s));
}

/* ---- the call ---- */

static void
take_field(struct wish *w, unsigned at, const char *value)
{
	w->value[at] = value;
	if (fields[at].kind != FIELD_PAIR)
		return;
	if (strchr(value, '=') == NULL)
		w->complaint = "--metadata takes NAME=TEXT";
	else if (w->pairs == sizeof w->pair / sizeof w->pair[0])
		w->complaint = "there are more than 16 --metadata";
	else
		w->pair[w->pairs++] = value;
}

/* False where getopt_long() has complained. */
static bool
read_wish(int argc, char **argv, struct wish *w)
{
	struct option option[FIELDS + 6] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
		{ "data", required_argument, NULL, 'd' },
		{ "url", required_argument, NULL, 'u' },
		{ "admin-key-file", required_argument, NULL, 'k' },
	};
	int c;

	for (unsigned i = 0; i < FIELDS; i++)
		option[5 + i] = (struct option){ fields[i].option, required_argument, NULL,
		    256 + (int)i };
	while ((c = getopt_long(argc, argv, "h", option, NULL)) != -1) {
		if (c == '?')
			return false;
		if (c >= 256)
			take_field(w, (unsigned)c - 256, optarg);
		w->help |= c == 'h';
		w->json |= c == 'j';
		w->data = c == 'd' ? optarg : w->data;
		w->url = c == 'u' ? optarg : w->url;
		w->key_file = c == 'k' ? optarg : w->key_file;
	}
	w->verb = optind < argc ? argv[optind++] : NULL;
	w->id = optind < argc ? argv[optind++] : NULL;
	if (optind < argc)
		w->complaint = "too many arguments";
	return true;
}

/* What each verb is in the API. */
static const struct verb {
	const char	*name;
	struct slice	 method, tail;
	bool		 takes_id, body;
} verbs[] = {
	{ "create",	{ "POST", 4 },	{ "", 0 },		false,	true },
	{ "list",	{ "GET", 3 },	{ "", 0 },		false,	false },
	{ "show",	{ "GET", 3 },	{ "", 0 },		true,	false },
	{ "change",	{ "PATCH", 5 },	{ "", 0 },		true,	true },
	{ "expire",	{ "PATCH", 5 },	{ "", 0 },		true,	true },
	{ "rotate",	{ "POST", 4 },	{ "/rotate", 7 },	true,	true },
	{ "revoke",	{ "POST", 4 },	{ "/revoke", 7 },	true,	false },
};

static const struct verb *
find_verb(struct wish *w)
{
	const struct verb *found = NULL;

	for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
		if (w->verb != NULL && strcmp(verbs[i].name, w->verb) == 0)
			found = &verbs[i];
	if (found == NULL)
		w->complaint = "say what to do: create, list, show, change, rotate, revoke, "
		    "expire";
	else if (found->takes_id != (w->id != NULL))
		w->complaint = found->takes_id ? "say which: its ID" : "too many arguments";
	return found;
}

/* ---- the body ---- */

static void
put_list(struct text *t, struct slice list)
{
	text_put_char(t, '[');
	while (list.len > 0) {
		size_t end = slice_find(list, S(","));

		text_put_json(t, slice_cut(list, 0, end));
		list = slice_cut(list, end < list.len ? end + 1 : end, list.len);
		text_put(t, list.len > 0 ? S(",") : S(""));
	}
	text_put_char(t, ']');
}

static void
put_pairs(struct text *t, const struct wish *w)
{
	text_put_char(t, '{');
	for (unsigned i = 0; i < w->pairs; i++) {
		struct slice pair = slice_from(w->pair[i]);
		size_t at = slice_find(pair, S("="));

		text_put(t, i > 0 ? S(",") : S(""));
		text_put_json(t, slice_cut(pair, 0, at));
		text_put_char(t, ':');
		text_put_json(t, slice_cut(pair, at + 1, pair.len));
	}
	text_put_char(t, '}');
}

/* What stands before the first `sign` of a list; the list goes on behind it. */
static struct slice
take(struct slice *list, struct slice sign)
{
	size_t end = slice_find(*list, sign);
	struct slice each = slice_cut(*list, 0, end);

	*list = slice_cut(*list, end < list->len ? end + 1 : end, list->len);
	return each;
}

/* A=60,B=4 as {"A":60,"B":4}; the gateway says what is wrong with them. */
static void
put_limits(struct text *t, struct slice list)
{
	text_put_char(t, '{');
	while (list.len > 0) {
		struct slice amount = take(&list, S(","));
		uint64_t number;

		text_put_json(t, take(&amount, S("=")));
		text_put_char(t, ':');
		if (slice_number(amount, &number))
			text_put_number(t, number);
		else
			text_put_json(t, amount);
		text_put(t, list.len > 0 ? S(",") : S(""));
	}
	text_put_char(t, '}');
}

/* 100/month,5/day/Europe/Berlin as [{"usd":"100","per":"month"},…]. */
static void
put_budgets(struct text *t, struct slice list)
{
	text_put_char(t, '[');
	while (list.len > 0) {
		struct slice zone = take(&list, S(","));

		text_put(t, S("{\"usd\":"));
		text_put_json(t, take(&zone, S("/")));
		text_put(t, S(",\"per\":"));
		text_put_json(t, take(&zone, S("/")));
		if (zone.len > 0) {
			text_put(t, S(",\"time_zone\":"));
			text_put_json(t, zone);
		}
		text_put_char(t, '}');
		text_put(t, list.len > 0 ? S(",") : S(""));
	}
	text_put_char(t, ']');
}

static void
put_value(struct text *t, const struct wish *w, unsigned at)
{
	struct slice value = slice_from(w->value[at]);
	uint64_t number;

	switch (fields[at].kind) {
	case FIELD_LIST:
		put_list(t, value);
		break;
	case FIELD_PAIR:
		put_pairs(t, w);
		break;
	case FIELD_LIMITS:
		put_limits(t, value);
		break;
	case FIELD_BUDGET:
		put_budgets(t, value);
		break;
	case FIELD_NUMBER:
		if (slice_number(value, &number)) {
			text_put_number(t, number);
			break;
		}
		/* The gateway says what is wrong with it. */
		text_put_json(t, value);
		break;
	default:
		text_put_json(t, value);
	}
}

static void
put_body(struct text *t, const struct wish *w)
{
	bool any = false;

	text_put_char(t, '{');
	if (strcmp(w->verb, "expire") == 0)
		text_put(t, S("\"expires_in\":0"));
	for (unsigned i = 0; i < FIELDS; i++) {
		if (w->value[i] == NULL)
			continue;
		text_put(t, any ? S(",\"") : S("\""));
		text_put(t, slice_from(fields[i].name));
		text_put(t, S("\":"));
		put_value(t, w, i);
		any = true;
	}
	text_put_char(t, '}');
}

/* ---- what is printed ---- */

static void
print_list(struct desk *d, const struct json *j)
{
	static const struct slice column[] = {
		{ "id", 2 }, { "state", 5 }, { "tenant", 6 }, { "role", 4 }, { "expires", 7 },
		{ "name", 4 },
	};
	uint32_t data = json_member(j, 0, S("data")), more = json_member(j, 0, S("has_more"));

	for (uint32_t i = data + 1; data != 0 && i < j->node[data].next; i = j->node[i].next)
		for (size_t k = 0; k < sizeof column / sizeof column[0]; k++) {
			text_put(&d->out, k > 0 ? S("\t") : S(""));
			text_put(&d->out, dial_member(d, j, i, column[k]));
			text_put(&d->out, k == sizeof column / sizeof column[0] - 1 ? S("\n")
			    : S(""));
		}
	if (more != 0 && json_type(j, more) == JSON_TRUE)
		desk_complain(d, SAY(S("there are more; the API gives them by pages: ?after="),
		    dial_member(d, j, 0, S("last_id"))));
}

static void
print_members(struct desk *d, const struct json *j)
{
	for (uint32_t i = 1; i < j->node[0].next; i = j->node[j->node[i].next].next) {
		text_put(&d->out, json_inside(j, i));
		text_put_char(&d->out, '\t');
		text_put(&d->out, dial_member(d, j, 0, json_inside(j, i)));
		text_put_char(&d->out, '\n');
	}
}

/* A new key goes to standard output alone, so that a script can take it. */
static void
print_answer(struct desk *d, const struct wish *w, struct slice answer)
{
	struct json_fault fault;
	struct json j;

	if (w->json || json_parse(&d->arena, answer, 0, &j, &fault) != ERR_OK) {
		text_put(&d->out, answer);
	} else if (json_member(&j, 0, S("key")) != 0) {
		text_put(&d->out, dial_member(d, &j, 0, S("key")));
		text_put_char(&d->out, '\n');
		desk_complain(d, SAY(dial_member(d, &j, 0, S("id")), S(" is made; its text stands "
		    "here and nowhere else")));
	} else if (strcmp(w->verb, "list") == 0) {
		print_list(d, &j);
	} else {
		print_members(d, &j);
	}
}

static int
run(struct desk *d, const struct wish *w, const struct verb *verb)
{
	struct dial call = {
		.data = w->data, .url = w->url, .key_file = w->key_file, .method = verb->method,
	};
	char path[384];
	struct text t, body;
	int status;

	text_init(&body, arena_bytes(&d->arena, BODY_BYTES), BODY_BYTES);
	if (body.ptr == NULL)
		return DESK_WRONG;
	text_init(&t, path, sizeof path);
	text_put(&t, slice_from(w->noun));
	text_put(&t, verb->takes_id ? S("/") : S(""));
	text_put(&t, slice_from(verb->takes_id ? w->id : ""));
	text_put(&t, verb->tail);
	if (strcmp(w->verb, "list") == 0 && w->value[1] != NULL) {
		text_put(&t, S("?tenant="));
		text_put(&t, slice_from(w->value[1]));
	}
	if (verb->body)
		put_body(&body, w);
	if (text_overflowed(&t) || text_overflowed(&body))
		return desk_usage(d, "that is too long");
	call.path = text_slice(&t);
	call.body = text_slice(&body);
	status = dial_gateway(d, &call);
	if (status == DESK_OK)
		print_answer(d, w, call.answer);
	else if (w->json)
		text_put(&d->out, call.answer);
	return status;
}

static int
serve(int argc, char **argv, const char *command, const char *usage)
{
	struct wish wish = { .noun = strcmp(command, "key") == 0 ? "keys" : "operators" };
	bool good = read_wish(argc, argv, &wish);
	const struct verb *verb = NULL;
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(usage, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, command))
		return DESK_WRONG;
	if (good && wish.complaint == NULL)
		verb = find_verb(&wish);
	if (!good || wish.complaint != NULL)
		status = desk_usage(&desk, good ? wish.complaint : NULL);
	else
		status = run(&desk, &wish, verb);
	desk_flush(&desk);
	desk_close(&desk);
	return status;
}

int
cmd_key(int argc, char **argv)
{
	return serve(argc, argv, "key", USAGE);
}

int
cmd_operator(int argc, char **argv)
{
	return serve(argc, argv, "operator", USAGE_OPERATOR);
}
