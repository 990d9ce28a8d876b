/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/url.h"

#include "check.h"

/* The longest label and the longest name: four labels and their dots. */
#define LABEL63	"a23456789b123456789c123456789d123456789e123456789f123456789g123"
#define HOST253	LABEL63 "." LABEL63 "." LABEL63 "." "h23456789i123456789j123456789k123456789l" \
	"123456789m123456789n1"

static const struct {
	const char	*text;
	bool		 tls;
	const char	*host;		/* NULL: refused */
	uint16_t	 port;
	const char	*authority, *path;
} urls[] = {
	{ "https://api.example.com", true, "api.example.com", 443, "api.example.com", "" },
	{ "https://api.example.com/", true, "api.example.com", 443, "api.example.com", "" },
	{ "https://api.example.com/v1", true, "api.example.com", 443, "api.example.com", "/v1" },
	{ "https://api.example.com/v1/", true, "api.example.com", 443, "api.example.com", "/v1" },
	{ "HTTP://localhost:11434/api", false, "localhost", 11434, "localhost:11434", "/api" },
	{ "http://my_service", false, "my_service", 80, "my_service", "" },
	{ "http://127.0.0.1:80", false, "127.0.0.1", 80, "127.0.0.1:80", "" },
	{ "http://[::1]:8080/x", false, "::1", 8080, "[::1]:8080", "/x" },
	{ "https://[2001:db8::1]", true, "2001:db8::1", 443, "[2001:db8::1]", "" },
	{ "https://[::ffff:1.2.3.4]", true, "::ffff:1.2.3.4", 443, "[::ffff:1.2.3.4]", "" },
	{ "https://a/b%20c", true, "a", 443, "a", "/b%20c" },
	{ "https://a:65535", true, "a", 65535, "a:65535", "" },
	{ "https://a/...", true, "a", 443, "a", "/..." },
	{ "http://az-AZ09.zA", false, "az-AZ09.zA", 80, "az-AZ09.zA", "" },
	{ "http://" LABEL63, false, LABEL63, 80, LABEL63, "" },
	{ "http://" HOST253, false, HOST253, 80, HOST253, "" },
	{ "http://[1111:2222:3333:4444:5555:6666:123.123.123.123]", false,
	    "1111:2222:3333:4444:5555:6666:123.123.123.123", 80,
	    "[1111:2222:3333:4444:5555:6666:123.123.123.123]", "" },
	{ "http://x" LABEL63, false, NULL, 0, NULL, NULL },
	{ "http://x" HOST253, false, NULL, 0, NULL, NULL },
	{ "http://[:1]", false, NULL, 0, NULL, NULL },

	{ "", false, NULL, 0, NULL, NULL },
	{ "api.example.com", false, NULL, 0, NULL, NULL },
	{ "//api.example.com", false, NULL, 0, NULL, NULL },
	{ "ftp://a", false, NULL, 0, NULL, NULL },
	{ "https:/a", false, NULL, 0, NULL, NULL },
	{ "https", false, NULL, 0, NULL, NULL },
	{ "https://", false, NULL, 0, NULL, NULL },
	{ "https:///v1", false, NULL, 0, NULL, NULL },
	{ " https://a", false, NULL, 0, NULL, NULL },
	{ "https://a ", false, NULL, 0, NULL, NULL },
	{ "https://a\n", false, NULL, 0, NULL, NULL },
	{ "https://u@a", false, NULL, 0, NULL, NULL },
	{ "https://u:p@a", false, NULL, 0, NULL, NULL },
	{ "https://a?b=c", false, NULL, 0, NULL, NULL },
	{ "https://a/b?c", false, NULL, 0, NULL, NULL },
	{ "https://a#b", false, NULL, 0, NULL, NULL },
	{ "https://a:", false, NULL, 0, NULL, NULL },
	{ "https://a:0", false, NULL, 0, NULL, NULL },
	{ "https://a:65536", false, NULL, 0, NULL, NULL },
	{ "https://a:443x", false, NULL, 0, NULL, NULL },
	{ "https://a:+443", false, NULL, 0, NULL, NULL },
	{ "https://a:1:2", false, NULL, 0, NULL, NULL },
	{ "https://:443", false, NULL, 0, NULL, NULL },
	{ "https://a..b", false, NULL, 0, NULL, NULL },
	{ "https://.a", false, NULL, 0, NULL, NULL },
	{ "https://a.", false, NULL, 0, NULL, NULL },
	{ "https://-a", false, NULL, 0, NULL, NULL },
	{ "https://a-", false, NULL, 0, NULL, NULL },
	{ "https://a*b", false, NULL, 0, NULL, NULL },
	{ "https://a%62", false, NULL, 0, NULL, NULL },
	{ "https://\xc3\xa9", false, NULL, 0, NULL, NULL },
	{ "https://[::1", false, NULL, 0, NULL, NULL },
	{ "https://[", false, NULL, 0, NULL, NULL },
	{ "https://[]", false, NULL, 0, NULL, NULL },
	{ "https://[a]", false, NULL, 0, NULL, NULL },
	{ "https://[::1]x", false, NULL, 0, NULL, NULL },
	{ "https://[fe80::1%25eth0]", false, NULL, 0, NULL, NULL },
	{ "https://::1", false, NULL, 0, NULL, NULL },
	{ "https://a//b", false, NULL, 0, NULL, NULL },
	{ "https://a//", false, NULL, 0, NULL, NULL },
	{ "https://a/../b", false, NULL, 0, NULL, NULL },
	{ "https://a/b/.", false, NULL, 0, NULL, NULL },
	{ "https://a/%2e%2e/b", false, NULL, 0, NULL, NULL },
	{ "https://a\\b", false, NULL, 0, NULL, NULL },
	{ "https://a/b\\c", false, NULL, 0, NULL, NULL },
	{ "https://a/%", false, NULL, 0, NULL, NULL },
	{ "https://a/b c", false, NULL, 0, NULL, NULL },
	{ "https://a/\x7f", false, NULL, 0, NULL, NULL },
	{ "https://a/\xc3\xa9", false, NULL, 0, NULL, NULL },
	{ "https://a:000443", false, NULL, 0, NULL, NULL },
};

static const struct {
	const char	*text, *path, *query;	/* path NULL: refused; query NULL: absent */
} targets[] = {
	{ "/", "/", NULL },
	{ "/v1/chat/completions", "/v1/chat/completions", NULL },
	{ "/v1beta/models/gemini-pro:generateContent?alt=sse&key=a", "/v1beta/models/gemini-pro:generateContent",
	    "alt=sse&key=a" },
	{ "/v1?", "/v1", "" },
	{ "/v1?a?b", "/v1", "a?b" },
	{ "/v1?../%2f\\", "/v1", "../%2f\\" },
	{ "/model/a%20b/invoke", "/model/a%20b/invoke", NULL },
	{ "/a.b/..c/.d", "/a.b/..c/.d", NULL },
	{ "/%41", "/%41", NULL },
	{ "/%c3%a9", "/%c3%a9", NULL },

	{ "", NULL, NULL }, { "?a", NULL, NULL }, { "v1", NULL, NULL }, { "*", NULL, NULL },
	{ "//", NULL, NULL }, { "//a", NULL, NULL }, { "/a//b", NULL, NULL }, { "/a/", NULL, NULL },
	{ "/.", NULL, NULL }, { "/..", NULL, NULL }, { "/./a", NULL, NULL }, { "/a/../b", NULL, NULL },
	{ "/a/..", NULL, NULL }, { "/%2e", NULL, NULL }, { "/%2E%2e", NULL, NULL },
	{ "/.%2e/a", NULL, NULL }, { "/a%2fb", NULL, NULL }, { "/a%2Fb", NULL, NULL },
	{ "/a%5cb", NULL, NULL }, { "/a\\b", NULL, NULL }, { "/a%00", NULL, NULL },
	{ "/a%0d%0ab", NULL, NULL }, { "/a%7f", NULL, NULL }, { "/%", NULL, NULL },
	{ "/%4z", NULL, NULL }, { "/%4", NULL, NULL },
	{ "/%4?1", NULL, NULL }, { "/%zz", NULL, NULL }, { "/a%%41", NULL, NULL },
	{ "/a\tb", NULL, NULL },
};

static const struct {
	const char	*text, *want;		/* want NULL: refused */
} decodings[] = {
	{ "", "" }, { "abc", "abc" }, { "a%20b", "a b" }, { "%41%4a%4A", "AJJ" }, { "a+b", "a+b" },
	{ "%2F%2f%5c", "//\\" }, { "%C3%A9", "\xc3\xa9" }, { "\xc3\xa9", "\xc3\xa9" },
	{ "%2541", "%41" }, { "%", NULL }, { "%4", NULL }, { "a%4", NULL }, { "%zz", NULL },
	{ "%%41", NULL }, { "%00", NULL }, { "%0a", NULL }, { "%7f", NULL }, { "a\nb", NULL },
};

static struct slice
from(const char *s)
{
	return s == NULL ? slice_of(NULL, 0) : slice_of(s, strlen(s));
}

int
main(void)
{
	for (size_t i = 0; i < COUNT_OF(urls); i++) {
		struct url url = { .port = 77 };
		const char *why = NULL;
		bool ok = url_read(from(urls[i].text), &url, &why);

		check(ok == (urls[i].host != NULL), "url '%s'", urls[i].text);
		if (!ok) {
			check(why != NULL && url.port == 77, "  says why, and writes nothing");
			continue;
		}
		check_int(url.tls, urls[i].tls, "  tls");
		check_slice(url.host, from(urls[i].host), "  host");
		check_int(url.port, urls[i].port, "  port");
		check_slice(url.authority, from(urls[i].authority), "  authority");
		check_slice(url.path, from(urls[i].path), "  path");
	}
	for (size_t i = 0; i < COUNT_OF(targets); i++) {
		struct slice path = S("untouched"), query = S("untouched");
		bool ok = url_target(from(targets[i].text), &path, &query);

		check(ok == (targets[i].path != NULL), "target '%s'", targets[i].text);
		check_slice(path, ok ? from(targets[i].path) : S("untouched"), "  path");
		check(slice_eq(query, ok ? from(targets[i].query) : S("untouched")) &&
		    (query.ptr == NULL) == (ok && targets[i].query == NULL), "  query");
	}

	for (size_t i = 0; i < COUNT_OF(decodings); i++) {
		char out[32];
		size_t len = url_decode(from(decodings[i].text), out);

		if (decodings[i].want == NULL)
			check(len == SIZE_MAX, "'%s' is not decoded", decodings[i].text);
		else
			check_slice(slice_of(out, len), from(decodings[i].want), "'%s' is decoded",
			    decodings[i].text);
	}

	struct slice query = S("alt=sse&key=a=b&empty=&bare&key=second&&k");

	check_slice(url_parameter(query, S("alt")), S("sse"), "a parameter");
	check_slice(url_parameter(query, S("key")), S("a=b"), "the first of two, with an =");
	check(url_parameter(query, S("empty")).ptr != NULL, "an empty one is present");
	check(url_parameter(query, S("bare")).ptr != NULL, "so is one without an equals sign");
	check_slice(url_parameter(query, S("k")), S(""), "the last");
	check(url_parameter(query, S("ke")).ptr == NULL, "half a name is absent");
	check(url_parameter(query, S("sse")).ptr == NULL, "a value is no name");
	check(url_parameter(S(""), S("a")).ptr == NULL, "of nothing, nothing");
	check(url_parameter(slice_of(NULL, 0), S("a")).ptr == NULL, "of no query, nothing");
	return check_done();
}
