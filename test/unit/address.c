/* SPDX-License-Identifier: Apache-2.0 */
#include "run/address.h"

#include "check.h"

static const struct scope_case {
	const char		*host;
	enum address_scope	 want;
	const char		*why;
} scopes[] = {
	{ "8.8.8.8", ADDRESS_PUBLIC, "a public IPv4 address" },
	{ "1.1.1.1", ADDRESS_PUBLIC, "a public IPv4 address" },
	{ "9.255.255.255", ADDRESS_PUBLIC, "the last before 10/8" },
	{ "10.0.0.0", ADDRESS_PRIVATE, "10/8 begins" },
	{ "10.255.255.255", ADDRESS_PRIVATE, "10/8 ends" },
	{ "11.0.0.0", ADDRESS_PUBLIC, "the first after 10/8" },
	{ "100.63.255.255", ADDRESS_PUBLIC, "the last before 100.64/10" },
	{ "100.64.0.0", ADDRESS_PRIVATE, "shared addresses begin (RFC 6598)" },
	{ "100.127.255.255", ADDRESS_PRIVATE, "shared addresses end" },
	{ "100.128.0.0", ADDRESS_PUBLIC, "the first after 100.64/10" },
	{ "100.100.100.200", ADDRESS_FORBIDDEN, "metadata of Alibaba Cloud, inside 100.64/10" },
	{ "127.0.0.1", ADDRESS_LOOPBACK, "loopback" },
	{ "127.255.255.254", ADDRESS_LOOPBACK, "all of 127/8" },
	{ "128.0.0.1", ADDRESS_PUBLIC, "the first after 127/8" },
	{ "169.254.169.254", ADDRESS_FORBIDDEN, "metadata of most clouds" },
	{ "169.254.170.2", ADDRESS_FORBIDDEN, "container credentials, link-local" },
	{ "169.253.255.255", ADDRESS_PUBLIC, "the last before link-local" },
	{ "168.63.129.16", ADDRESS_FORBIDDEN, "the host agent of Azure" },
	{ "168.63.129.17", ADDRESS_PUBLIC, "its neighbour" },
	{ "172.15.255.255", ADDRESS_PUBLIC, "the last before 172.16/12" },
	{ "172.16.0.1", ADDRESS_PRIVATE, "172.16/12 begins" },
	{ "172.31.255.255", ADDRESS_PRIVATE, "172.16/12 ends" },
	{ "172.32.0.0", ADDRESS_PUBLIC, "the first after 172.16/12" },
	{ "192.0.0.192", ADDRESS_FORBIDDEN, "metadata of Oracle Cloud" },
	{ "192.0.2.1", ADDRESS_FORBIDDEN, "documentation" },
	{ "192.168.1.1", ADDRESS_PRIVATE, "192.168/16" },
	{ "192.169.0.0", ADDRESS_PUBLIC, "the first after 192.168/16" },
	{ "198.18.0.1", ADDRESS_FORBIDDEN, "benchmarks" },
	{ "198.51.100.7", ADDRESS_FORBIDDEN, "documentation" },
	{ "203.0.113.7", ADDRESS_FORBIDDEN, "documentation" },
	{ "0.0.0.0", ADDRESS_FORBIDDEN, "unspecified, which connects to this machine" },
	{ "0.1.2.3", ADDRESS_FORBIDDEN, "this network" },
	{ "223.255.255.255", ADDRESS_PUBLIC, "the last before multicast" },
	{ "224.0.0.1", ADDRESS_FORBIDDEN, "multicast" },
	{ "240.0.0.1", ADDRESS_FORBIDDEN, "reserved" },
	{ "255.255.255.255", ADDRESS_FORBIDDEN, "broadcast" },
	{ "::", ADDRESS_FORBIDDEN, "unspecified, IPv6" },
	{ "::1", ADDRESS_LOOPBACK, "loopback, IPv6" },
	{ "::2", ADDRESS_FORBIDDEN, "reserved, IPv6" },
	{ "::127.0.0.1", ADDRESS_FORBIDDEN, "an IPv4-compatible address" },
	{ "::ffff:127.0.0.1", ADDRESS_LOOPBACK, "a mapped loopback address" },
	{ "::ffff:169.254.169.254", ADDRESS_FORBIDDEN, "a mapped metadata address" },
	{ "::ffff:8.8.8.8", ADDRESS_PUBLIC, "a mapped public address" },
	{ "2606:4700::1111", ADDRESS_PUBLIC, "a public IPv6 address" },
	{ "fe80::1", ADDRESS_FORBIDDEN, "link-local, IPv6" },
	{ "fec0::1", ADDRESS_FORBIDDEN, "site-local, which was given up" },
	{ "ff02::1", ADDRESS_FORBIDDEN, "multicast, IPv6" },
	{ "fc00::1", ADDRESS_PRIVATE, "unique local" },
	{ "fd12:3456::1", ADDRESS_PRIVATE, "unique local" },
	{ "fd00:ec2::254", ADDRESS_FORBIDDEN, "metadata of AWS over IPv6" },
	{ "fd20:ce::254", ADDRESS_FORBIDDEN, "metadata of Google Cloud over IPv6" },
	{ "2001:db8::1", ADDRESS_FORBIDDEN, "documentation, IPv6" },
	{ "2001::1", ADDRESS_FORBIDDEN, "Teredo" },
	{ "3fff::1", ADDRESS_FORBIDDEN, "documentation (RFC 9637)" },
	{ "64:ff9b::8.8.8.8", ADDRESS_PUBLIC, "NAT64 of a public address" },
	{ "64:ff9b::169.254.169.254", ADDRESS_FORBIDDEN, "NAT64 of a metadata address" },
	{ "64:ff9b::10.0.0.1", ADDRESS_PRIVATE, "NAT64 of a private address" },
	{ "64:ff9b:1::1", ADDRESS_FORBIDDEN, "local NAT64, which may lead anywhere" },
	{ "2002:a9fe:a9fe::1", ADDRESS_FORBIDDEN, "6to4 of a metadata address" },
	{ "2002:7f00:1::1", ADDRESS_LOOPBACK, "6to4 of a loopback address" },
	{ "100::1", ADDRESS_FORBIDDEN, "discard-only" },
};

/* NULL: not an address. */
static const struct read_case {
	struct slice	 in;
	const char	*want;
	const char	*why;
} reads[] = {
	{ S("1.2.3.4"), "1.2.3.4:80", "IPv4" },
	{ S("::1"), "[::1]:80", "IPv6" },
	{ S("2001:DB8::A"), "[2001:db8::a]:80", "IPv6 in capitals" },
	{ S("::ffff:1.2.3.4"), "1.2.3.4:80", "a mapped address is an IPv4 address" },
	{ S(""), NULL, "nothing" },
	{ S("localhost"), NULL, "a name" },
	{ S("1.2.3"), NULL, "three numbers" },
	{ S("1.2.3.4.5"), NULL, "five numbers" },
	{ S("1.2.3.256"), NULL, "a number that is too large" },
	{ S("01.2.3.4"), NULL, "a leading zero, which some read as octal" },
	{ S("0x7f.0.0.1"), NULL, "hexadecimal" },
	{ S("2130706433"), NULL, "one large number" },
	{ S(" 1.2.3.4"), NULL, "a space before" },
	{ S("1.2.3.4 "), NULL, "a space after" },
	{ S("1.2.3.4\0x"), NULL, "a NUL inside" },
	{ S("[::1]"), NULL, "brackets" },
	{ S("fe80::1%lo"), NULL, "a scope" },
	{ S("1:2:3:4:5:6:7:8:9"), NULL, "nine groups" },
	{ S("::1::"), NULL, "two gaps" },
	{ S("aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa:aaaa"), NULL, "too long" },
}, listens[] = {
	{ S("127.0.0.1:8080"), "127.0.0.1:8080", "IPv4 and port" },
	{ S("[::1]:8080"), "[::1]:8080", "IPv6 and port" },
	{ S(":8080"), "[::]:8080", "a port alone is all addresses" },
	{ S("0.0.0.0:0"), "0.0.0.0:0", "port 0 lets the system choose" },
	{ S("[::]:65535"), "[::]:65535", "the last port" },
	{ S("127.0.0.1"), NULL, "no port" },
	{ S("127.0.0.1:"), NULL, "an empty port" },
	{ S("127.0.0.1:65536"), NULL, "a port that is too large" },
	{ S("127.0.0.1:-1"), NULL, "a negative port" },
	{ S("127.0.0.1:80x"), NULL, "a port with letters" },
	{ S("::1:8080"), NULL, "IPv6 without brackets could mean two things" },
	{ S("[::1]8080"), NULL, "no colon after the bracket" },
	{ S("[127.0.0.1]:80"), NULL, "IPv4 in brackets" },
	{ S("[]:80"), NULL, "empty brackets" },
	{ S("[:80"), NULL, "an open bracket" },
	{ S("localhost:80"), NULL, "a name" },
	{ S(""), NULL, "nothing" },
	{ S(":"), NULL, "a colon" },
};

static const struct {
	const char	*host, *range;
	bool		 want;
	const char	*why;
} in_range[] = {
	{ "10.1.2.3", "10.0.0.0/8", true, "whole bytes" },
	{ "11.1.2.3", "10.0.0.0/8", false, "the byte before the border" },
	{ "172.31.255.255", "172.16.0.0/12", true, "the last of half a byte" },
	{ "172.32.0.0", "172.16.0.0/12", false, "the first behind it" },
	{ "1.2.3.4", "1.2.3.4/32", true, "one address" },
	{ "1.2.3.5", "1.2.3.4/32", false, "its neighbour" },
	{ "1.2.3.4", "0.0.0.0/0", true, "all of IPv4" },
	{ "::1", "0.0.0.0/0", false, "and none of IPv6" },
	{ "fd12::1", "fd00::/8", true, "IPv6" },
	{ "fe12::1", "fd00::/8", false, "beside it" },
	{ "1.2.3.4", "::/0", true, "all addresses" },
	{ "::ffff:1.2.3.4", "1.2.3.0/24", true, "the mapped form" },
	{ "1.2.3.4", "1.2.3.0/33", false, "too many bits" },
	{ "::1", "::/129", false, "too many bits of IPv6" },
	{ "10.1.2.3", "10.1.2.3/8", false, "bits behind the length" },
	{ "10.1.2.3", "10.0.0.0/", false, "no length" },
	{ "10.1.2.3", "/8", false, "no prefix" },
	{ "10.1.2.3", "10/8", false, "half a prefix" },
	{ "10.1.2.3", "10.0.0.0", false, "no range" },
	{ "10.1.2.3", "10.0.0.0/-8", false, "a length that is none" },
};

static void
check_ranges(void)
{
	for (size_t i = 0; i < COUNT_OF(in_range); i++) {
		struct slice host = slice_of(in_range[i].host, strlen(in_range[i].host));
		struct slice range = slice_of(in_range[i].range, strlen(in_range[i].range));
		struct address a;

		if (check(address_read(host, 0, &a), "%s is read", in_range[i].host))
			check(address_is_in(&a, range) == in_range[i].want, "%s in %s: %s",
			    in_range[i].host, in_range[i].range, in_range[i].why);
	}
}

static void
check_reads(const struct read_case *c, bool listening)
{
	struct address a = { .port = 4711 };
	char room[64];
	struct text t;
	bool ok = listening ? address_read_listen(c->in, &a) : address_read(c->in, 80, &a);

	if (c->want == NULL) {
		check(!ok && a.port == 4711, "refused: %s", c->why);
		return;
	}
	if (!check(ok, "read: %s", c->why))
		return;
	text_init(&t, room, sizeof room);
	address_put(&t, &a);
	check_slice(text_slice(&t), slice_of(c->want, strlen(c->want)), "%s", c->why);
}

int
main(void)
{
	char room[64];
	struct address a;
	struct text t;

	for (size_t i = 0; i < COUNT_OF(scopes); i++) {
		const struct scope_case *c = &scopes[i];

		if (check(address_read(slice_of(c->host, strlen(c->host)), 1, &a), "read %s",
		    c->host))
			check_int(address_scope(&a), c->want, "%s: %s", c->host, c->why);
	}
	for (size_t i = 0; i < COUNT_OF(reads); i++)
		check_reads(&reads[i], false);
	for (size_t i = 0; i < COUNT_OF(listens); i++)
		check_reads(&listens[i], true);
	must(address_read(S("::1"), 80, &a));
	text_init(&t, room, sizeof room);
	address_put_host(&t, &a);
	check_slice(text_slice(&t), S("::1"), "a host alone has no brackets");
	check_ranges();
	return check_done();
}
