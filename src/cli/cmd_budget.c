/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_budget.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "desk/dial.h"

#define USAGE									\
	"usage: trivium budget list [--tenant NAME [--team NAME] [--key ID]]\n"	\
	"       trivium budget show ACCOUNT [--tenant NAME [--key ID]]\n"	\
	"       trivium budget adjust ACCOUNT --usd AMOUNT --reason TEXT\n"	\
	"                             [--tenant NAME [--key ID]]\n"		\
	"\n"									\
	"Tells the accounts of budgets in a running gateway: what of them is spent and held in\n" \
	"this period, and what is left.  adjust corrects what was spent, by an entry of the\n" \
	"ledger with who did it and why: 1.50 more, or -1.50 given back.\n"	\
	"\n"									\
	"  ACCOUNT                as list tells it: \"tenant acme month UTC\"\n"	\
	"  --tenant, --team, --key\n"						\
	"                         the accounts that a request of theirs is held against;\n" \
	"                         else those that the configuration names\n"	\
	"  --data FOLDER          the gateway's data folder, where its URL and the first\n"	\
	"                         admin's key are found (TRIVIUM_DATA, or ./data)\n"	\
	"  --url URL              of the admin port, instead\n"			\
	"  --admin-key-file FILE  the key of the operator who asks, instead\n"	\
	"  --json                 the gateway's answer as it is\n"		\
	"\n"									\
	"exit status: 0 done; 1 the gateway refused, or there is no such account; 2 the call is\n" \
	"wrong; 66 no gateway answers, or its key cannot be read\n"

#define BODY_BYTES	8192

struct wish {
	const char	*verb, *account;
	const char	*tenant, *team, *key, *usd, *reason;
	const char	*data, *url, *key_file;
	bool		 help, json, extra;
};

static struct slice
slice_from(const char *s)
{
	return s == NULL ? slice_of(NULL, 0) : slice_of(s, strlen(s));
}

static const struct { const char *name; size_t place; } texts[] = {
	{ "tenant", offsetof(struct wish, tenant) },
	{ "team", offsetof(struct wish, team) },
	{ "key", offsetof(struct wish, key) },
	{ "usd", offsetof(struct wish, usd) },
	{ "reason", offsetof(struct wish, reason) },
	{ "data", offsetof(struct wish, data) },
	{ "url", offsetof(struct wish, url) },
	{ "admin-key-file", offsetof(struct wish, key_file) },
};

#define TEXTS	(sizeof texts / sizeof texts[0])

/* False where getopt_long() has complained. */
static bool
read_wish(int argc, char **argv, struct wish *w)
{
	struct option option[TEXTS + 3] = {
		{ "help", no_argument, NULL, 'h' },
		{ "json", no_argument, NULL, 'j' },
	};
	int c;

	for (unsigned i = 0; i < TEXTS; i++)
		option[2 + i] = (struct option){ texts[i].name, required_argument, NULL,
		    256 + (int)i };
	while ((c = getopt_long(argc, argv, "h", option, NULL)) != -1) {
		if (c == '?')
			return false;
		if (c >= 256)
			*(const char **)((char *)w + texts[c - 256].place) = optarg;
		w->help |= c == 'h';
		w->json |= c == 'j';
	}
	w->verb = optind < argc ? argv[optind++] : NULL;
	w->account = optind < argc ? argv[optind++] : NULL;
	w->extra = optind < argc;
	return true;
}

/* ---- the call ---- */

/* Everything but letters, digits and what is never special in a query. */
static void
put_query(struct text *t, struct slice name, struct slice value)
{
	static const char hex[] = "0123456789ABCDEF";

	if (value.ptr == NULL)
		return;
	text_put(t, slice_find(text_slice(t), S("?")) < t->len ? S("&") : S("?"));
	text_put(t, name);
	text_put_char(t, '=');
	for (size_t i = 0; i < value.len; i++) {
		unsigned char c = (unsigned char)value.ptr[i];

		if ((c | 32) >= 'a' && (c | 32) <= 'z') {
			text_put_char(t, (char)c);
			continue;
		}
		text_put_char(t, '%');
		text_put_char(t, hex[c >> 4]);
		text_put_char(t, hex[c & 15]);
	}
}

static void
put_member(struct text *t, struct slice name, const char *value)
{
	if (value == NULL)
		return;
	text_put(t, t->len == 0 ? S("{\"") : S(",\""));
	text_put(t, name);
	text_put(t, S("\":"));
	text_put_json(t, slice_from(value));
}

static int
ask(struct desk *d, const struct wish *w, struct dial *call)
{
	char *room = arena_bytes(&d->arena, BODY_BYTES);
	bool adjusts = strcmp(w->verb, "adjust") == 0;
	struct text t;

	if (room == NULL)
		return DESK_WRONG;
	*call = (struct dial){ .data = w->data, .url = w->url, .key_file = w->key_file };
	text_init(&t, room, BODY_BYTES);
	if (adjusts) {
		put_member(&t, S("account"), w->account);
		put_member(&t, S("usd"), w->usd);
		put_member(&t, S("reason"), w->reason);
		put_member(&t, S("tenant"), w->tenant);
		put_member(&t, S("team"), w->team);
		put_member(&t, S("key"), w->key);
		text_put_char(&t, '}');
		call->body = text_slice(&t);
	} else {
		text_put(&t, S("budgets"));
		put_query(&t, S("tenant"), slice_from(w->tenant));
		put_query(&t, S("team"), slice_from(w->team));
		put_query(&t, S("key"), slice_from(w->key));
	}
	if (text_overflowed(&t))
		return desk_usage(d, "that is too long");
	call->method = adjusts ? S("POST") : S("GET");
	call->path = adjusts ? S("budgets/adjust") : text_slice(&t);
	return dial_gateway(d, call);
}

/* ---- what is printed ---- */

static void
print_row(struct desk *d, const struct json *j, uint32_t row)
{
	static const struct slice column[] = {
		{ "account", 7 }, { "spent_usd", 9 }, { "held_usd", 8 }, { "left_usd", 8 },
		{ "limit_usd", 9 }, { "ends", 4 },
	};

	for (size_t k = 0; k < sizeof column / sizeof column[0]; k++) {
		text_put(&d->out, k > 0 ? S("\t") : S(""));
		text_put(&d->out, dial_member(d, j, row, column[k]));
	}
	text_put_char(&d->out, '\n');
}

/* All rows, or that of one account; false: there is none. */
static bool
print_rows(struct desk *d, const struct json *j, const char *account)
{
	uint32_t data = json_member(j, 0, S("data"));
	bool any = account == NULL;

	for (uint32_t i = data + 1; data != 0 && i < j->node[data].next; i = j->node[i].next) {
		if (account != NULL && !slice_eq(dial_member(d, j, i, S("account")),
		    slice_from(account)))
			continue;
		print_row(d, j, i);
		any = true;
	}
	return any;
}

static int
run(struct desk *d, const struct wish *w)
{
	struct json_fault fault;
	struct dial call;
	struct json j;
	int status = ask(d, w, &call);

	if (w->json && status != DESK_UNREADABLE)
		text_put(&d->out, call.answer);
	if (status != DESK_OK || w->json)
		return status;
	text_put(&d->out, S("account\tspent\theld\tleft\tlimit\tends\n"));
	if (json_parse(&d->arena, call.answer, 0, &j, &fault) != ERR_OK)
		return DESK_WRONG;
	if (strcmp(w->verb, "adjust") == 0) {
		print_row(d, &j, 0);
	} else if (!print_rows(d, &j, w->account)) {
		desk_complain(d, SAY(S("there is no account `"), slice_from(w->account),
		    S("`; `trivium budget list` tells them")));
		return DESK_DIFFERS;
	}
	return DESK_OK;
}

static const char *
complaint(const struct wish *w)
{
	bool list = w->verb != NULL && strcmp(w->verb, "list") == 0;
	bool adjusts = w->verb != NULL && strcmp(w->verb, "adjust") == 0;

	if (w->verb == NULL || (!list && !adjusts && strcmp(w->verb, "show") != 0))
		return "say what to do: list, show or adjust";
	if (w->extra || list != (w->account == NULL))
		return list ? "too many arguments" : "say which account, in one argument";
	if (adjusts && (w->usd == NULL || w->reason == NULL))
		return "say by how much and why: --usd AMOUNT --reason TEXT";
	return NULL;
}

int
cmd_budget(int argc, char **argv)
{
	struct wish wish = { .help = false };
	bool good = read_wish(argc, argv, &wish);
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "budget"))
		return DESK_WRONG;
	if (!good || complaint(&wish) != NULL)
		status = desk_usage(&desk, good ? complaint(&wish) : NULL);
	else
		status = run(&desk, &wish);
	desk_flush(&desk);
	desk_close(&desk);
	return status;
}
