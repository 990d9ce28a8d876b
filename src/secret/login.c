/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/login.h"

#include "guess/entropy.h"
#include "guess/value.h"

#define SCHEME_BYTES_MAX	32
#define AUTHORITY_BYTES_MAX	256
#define URL_BYTES_MAX		512

static const struct slice databases[] = {
	{ "postgres", 8 }, { "postgresql", 10 }, { "mysql", 5 }, { "mariadb", 7 },
	{ "mongodb", 7 }, { "mongodb+srv", 11 }, { "redis", 5 }, { "rediss", 6 }, { "amqp", 4 },
	{ "amqps", 5 }, { "mssql", 5 }, { "sqlserver", 9 }, { "oracle", 6 }, { "clickhouse", 10 },
	{ "cassandra", 9 }, { "neo4j", 5 }, { "bolt", 4 }, { "cockroachdb", 11 }, { "db2", 3 },
	{ "couchdb", 7 }, { "elasticsearch", 13 }, { "nats", 4 }, { "kafka", 5 }, { "ldap", 4 },
};

/* What stands behind :// of an address that is a secret itself. */
static const struct slice webhooks[] = {
	{ "hooks.slack.com/services/", 25 }, { "hooks.slack.com/workflows/", 26 },
	{ "hooks.slack.com/triggers/", 25 }, { "discord.com/api/webhooks/", 25 },
	{ "discordapp.com/api/webhooks/", 28 }, { "outlook.office.com/webhook/", 27 },
	{ "outlook.office365.com/webhook/", 30 }, { "hooks.zapier.com/hooks/catch/", 29 },
	{ "chat.googleapis.com/v1/spaces/", 30 }, { "api.telegram.org/bot", 20 },
	{ "maker.ifttt.com/trigger/", 24 }, { "open.feishu.cn/open-apis/bot/", 29 },
};

static bool
is_any(struct slice word, const struct slice *list, size_t count)
{
	size_t i = 0;

	while (i < count && !slice_same_word(word, list[i]))
		i++;
	return i < count;
}

#define IS_ANY(word, list)	is_any(word, list, sizeof(list) / sizeof((list)[0]))

static void
add(const struct look *l, enum detect_type type, size_t start, size_t end)
{
	findings_add(l->findings, (struct finding){ .start = (uint32_t)start, .end = (uint32_t)end,
	    .type = (uint16_t)type, .score = 92, .evidence = EVIDENCE_SHAPE | EVIDENCE_CONTEXT });
}

static bool
is_url(char c)
{
	return (unsigned char)c > ' ' && (unsigned char)c < 0x7f &&
	    memchr("\"'<>`\\", c, 6) == NULL;
}

static size_t
url_end(struct slice text, size_t at)
{
	size_t most = text.len - at < URL_BYTES_MAX ? text.len : at + URL_BYTES_MAX;

	while (at < most && is_url(text.ptr[at]))
		at++;
	while (at > 0 && memchr(".,;:!?)]}", text.ptr[at - 1], 9) != NULL)
		at--;
	return at;
}

static bool
is_scheme(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26 || (unsigned)(c - '0') < 10 ||
	    c == '+' || c == '-' || c == '.';
}

static bool
has(struct slice s, struct slice words)
{
	return slice_find(s, words) < s.len;
}

/* A password, and not what stands for one in a manual. */
static bool
is_password(struct slice name, struct slice password)
{
	static const struct slice manual[] = {
		{ "pass", 4 }, { "password", 8 }, { "passwd", 6 }, { "pw", 2 }, { "pwd", 3 },
		{ "secret", 6 }, { "token", 5 }, { "host", 4 }, { "port", 4 }, { "user", 4 },
		{ "p", 1 }, { "x-oauth-basic", 13 }, { "test", 4 },
	};

	if (password.len < 2 || slice_eq(name, password) || IS_ANY(password, manual))
		return false;
	return memchr("$<{[%*", password.ptr[0], 6) == NULL && !has(password, S("{")) &&
	    !has(password, S("xxx")) && !has(password, S("***")) && !has(password, S("...")) &&
	    !has(password, S("assword"));
}

/* The name and password before the @ at `end`. */
static void
look_inside(const struct look *l, struct slice scheme, size_t start, size_t end)
{
	struct slice info = slice_cut(l->text, start, end), name, password;
	size_t colon = slice_find(info, S(":"));

	name = slice_cut(info, 0, colon);
	if (colon == info.len) {
		if (name.len >= 20 && value_is_random(name))
			add(l, TYPE_url_password, start, end);
		return;
	}
	password = slice_cut(info, colon + 1, info.len);
	if (!is_password(name, password))
		return;
	if (IS_ANY(scheme, databases)) {
		start = (size_t)(scheme.ptr - l->text.ptr);
		add(l, TYPE_database_url, start, url_end(l->text, end));
	} else {
		add(l, TYPE_url_password, start + colon + 1, end);
	}
}

/* And not what stands for one in a manual. */
static bool
is_address(struct slice s)
{
	return entropy_bits(s) >= 40 && !has(s, S("xxx")) && !has(s, S("XX" "X")) &&
	    !has(s, S("{")) && !has(s, S("..."));
}

void
login_at(const struct look *l, size_t at)
{
	struct slice text = l->text;
	size_t floor = at > SCHEME_BYTES_MAX ? at - SCHEME_BYTES_MAX : 0, scheme = at;
	size_t start = at + 3, end = start, sign = 0;
	size_t room = text.len - start, most = room < AUTHORITY_BYTES_MAX ? text.len
	    : start + AUTHORITY_BYTES_MAX;

	while (scheme > floor && is_scheme(text.ptr[scheme - 1]))
		scheme--;
	if (scheme == at)
		return;
	for (size_t i = 0; i < sizeof webhooks / sizeof webhooks[0]; i++) {
		size_t stop;

		if (!slice_starts(slice_cut(text, start, text.len), webhooks[i]))
			continue;
		stop = url_end(text, start);
		if (stop >= start + webhooks[i].len + 16 &&
		    is_address(slice_cut(text, start + webhooks[i].len, stop)))
			add(l, TYPE_webhook_url, scheme, stop);
		return;
	}
	for (; end < most && is_url(text.ptr[end]) && memchr("/?#", text.ptr[end],
	    3) == NULL; end++) {
		if (text.ptr[end] == '@')
			sign = end;
	}
	if (slice_starts(slice_cut(text, end, text.len), S("/webhookb2/"))) {
		add(l, TYPE_webhook_url, scheme, url_end(text, start));
		return;
	}
	if (sign > start)
		look_inside(l, slice_cut(text, scheme, at), start, sign);
}
