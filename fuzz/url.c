/* SPDX-License-Identifier: Apache-2.0 */
/*
 * url - any bytes as a URL of the configuration and as a request's target.
 *
 * What is accepted must mean one thing: it can be put together again from its
 * parts, its path has no segment that a router could walk, and no byte of a
 * host could be taken for something else.
 */
#include "wire/url.h"

#include "fuzz.h"

static int
nibble(char c)
{
	const char *digits = "0123456789abcdef0123456789ABCDEF", *at = memchr(digits, c, 32);

	return at == NULL ? -1 : (int)(at - digits) & 15;
}

/* The path with its escapes read, so that it can be looked at as a router would. */
static struct slice
decoded(struct slice path)
{
	char *out = malloc(path.len + 2);
	size_t len = 0;

	for (size_t i = 0; i < path.len; i++) {
		if (path.ptr[i] != '%') {
			out[len++] = path.ptr[i];
			continue;
		}
		FUZZ_CHECK(i + 2 < path.len);
		FUZZ_CHECK(nibble(path.ptr[i + 1]) >= 0 && nibble(path.ptr[i + 2]) >= 0);
		out[len++] = (char)(nibble(path.ptr[i + 1]) << 4 | nibble(path.ptr[i + 2]));
		i += 2;
	}
	out[len] = '/';
	return slice_of(out, len);
}

static void
check_path(struct slice path)
{
	struct slice plain = decoded(path);
	size_t slashes = 0, plain_slashes = 0;

	FUZZ_CHECK(path.ptr[0] == '/');
	for (size_t i = 0; i < path.len; i++)
		slashes += path.ptr[i] == '/';
	for (size_t i = 0; i < plain.len; i++) {
		unsigned char c = (unsigned char)plain.ptr[i];

		plain_slashes += c == '/';
		FUZZ_CHECK(c >= 0x20 && c != 0x7f && c != '\\');
	}
	FUZZ_CHECK(slashes == plain_slashes);
	if (path.len > 1) {
		/* decoded() leaves a slash behind the end. */
		struct slice all = slice_of(plain.ptr, plain.len + 1);

		FUZZ_CHECK(slice_find(all, S("//")) == all.len);
		FUZZ_CHECK(slice_find(all, S("/./")) == all.len);
		FUZZ_CHECK(slice_find(all, S("/../")) == all.len);
	}
	free((char *)plain.ptr);
}

static void
check_url(struct slice s)
{
	const char *why = NULL;
	struct url url;
	size_t end;

	if (!url_read(s, &url, &why)) {
		FUZZ_CHECK(why != NULL);
		return;
	}
	FUZZ_CHECK(fuzz_inside(url.host, s) && fuzz_inside(url.authority, s));
	FUZZ_CHECK(fuzz_inside(url.path, s));
	FUZZ_CHECK(url.host.len > 0 && url.port > 0);
	for (size_t i = 0; i < url.authority.len; i++)
		FUZZ_CHECK(memchr("@/?#\\% ", url.authority.ptr[i], 7) == NULL &&
		    url.authority.ptr[i] > 0x20 && url.authority.ptr[i] < 0x7f);
	/* scheme "://" authority path, and at most one slash. */
	end = slice_find(s, S("://"));
	FUZZ_CHECK(url.tls == slice_same_word(slice_cut(s, 0, end), S("https")));
	end += 3 + url.authority.len + url.path.len;
	FUZZ_CHECK(end == s.len || (end + 1 == s.len && s.ptr[end] == '/'));
	if (url.path.len > 0)
		check_path(url.path);
}

/* Is there a parameter of this name?  Asked of the query with a '&' on either side. */
static bool
has_key(struct slice query)
{
	char *room = malloc(query.len + 2);
	struct slice all = slice_of(room, query.len + 2);
	bool has;

	memcpy(room + 1, query.ptr == NULL ? "" : query.ptr, query.len);
	room[0] = room[query.len + 1] = '&';
	has = slice_find(all, S("&key&")) < all.len || slice_find(all, S("&key=")) < all.len;
	free(room);
	return has;
}

static void
check_target(struct slice s)
{
	struct slice path, query, value;

	if (!url_target(s, &path, &query))
		return;
	FUZZ_CHECK(path.ptr == s.ptr && fuzz_inside(query, s));
	FUZZ_CHECK(memchr(path.ptr, '?', path.len) == NULL);
	FUZZ_CHECK(path.len + (query.ptr != NULL) + query.len == s.len);
	check_path(path);
	value = url_parameter(query, S("key"));
	FUZZ_CHECK(fuzz_inside(value, query));
	FUZZ_CHECK(value.len == 0 || memchr(value.ptr, '&', value.len) == NULL);
	FUZZ_CHECK((value.ptr != NULL) == has_key(query));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct slice s = slice_of((const char *)data, size);

	check_url(s);
	check_target(s);
	return 0;
}
