/* SPDX-License-Identifier: Apache-2.0 */
#include "run/address.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#define V4(a, b, c, d)	{ 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, a, b, c, d }
#define V6(...)		{ __VA_ARGS__ }

/*
 * The special-purpose registries of IANA (RFC 6890 and its updates), and the
 * metadata services that hide in ranges of other use.  The first row that fits
 * counts; what fits none is public.
 */
static const struct range {
	uint8_t			prefix[16];
	uint8_t			bits;
	enum address_scope	scope;
} ranges[] = {
	{ V4(100, 100, 100, 200), 128, ADDRESS_FORBIDDEN },	/* metadata of Alibaba Cloud */
	{ V4(168, 63, 129, 16), 128, ADDRESS_FORBIDDEN },	/* the host agent of Azure */
	{ V4(0, 0, 0, 0), 104, ADDRESS_FORBIDDEN },	/* connects to this machine */
	{ V4(10, 0, 0, 0), 104, ADDRESS_PRIVATE },
	{ V4(100, 64, 0, 0), 106, ADDRESS_PRIVATE },
	{ V4(127, 0, 0, 0), 104, ADDRESS_LOOPBACK },
	{ V4(169, 254, 0, 0), 112, ADDRESS_FORBIDDEN },	/* link-local, metadata of most clouds */
	{ V4(172, 16, 0, 0), 108, ADDRESS_PRIVATE },
	{ V4(192, 0, 0, 0), 120, ADDRESS_FORBIDDEN },	/* protocols; metadata of Oracle */
	{ V4(192, 0, 2, 0), 120, ADDRESS_FORBIDDEN },	/* documentation */
	{ V4(192, 88, 99, 0), 120, ADDRESS_FORBIDDEN },	/* 6to4 relays */
	{ V4(192, 168, 0, 0), 112, ADDRESS_PRIVATE },
	{ V4(198, 18, 0, 0), 111, ADDRESS_FORBIDDEN },	/* benchmarks */
	{ V4(198, 51, 100, 0), 120, ADDRESS_FORBIDDEN },	/* documentation */
	{ V4(203, 0, 113, 0), 120, ADDRESS_FORBIDDEN },	/* documentation */
	{ V4(224, 0, 0, 0), 99, ADDRESS_FORBIDDEN },	/* multicast, reserved, broadcast */
	{ V4(0, 0, 0, 0), 96, ADDRESS_PUBLIC },
	{ V6([15] = 1), 128, ADDRESS_LOOPBACK },
	{ V6(0xfd, 0, 0x0e, 0xc2, [14] = 0x02, 0x54), 128, ADDRESS_FORBIDDEN },	/* AWS metadata */
	{ V6(0xfd, 0x20, 0, 0xce, [14] = 0x02, 0x54), 128, ADDRESS_FORBIDDEN },	/* Google's */
	{ V6(0xfc), 7, ADDRESS_PRIVATE },
	{ V6(0x20, 0x01), 23, ADDRESS_FORBIDDEN },	/* Teredo and other protocols */
	{ V6(0x20, 0x01, 0x0d, 0xb8), 32, ADDRESS_FORBIDDEN },	/* documentation */
	{ V6(0x3f, 0xff), 20, ADDRESS_FORBIDDEN },	/* documentation */
	{ V6(0x20), 3, ADDRESS_PUBLIC },	/* global unicast */
	{ V6(0), 0, ADDRESS_FORBIDDEN },	/* all the rest of IPv6 */
};

static bool
is_within(const uint8_t *ip, const struct range *r)
{
	unsigned whole = r->bits / 8, rest = r->bits % 8;

	if (memcmp(ip, r->prefix, whole) != 0)
		return false;
	return rest == 0 || ((ip[whole] ^ r->prefix[whole]) >> (8 - rest)) == 0;
}

/* An IPv4 address that an IPv6 one leads to through a translator or a tunnel. */
static bool
embedded(const uint8_t *ip, struct address *out)
{
	static const uint8_t nat64[12] = { 0, 0x64, 0xff, 0x9b };	/* RFC 6052 */
	static const uint8_t sixto4[2] = { 0x20, 0x02 };		/* RFC 3056 */
	static const uint8_t prefix[12] = { [10] = 0xff, 0xff };

	memcpy(out->ip, prefix, sizeof prefix);
	if (memcmp(ip, nat64, sizeof nat64) == 0)
		memcpy(out->ip + 12, ip + 12, 4);
	else if (memcmp(ip, sixto4, sizeof sixto4) == 0)
		memcpy(out->ip + 12, ip + 2, 4);
	else
		return false;
	return true;
}

enum address_scope
address_scope(const struct address *a)
{
	struct address inner;
	const uint8_t *ip = a->ip;

	if (embedded(ip, &inner))
		ip = inner.ip;
	for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++)
		if (is_within(ip, &ranges[i]))
			return ranges[i].scope;
	return ADDRESS_FORBIDDEN;
}

bool
address_read(struct slice host, uint16_t port, struct address *out)
{
	struct address a = { .ip = V4(0, 0, 0, 0), .port = port };
	char room[INET6_ADDRSTRLEN];

	if (host.len >= sizeof room || host.len == 0 || memchr(host.ptr, '\0', host.len) != NULL)
		return false;
	memcpy(room, host.ptr, host.len);
	room[host.len] = '\0';
	if (inet_pton(AF_INET, room, a.ip + 12) != 1 && inet_pton(AF_INET6, room, a.ip) != 1)
		return false;
	*out = a;
	return true;
}

bool
address_is_in(const struct address *a, struct slice range)
{
	size_t slash = slice_find(range, S("/"));
	struct slice prefix = slice_cut(range, 0, slash);
	struct range r = { .bits = 0 };
	struct address first;
	uint64_t bits;
	bool v4;

	if (slash == range.len || !address_read(prefix, 0, &first) ||
	    !slice_number(slice_cut(range, slash + 1, range.len), &bits))
		return false;
	v4 = memchr(prefix.ptr, ':', prefix.len) == NULL;
	if (bits > (v4 ? 32 : 128))
		return false;
	memcpy(r.prefix, first.ip, sizeof r.prefix);
	r.bits = (uint8_t)(v4 ? bits + 96 : bits);
	for (unsigned i = r.bits; i < 128; i++)
		if ((first.ip[i / 8] >> (7 - i % 8) & 1) != 0)
			return false;
	return is_within(a->ip, &r);
}

bool
address_read_listen(struct slice text, struct address *out)
{
	size_t colon = text.len;
	struct slice host;
	uint64_t port;

	while (colon > 0 && text.ptr[colon - 1] != ':')
		colon--;
	if (colon == 0 || !slice_number(slice_cut(text, colon, text.len), &port) ||
	    port > UINT16_MAX)
		return false;
	host = slice_cut(text, 0, colon - 1);
	if (host.len == 0) {
		*out = (struct address){ .port = (uint16_t)port };
		return true;
	}
	if (host.ptr[0] == '[') {
		if (host.len < 2 || host.ptr[host.len - 1] != ']')
			return false;
		host = slice_cut(host, 1, host.len - 1);
		return memchr(host.ptr, ':', host.len) != NULL &&
		    address_read(host, (uint16_t)port, out);
	}
	/* "::1:80" could mean two things, so it means none. */
	return memchr(host.ptr, ':', host.len) == NULL && address_read(host, (uint16_t)port, out);
}

static bool
is_v4(const struct address *a)
{
	static const struct range v4 = { .prefix = V4(0, 0, 0, 0), .bits = 96 };

	return is_within(a->ip, &v4);
}

void
address_put_host(struct text *t, const struct address *a)
{
	char room[INET6_ADDRSTRLEN];
	const char *host;

	/* Every request's record has one of these, and inet_ntop() goes through printf. */
	if (is_v4(a)) {
		for (int i = 12; i < 16; i++) {
			text_put_number(t, a->ip[i]);
			if (i < 15)
				text_put_char(t, '.');
		}
		return;
	}
	host = inet_ntop(AF_INET6, a->ip, room, sizeof room);
	must(host != NULL);
	text_put(t, slice_of(host, strlen(host)));
}

void
address_put(struct text *t, const struct address *a)
{
	bool v4 = is_v4(a);

	if (!v4)
		text_put_char(t, '[');
	address_put_host(t, a);
	if (!v4)
		text_put_char(t, ']');
	text_put_char(t, ':');
	text_put_number(t, a->port);
}
