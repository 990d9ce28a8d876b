/* SPDX-License-Identifier: Apache-2.0 */
#include "admit/login.h"

#include "run/address.h"

#include "check.h"

static const struct hash_key key = { { 3, 5 } };

static const struct {
	const char	*first, *second;
	bool		 same;
	const char	*why;
} cases[] = {
	{ "192.0.2.1", "192.0.2.1", true, "an address is itself" },
	{ "192.0.2.1", "192.0.2.2", false, "addresses of IPv4 are told apart" },
	{ "192.0.2.1", "193.0.2.1", false, "in all their bytes" },
	{ "2001:db8:1:2::1", "2001:db8:1:2:ffff:ffff:ffff:ffff", true,
	  "a host has a network of IPv6" },
	{ "2001:db8:1:2::1", "2001:db8:1:3::1", false, "and not the next one" },
	{ "::1", "127.0.0.1", false, "one family is not the other" },
};

static struct address
address_of(const char *host)
{
	struct address a = { .port = 0 };

	must(address_read(slice_of(host, strlen(host)), 1, &a));
	return a;
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(cases); i++) {
		struct rates *r = rates_new(kernel_now());
		struct address first = address_of(cases[i].first);
		struct address second = address_of(cases[i].second);
		struct gcra two = gcra_of(2);
		nanos wait = 0;

		check(login_failed(r, &key, &first, &two, &wait) &&
		    login_failed(r, &key, &first, &two, &wait) && wait == 0, "%s: two are told",
		    cases[i].first);
		check(login_failed(r, &key, &second, &two, &wait) != cases[i].same, "%s, %s: %s",
		    cases[i].first, cases[i].second, cases[i].why);
		check((wait > 29 * NANOS_PER_S && wait <= 30 * NANOS_PER_S) == cases[i].same,
		    "%s: it is told when the next is", cases[i].second);
		rates_free(r);
	}
	return check_done();
}
