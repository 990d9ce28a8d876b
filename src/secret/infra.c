/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/infra.h"

#include "core/vec.h"
#include "guess/value.h"

#define BLOCK_BYTES	64

/* A name of a host (RFC 1035), and everything else that is read around a sign. */
#define NAME_BYTES_MAX	253
#define LINE_BYTES_MAX	160

/* The word that says what a UUID is stands in so many bytes before it. */
#define NEAR_BYTES	40

struct pass {
	const struct look	*look;
	struct slice		 text;
	size_t			 end;	/* of the last finding */
};

static bool
is_letter(char c)
{
	return (unsigned)((c | 0x20) - 'a') < 26;
}

static bool
is_digit(char c)
{
	return (unsigned)(c - '0') < 10;
}

static bool
is_word(char c)
{
	return is_letter(c) || is_digit(c) || c == '_' || c == '-';
}

static bool
is_host(char c)
{
	return is_letter(c) || is_digit(c) || c == '-' || c == '.' || c == '_';
}

static bool
is_path(char c)
{
	return is_word(c) || c == '.' || c == '/' || c == ':' || c == '@' || c == '+' || c == '=' ||
	    c == '*' || c == '$' || c == '~' || c == '%';
}

static char
at_or_0(struct slice s, size_t at)
{
	return at < s.len ? s.ptr[at] : 0;
}

static bool
starts_at(const struct pass *p, size_t at, struct slice words)
{
	return at <= p->text.len && slice_starts(slice_cut(p->text, at, p->text.len), words);
}

static bool
ends_at(const struct pass *p, size_t end, struct slice words)
{
	return end >= words.len &&
	    memcmp(p->text.ptr + end - words.len, words.ptr, words.len) == 0;
}

static void
add(struct pass *p, enum detect_type type, size_t start, size_t end, unsigned score)
{
	if (start < p->end)
		return;
	findings_add(p->look->findings, (struct finding){ .start = (uint32_t)start,
	    .end = (uint32_t)end, .type = (uint16_t)type, .score = (uint8_t)score,
	    .evidence = EVIDENCE_SHAPE | EVIDENCE_PREFIX });
	p->end = end;
}

static size_t
back_over(const struct pass *p, size_t at, bool (*is)(char))
{
	size_t floor = at > NAME_BYTES_MAX ? at - NAME_BYTES_MAX : 0;

	while (at > floor && is(p->text.ptr[at - 1]))
		at--;
	return at;
}

static size_t
over(const struct pass *p, size_t at, bool (*is)(char))
{
	size_t most = p->text.len - at < 2 * NAME_BYTES_MAX ? p->text.len : at + 2 * NAME_BYTES_MAX;

	while (at < most && is(p->text.ptr[at]))
		at++;
	/* What ends a sentence does not belong to it. */
	while (at > 0 && memchr(".:*~$", p->text.ptr[at - 1], 5) != NULL)
		at--;
	return at;
}

/* ---- hosts ---- */

static const struct slice inside[] = {
	{ "internal", 8 }, { "corp", 4 }, { "local", 5 }, { "lan", 3 }, { "intra", 5 },
	{ "intranet", 8 }, { "localdomain", 11 }, { "home.arpa", 9 }, { "private", 7 },
	{ "svc", 3 },
};

/* At `at` stands the dot before the last part of a name that only an internal DNS knows. */
static void
see_host(struct pass *p, size_t at)
{
	size_t start, end, dots = 0, marks = 0, i = 0;

	while (i < sizeof inside / sizeof inside[0] && !(starts_at(p, at + 1, inside[i]) &&
	    !is_word(at_or_0(p->text, at + 1 + inside[i].len))))
		i++;
	if (i == sizeof inside / sizeof inside[0])
		return;
	start = back_over(p, at, is_host);
	if (start == at || p->text.ptr[start] == '.')
		return;
	end = at + 1 + inside[i].len;
	if (inside[i].len == 3 && inside[i].ptr[0] == 's') {
		if (!starts_at(p, end, S(".cluster.local")))
			return;
		end += 14;
	}
	if (at_or_0(p->text, end) == '(' || (at_or_0(p->text, end) == '.' &&
	    is_word(at_or_0(p->text, end + 1))))
		return;
	for (size_t c = start; c < at; c++) {
		dots += p->text.ptr[c] == '.';
		marks += is_digit(p->text.ptr[c]) || p->text.ptr[c] == '-';
	}
	/* Members of a program's objects look alike; hosts have numbers, more parts, a scheme. */
	if (dots == 0 && marks == 0 && end < at + 15 && !ends_at(p, start, S("//")) &&
	    !ends_at(p, start, S("@")))
		return;
	add(p, TYPE_internal_host, start, end, 80);
}

/* ---- addresses ---- */

/* Reads up to three digits; more or none are no octet. */
static bool
read_octet(const struct pass *p, size_t *at, unsigned *value)
{
	size_t start = *at;

	for (*value = 0; *at < p->text.len && is_digit(p->text.ptr[*at]) && *at < start + 4; ++*at)
		*value = *value * 10 + (unsigned)(p->text.ptr[*at] - '0');
	return *at > start && *at < start + 4 && *value < 256;
}

static bool
is_private(const unsigned octet[4])
{
	return octet[0] == 10 || (octet[0] == 172 && octet[1] >= 16 && octet[1] < 32) ||
	    (octet[0] == 192 && octet[1] == 168) || (octet[0] == 169 && octet[1] == 254) ||
	    (octet[0] == 100 && octet[1] >= 64 && octet[1] < 128);
}

/* At `at` stands the first dot of four numbers; those of RFC 1918, RFC 6598 and RFC 3927. */
static void
see_address(struct pass *p, size_t at)
{
	unsigned octet[4] = { 0 };
	size_t start = at, end;

	while (start > 0 && is_digit(p->text.ptr[start - 1]) && at - start < 4)
		start--;
	if (start > 0 && (is_word(p->text.ptr[start - 1]) || p->text.ptr[start - 1] == '.'))
		return;
	end = start;
	for (unsigned i = 0; i < 4; i++) {
		if (!read_octet(p, &end, &octet[i]) || (i < 3 && at_or_0(p->text, end++) != '.'))
			return;
	}
	if (is_word(at_or_0(p->text, end)) ||
	    (at_or_0(p->text, end) == '.' && is_digit(at_or_0(p->text, end + 1))))
		return;
	if (is_private(octet)) {
		if (at_or_0(p->text, end) == '/' && is_digit(at_or_0(p->text, end + 1)))
			end += is_digit(at_or_0(p->text, end + 2)) ? 3 : 2;
		add(p, TYPE_private_ip, start, end, 96);
	}
}

static bool
is_hex_or_colon(char c)
{
	return is_digit(c) || (unsigned)((c | 0x20) - 'a') < 6 || c == ':';
}

/* At `at` stands the first colon of an address of RFC 4193 or of a link (fe80::). */
static void
see_address6(struct pass *p, size_t at)
{
	const char *q = p->text.ptr + at - 4;
	size_t end = at, colons = 0;

	if ((q[0] | 0x20) != 'f' || (at > 4 && (is_word(q[-1]) || q[-1] == ':')))
		return;
	if (!((q[1] | 0x20) == 'c' || (q[1] | 0x20) == 'd' ||
	    ((q[1] | 0x20) == 'e' && q[2] == '8' && q[3] == '0')) || !is_hex_or_colon(q[2]) ||
	    !is_hex_or_colon(q[3]) || q[2] == ':' || q[3] == ':')
		return;
	for (; end < p->text.len && is_hex_or_colon(p->text.ptr[end]) && end < at + 36; end++)
		colons += p->text.ptr[end] == ':';
	if (colons >= 2 && end - at >= 3 && !is_word(at_or_0(p->text, end)))
		add(p, TYPE_private_ip, at - 4, end, 90);
}

/* ---- clouds ---- */

static const struct slice resources[] = {
	{ "i", 1 }, { "vpc", 3 }, { "subnet", 6 }, { "sg", 2 }, { "ami", 3 }, { "vol", 3 },
	{ "snap", 4 }, { "eni", 3 }, { "igw", 3 }, { "nat", 3 }, { "rtb", 3 }, { "acl", 3 },
	{ "eipalloc", 8 }, { "lt", 2 }, { "tgw", 3 }, { "pcx", 3 }, { "vpce", 4 }, { "fs", 2 },
};

/* At `at` stands the dash of i-0123456789abcdef0: eight hexadecimal digits, or seventeen. */
static void
see_resource(struct pass *p, size_t at)
{
	size_t start = at, end = at + 1, digits = 0, i = 0;

	while (start > 0 && (unsigned)(p->text.ptr[start - 1] - 'a') < 26 && at - start < 9)
		start--;
	for (; end < p->text.len && end - at < 19 && p->text.ptr[end] != ':' &&
	    is_hex_or_colon(p->text.ptr[end]); end++)
		digits += is_digit(p->text.ptr[end]);
	if ((end - at != 9 && end - at != 18) || digits < 2 || is_word(at_or_0(p->text, end)) ||
	    (start > 0 && is_word(p->text.ptr[start - 1])))
		return;
	while (i < sizeof resources / sizeof resources[0] &&
	    !slice_eq(slice_cut(p->text, start, at), resources[i]))
		i++;
	if (i < sizeof resources / sizeof resources[0])
		add(p, TYPE_cloud_resource, start, end, 90);
}

static const struct slice id_words[] = {
	{ "subscription", 12 }, { "tenant", 6 }, { "instance", 8 }, { "device", 6 }, { "host", 4 },
	{ "cluster", 7 }, { "node", 4 }, { "machine", 7 }, { "directory", 9 }, { "deployment", 10 },
	{ "volume", 6 }, { "vault", 5 },
};

/* Does s begin with one of them? */
static bool
is_id_word(struct slice s)
{
	for (size_t i = 0; i < sizeof id_words / sizeof id_words[0]; i++) {
		if ((s.ptr[0] | 0x20) == id_words[i].ptr[0] && s.len > id_words[i].len &&
		    slice_same_word(slice_cut(s, 0, id_words[i].len), id_words[i]))
			return true;
	}
	return false;
}

/* At `at` stands the first dash of a UUID; one of many, unless a word says of what. */
static void
see_uuid(struct pass *p, size_t at)
{
	size_t start = at - 8, floor = start > NEAR_BYTES ? start - NEAR_BYTES : 0;

	if (p->text.len - start < 36 || !value_is_uuid(slice_cut(p->text, start, start + 36)) ||
	    is_word(at_or_0(p->text, start + 36)) || (start > 0 && is_word(p->text.ptr[start - 1])))
		return;
	while (floor < start && !is_id_word(slice_cut(p->text, floor, start)))
		floor++;
	if (floor < start)
		add(p, TYPE_system_id, start, start + 36, 75);
}

/* What stands behind a dot in the name of a bucket's host, or of a registry's. */
static const struct {
	struct slice	words;
	uint16_t	type;
} domains[] = {
	{ { "s3.amazonaws.com", 16 }, TYPE_storage_bucket },
	{ { "s3-", 3 }, TYPE_storage_bucket },
	{ { "s3.", 3 }, TYPE_storage_bucket },
	{ { "blob.core.windows.net", 21 }, TYPE_storage_bucket },
	{ { "dfs.core.windows.net", 20 }, TYPE_storage_bucket },
	{ { "storage.googleapis.com", 22 }, TYPE_storage_bucket },
	{ { "digitaloceanspaces.com", 22 }, TYPE_storage_bucket },
	{ { "dkr.ecr.", 8 }, TYPE_container_image },
	{ { "azurecr.io/", 11 }, TYPE_container_image },
	{ { "pkg.dev/", 8 }, TYPE_container_image },
	{ { "gcr.io/", 7 }, TYPE_container_image },
	{ { "rds.amazonaws.com", 17 }, TYPE_database_address },
	{ { "database.windows.net", 20 }, TYPE_database_address },
};

static void
see_domain(struct pass *p, size_t at)
{
	size_t start, end;

	for (size_t i = 0; i < sizeof domains / sizeof domains[0]; i++) {
		if (!starts_at(p, at + 1, domains[i].words))
			continue;
		start = back_over(p, at, is_host);
		end = over(p, at, is_path);
		if (domains[i].words.len == 3 &&
		    slice_find(slice_cut(p->text, at, end), S("amazonaws.com")) == end - at)
			continue;
		add(p, (enum detect_type)domains[i].type, start, end, 85);
		return;
	}
}

/* storage.googleapis.com/NAME, s3.amazonaws.com/NAME, gcr.io/NAME: the name behind the host. */
static const struct {
	struct slice	host;
	uint16_t	type;
} hosts[] = {
	{ { "storage.googleapis.com/", 23 }, TYPE_storage_bucket },
	{ { "storage.cloud.google.com/", 25 }, TYPE_storage_bucket },
	{ { "s3.amazonaws.com/", 17 }, TYPE_storage_bucket },
	{ { "gcr.io/", 7 }, TYPE_container_image },
};

static void
see_known_host(struct pass *p, size_t at)
{
	for (size_t i = 0; i < sizeof hosts / sizeof hosts[0]; i++) {
		size_t first = slice_find(hosts[i].host, S("."));

		if (at < first || !starts_at(p, at - first, hosts[i].host) ||
		    (at > first && is_host(p->text.ptr[at - first - 1])) ||
		    !is_word(at_or_0(p->text, at - first + hosts[i].host.len)))
			continue;
		add(p, (enum detect_type)hosts[i].type, at - first, over(p, at, is_path), 85);
		return;
	}
}

/* ---- what stands around a colon ---- */

static const struct {
	struct slice	scheme;
	uint16_t	type;
} schemes[] = {
	{ { "s3", 2 }, TYPE_storage_bucket }, { { "s3a", 3 }, TYPE_storage_bucket },
	{ { "gs", 2 }, TYPE_storage_bucket }, { { "abfss", 5 }, TYPE_storage_bucket },
	{ { "wasbs", 5 }, TYPE_storage_bucket }, { { "postgres", 8 }, TYPE_database_address },
	{ { "postgresql", 10 }, TYPE_database_address }, { { "mysql", 5 }, TYPE_database_address },
	{ { "mongodb", 7 }, TYPE_database_address }, { { "mongodb+srv", 11 },
	    TYPE_database_address },
	{ { "redis", 5 }, TYPE_database_address }, { { "rediss", 6 }, TYPE_database_address },
	{ { "sqlserver", 9 }, TYPE_database_address }, { { "oracle", 6 }, TYPE_database_address },
	{ { "amqp", 4 }, TYPE_database_address }, { { "smb", 3 }, TYPE_server_path },
	{ { "nfs", 3 }, TYPE_server_path },
};

static bool
is_scheme(char c)
{
	return is_letter(c) || is_digit(c) || c == '+';
}

/* At `at` stands ://. */
static void
see_scheme(struct pass *p, size_t at)
{
	size_t start = back_over(p, at, is_scheme), end, i = 0;

	if (start < at && ends_at(p, start, S("jdbc:")))
		start -= 5;
	for (; i < sizeof schemes / sizeof schemes[0]; i++) {
		struct slice scheme = schemes[i].scheme;

		if (ends_at(p, at, scheme) &&
		    (at - scheme.len == start || ends_at(p, at - scheme.len, S(":"))))
			break;
	}
	if (i == sizeof schemes / sizeof schemes[0])
		return;
	end = over(p, at + 3, is_path);
	if (end < at + 6 || starts_at(p, at + 3, S("localhost")) ||
	    starts_at(p, at + 3, S("127.")) ||
	    slice_find(slice_cut(p->text, at, end), S("example")) < end - at)
		return;
	add(p, (enum detect_type)schemes[i].type, start, end, 88);
}

static void
see_colon(struct pass *p, size_t at)
{
	if (starts_at(p, at + 1, S("//"))) {
		see_scheme(p, at);
	} else if (ends_at(p, at, S("arn")) && starts_at(p, at + 1, S("aws")) &&
	    (at == 3 || !is_word(p->text.ptr[at - 4]))) {
		add(p, TYPE_cloud_resource, at - 3, over(p, at, is_path), 95);
	} else if (ends_at(p, at, S("jdbc")) && is_letter(at_or_0(p->text, at + 1))) {
		size_t end = over(p, at, is_path);

		if (end - at > 12)
			add(p, TYPE_database_address, at - 4, end, 85);
	} else if (at >= 4) {
		see_address6(p, at);
	}
}

/* ---- paths ---- */

static const struct slice roots[] = {
	{ "/home/", 6 }, { "/srv/", 5 }, { "/mnt/", 5 }, { "/data/", 6 }, { "/opt/", 5 },
	{ "/var/lib/", 9 }, { "/var/www/", 9 }, { "/var/log/", 9 }, { "/Users/", 7 },
};

static bool
is_file(char c)
{
	return is_word(c) || c == '.' || c == '/' || c == '~' || c == '+' || c == '@';
}

/* At `at` stands a slash: a path of a server, or a resource of Azure or Google. */
static void
see_slash(struct pass *p, size_t at)
{
	size_t i = 0, end, slashes = 0;

	if (starts_at(p, at, S("/subscriptions/"))) {
		end = over(p, at, is_path);
		if (end - at > 30)
			add(p, TYPE_cloud_resource, at, end, 92);
		return;
	}
	if (ends_at(p, at, S("projects")) && is_letter(at_or_0(p->text, at + 1))) {
		end = over(p, at, is_path);
		if (slice_find(slice_cut(p->text, at, end), S("/locations/")) < end - at ||
		    slice_find(slice_cut(p->text, at, end), S("/zones/")) < end - at ||
		    slice_find(slice_cut(p->text, at, end), S("/regions/")) < end - at ||
		    slice_find(slice_cut(p->text, at, end), S("/secrets/")) < end - at)
			add(p, TYPE_cloud_resource, at - 8, end, 88);
		return;
	}
	if (at > 0 && (is_file(p->text.ptr[at - 1]) || p->text.ptr[at - 1] == ':'))
		return;
	while (i < sizeof roots / sizeof roots[0] && !starts_at(p, at, roots[i]))
		i++;
	if (i == sizeof roots / sizeof roots[0])
		return;
	end = over(p, at, is_file);
	for (size_t c = at; c < end; c++)
		slashes += p->text.ptr[c] == '/';
	if (slashes >= 3 && end > at + roots[i].len + 3)
		add(p, TYPE_server_path, at, end, 70);
}

static bool
is_share(char c)
{
	return is_word(c) || c == '$' || c == '.' || c == '\\' || c == '~';
}

/* At `at` stand two backslashes: \\SERVER\SHARE (MS-DTYP 2.2.57). */
static void
see_share(struct pass *p, size_t at)
{
	size_t host = at + 2, end = host, mark = 0, more;

	/* Words of a program between backslashes have no number, dash, dot or capital. */
	for (; end < p->text.len && is_host(p->text.ptr[end]) && end - host < 64; end++) {
		char c = p->text.ptr[end];

		mark += is_digit(c) || c == '-' || c == '.' || (unsigned)(c - 'A') < 26;
	}
	if (end - host < 3 || at_or_0(p->text, end) != '\\' || !is_letter(p->text.ptr[host]) ||
	    !is_word(at_or_0(p->text, end + 1)))
		return;
	more = over(p, end, is_share);
	if (mark > 0 && more > end + 3)
		add(p, TYPE_server_path, at, more, 82);
}

/* At `at` stands a colon and a backslash: C:\Users\NAME\... */
static void
see_drive(struct pass *p, size_t at)
{
	size_t end = over(p, at + 1, is_share), marks = 0;

	if (at == 0 || !is_letter(p->text.ptr[at - 1]) || (at > 1 && is_word(p->text.ptr[at - 2])))
		return;
	for (size_t c = at; c < end; c++)
		marks += p->text.ptr[c] == '\\';
	if (marks >= 2 && end - at > 8)
		add(p, TYPE_server_path, at - 1, end, 72);
}

/* ---- lines of network devices ---- */

static const struct {
	struct slice	begins, then;
} lines[] = {
#define DEVICE(begins, then)	{ { begins, sizeof(begins) - 1 }, { then, sizeof(then) - 1 } },
#include "secret/infra.tbl"
#undef DEVICE
};

/* A set of their first two bytes. */
#define SLOT(s)		(((unsigned char)(s)[0] * 5U + (unsigned char)(s)[1]) & 63)
static const uint64_t lines_begin = 0
#define DEVICE(begins, then)	| UINT64_C(1) << SLOT(begins)
#include "secret/infra.tbl"
#undef DEVICE
    ;

static void
see_line(struct pass *p, size_t at)
{
	size_t start = at, end;

	while (start < p->text.len && start < at + 4 && p->text.ptr[start] == ' ')
		start++;
	if (p->text.len - start < 12 || (lines_begin >> SLOT(p->text.ptr + start) & 1) == 0)
		return;
	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++) {
		size_t behind = start + lines[i].begins.len;

		if (lines[i].begins.ptr[1] != p->text.ptr[start + 1] ||
		    !starts_at(p, start, lines[i].begins) || (lines[i].then.len == 0
		    ? !is_digit(at_or_0(p->text, behind)) : !starts_at(p, behind, lines[i].then)))
			continue;
		for (end = behind; end < p->text.len && end < start + LINE_BYTES_MAX &&
		    p->text.ptr[end] != '\n' && p->text.ptr[end] != '\r';)
			end++;
		add(p, TYPE_network_config, start, end, 85);
		return;
	}
}

/* ---- the pass ---- */

static void
see_dot(struct pass *p, size_t at)
{
	char before = at > 0 ? p->text.ptr[at - 1] : 0, after = at_or_0(p->text, at + 1);

	if (is_digit(before) && is_digit(after)) {
		see_address(p, at);
	} else if (is_word(before) && is_letter(after)) {
		see_known_host(p, at);
		if (memchr("sbdapgr", after, 7) != NULL)
			see_domain(p, at);
		if (memchr("iclhps", after, 6) != NULL)
			see_host(p, at);
	}
}

static void
see_dash(struct pass *p, size_t at)
{
	char after = at_or_0(p->text, at + 1);

	if (at == 0 || !is_hex_or_colon(after) || at < p->end)
		return;
	if (at >= 8 && at_or_0(p->text, at + 5) == '-' && at_or_0(p->text, at + 10) == '-')
		see_uuid(p, at);
	else if ((unsigned)(p->text.ptr[at - 1] - 'a') < 26)
		see_resource(p, at);
}

static void
see(struct pass *p, size_t at)
{
	char after = at_or_0(p->text, at + 1);

	if (at < p->end)
		return;
	switch (p->text.ptr[at]) {
	case '.':
		see_dot(p, at);
		break;
	case '-':
		see_dash(p, at);
		break;
	case ':':
		if (after == '\\')
			see_drive(p, at);
		else
			see_colon(p, at);
		break;
	case '/':
		see_slash(p, at);
		break;
	case '\\':
		if (after == '\\' && (at == 0 || p->text.ptr[at - 1] != '\\'))
			see_share(p, at);
		break;
	default:
		see_line(p, at + 1);
	}
}

static uint64_t
signs_of(const char *at)
{
	uint64_t signs = 0;

	for (unsigned i = 0; i < BLOCK_BYTES; i += VEC_BYTES) {
		struct vec v = vec_load(at + i);
		struct vec found = vec_or(vec_or(vec_within(v, '-', '/'), vec_is(v, ':')),
		    vec_or(vec_is(v, '\\'), vec_is(v, '\n')));

		signs |= (uint64_t)vec_mask(found) << i;
	}
	return signs;
}

void
infra_look(const struct look *l)
{
	struct pass p = { .look = l, .text = l->text };
	char rest[BLOCK_BYTES] = { 0 };
	uint64_t signs;

	see_line(&p, 0);
	for (size_t at = 0; at < l->text.len; at += BLOCK_BYTES) {
		if (l->text.len - at < BLOCK_BYTES)
			memcpy(rest, l->text.ptr + at, l->text.len - at);
		signs = signs_of(l->text.len - at < BLOCK_BYTES ? rest : l->text.ptr + at);
		for (; signs != 0; signs &= signs - 1)
			see(&p, at + (unsigned)__builtin_ctzll(signs));
	}
}
