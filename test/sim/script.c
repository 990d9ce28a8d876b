/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/script.h"

#include <stdio.h>

#include "core/must.h"

struct pen {
	struct dice	*dice;
	char		*out;
	size_t		 len;
	int		 fields;	/* of the object that is being written */
};

static void __attribute__((format(printf, 2, 3)))
put(struct pen *p, const char *format, ...)
{
	__builtin_va_list list;
	int n;

	__builtin_va_start(list, format);
	n = vsnprintf(p->out + p->len, SCRIPT_ROOM + SCRIPT_HUGE - p->len, format, list);
	__builtin_va_end(list);
	must(n >= 0 && (size_t)n < SCRIPT_ROOM + SCRIPT_HUGE - p->len);
	p->len += (size_t)n;
}

static void
put_name(struct pen *p, const char *name)
{
	put(p, "%s\"%s\":", p->fields++ > 0 ? "," : "", name);
}

static void
put_pace(struct pen *p, const char *name, uint64_t most)
{
	uint64_t low = dice_wide(p->dice, 0, most);

	put_name(p, name);
	if (dice_percent(p->dice, 50))
		put(p, "%llu", (unsigned long long)low);
	else
		put(p, "{\"uniform\":[%llu,%llu]}", (unsigned long long)low,
		    (unsigned long long)(low + dice_wide(p->dice, 0, most)));
}

/* What may be so of good answers too. */
static void
put_manner(struct pen *p)
{
	static const char *const line[] = { "lf", "crlf", "cr" };
	static const char *const usage[] = { "as_asked", "absent", "twice", "always" };
	struct dice *d = p->dice;

	if (dice_percent(d, 60))
		put_pace(p, "first_token_ms", 2000);
	if (dice_percent(d, 40))
		put_pace(p, "token_ms", 200);
	if (dice_percent(d, 30)) {
		put_name(p, "head_first");
		put(p, "true");
	}
	if (dice_percent(d, 20)) {
		put_name(p, "tokens");
		put(p, "%llu", (unsigned long long)dice_wide(d, 1, 3000));
	}
	if (dice_percent(d, 30)) {
		put_name(p, "usage");
		put(p, "\"%s\"", usage[dice_below(d, 4)]);
	}
	if (dice_percent(d, 20)) {
		put_name(p, "line");
		put(p, "\"%s\"", line[dice_below(d, 3)]);
	}
	if (dice_percent(d, 20)) {
		put_name(p, "comment_every");
		put(p, "%llu", (unsigned long long)dice_between(d, 1, 5));
	}
	if (dice_percent(d, 25)) {
		put_name(p, "piece_bytes");
		put(p, "%llu", (unsigned long long)dice_wide(d, 1, 3000));
		put_name(p, "piece_random");
		put(p, dice_percent(d, 50) ? "true" : "false");
		if (dice_percent(d, 30))
			put_pace(p, "piece_ms", 3);
	}
	if (dice_percent(d, 10)) {
		put_name(p, "close");
		put(p, "true");
	}
}

static void
put_fault(struct pen *p)
{
	static const char *const act[] = { "stall", "reset", "close" };
	struct dice *d = p->dice;
	uint64_t at = dice_below(d, 4);

	put_name(p, "fault");
	put(p, "{\"do\":\"%s\",\"at\":", act[dice_below(d, 3)]);
	if (at == 0)
		put(p, "\"before_head\"");
	else if (at == 1)
		put(p, "\"after_head\"");
	else
		put(p, "%llu", (unsigned long long)dice_wide(d, 1, 12));
	if (dice_percent(d, 50))
		put(p, ",\"for_ms\":%llu", (unsigned long long)dice_wide(d, 1, 30000));
	put(p, "}");
}

/* Answers that the dialect's own writer would not give. */
static void
put_odd(struct pen *p)
{
	static const char *const odd[] = {
		"\"raw\":\"HTTP/1.1 103 Early Hints\\r\\nLink: x\\r\\n\\r\\nHTTP/1.1 200 OK\\r\\n"
		    "Content-Type: application/json\\r\\nContent-Length: 2\\r\\n\\r\\n{}\"",
		"\"raw\":\"HTTP/1.1 101 Switching Protocols\\r\\n\\r\\n\"",
		"\"raw\":\"HTTP/1.1 302 Found\\r\\nLocation: http://10.1.0.1/\\r\\n"
		    "Content-Length: 0\\r\\n\\r\\n\"",
		"\"raw\":\"HTTP/1.1 204 No Content\\r\\n\\r\\n\"",
		"\"raw\":\"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n\\r\\n{}\"",
		"\"raw\":\"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"
		    "Content-Encoding: gzip\\r\\nContent-Length: 2\\r\\n\\r\\n{}\"",
		"\"raw\":\"HTTP/1.1 200 OK\\r\\nContent-Type: application/json\\r\\n"
		    "Content-Length: 2\\r\\n\\r\\n{}HTTP/1.1 200 OK\\r\\nContent-Length: 4\\r\\n\\r\\nevil\"",
		"\"events\":[\"data: {\\\"error\\\":{\\\"message\\\":\\\"no\\\",\\\"code\\\":429}}\\n\\n\"]",
		"\"events\":[\"data: {\\\"id\\\":1,\\\"choices\\\":[]}\\n\\ndata: nonsense\\n\\n\"]",
		"\"events\":[\"data: {\\\"id\\\":1}\\n\\n\",\"data: [DONE]\\n\\ndata: {\\\"late\\\":1}\\n\\n\"]",
		"\"events\":[\": hello\\n\\n\",\"event: x\\ndata: {\\\"a\\\":1}\\n\\n\",\"data: [DONE]\\n\\n\"]",
		"\"events\":[\"data: {\\\"a\\\":\\ndata: 1}\\n\\n\",\"data: [DONE]\\n\\n\"]",
		"\"body\":\"\"",
		"\"body\":\"not json\"",
		"\"status\":400,\"body\":\"{\\\"error\\\":{\\\"message\\\":\\\"vendor-secret-0 is not good\\\"}}\"",
	};

	put(p, "%s%s", p->fields++ > 0 ? "," : "",
	    odd[dice_below(p->dice, sizeof odd / sizeof odd[0])]);
}

static void
put_trouble(struct pen *p)
{
	static const int status[] = { 400, 401, 403, 404, 408, 422, 429, 500, 502, 503, 504, 529 };
	static const char *const malformed[] = {
#define MALFORMED(name, word, why)	word,
#include "fake/malformed.tbl"
#undef MALFORMED
	};
	struct dice *d = p->dice;
	uint64_t what = dice_below(d, 100);

	if (what < 30) {
		put_fault(p);
	} else if (what < 50) {
		put_name(p, "status");
		put(p, "%d", status[dice_below(d, sizeof status / sizeof status[0])]);
		if (dice_percent(d, 40)) {
			put_name(p, "headers");
			put(p, "{\"Retry-After\":\"%d\"}", (int)dice_below(d, 100));
		}
	} else if (what < 75) {
		put_name(p, "malformed");
		put(p, "\"%s\"", malformed[dice_below(d, sizeof malformed / sizeof malformed[0])]);
	} else if (what < 82) {
		put_name(p, "error_at");
		put(p, "%llu", (unsigned long long)dice_wide(d, 1, 8));
	} else if (what < 90) {
		put_name(p, "cut_bytes");
		put(p, "%llu", (unsigned long long)dice_wide(d, 1, 4000));
	} else {
		put_odd(p);
	}
}

static void
put_rule(struct pen *p, bool first)
{
	struct dice *d = p->dice;
	uint64_t when = dice_below(d, 10);

	put(p, "%s{", first ? "" : ",");
	p->fields = 0;
	if (when < 6) {
		put_name(p, "every");
		put(p, "%llu", (unsigned long long)dice_between(d, 1, 6));
	} else if (when < 9) {
		put_name(p, "nth");
		put(p, "[%llu,%llu]", (unsigned long long)dice_wide(d, 1, 5),
		    (unsigned long long)dice_wide(d, 5, 30));
	}
	if (dice_percent(d, 30)) {
		put_name(p, "stream");
		put(p, dice_percent(d, 50) ? "true" : "false");
	}
	put_name(p, "then");
	put(p, "{");
	p->fields = 0;
	put_manner(p);
	if (dice_percent(d, 85))
		put_trouble(p);
	put(p, "}}");
}

size_t
script_write(struct dice *d, char *out)
{
	struct pen p = { .dice = d, .out = out };
	uint64_t rules = dice_percent(d, 30) ? 0 : dice_wide(d, 1, 5);

	put(&p, "{\"default\":{");
	put_manner(&p);
	put(&p, "},\"rules\":[");
	for (uint64_t i = 0; i < rules; i++)
		put_rule(&p, i == 0);
	/* An event without an end. */
	if (dice_permille(d, 10))
		put(&p, "%s{\"every\":2,\"then\":{\"events\":[\"data: {\\\"a\\\":%0*d\"]}}",
		    rules > 0 ? "," : "", SCRIPT_HUGE - 100, 1);
	put(&p, "]}");
	return p.len;
}
