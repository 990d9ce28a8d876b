/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cmd_classify.h"

#include <getopt.h>
#include <stdio.h>
#include <string.h>

#include "desk/desk.h"
#include "desk/lines.h"
#include "core/json.h"
#include "core/limit.h"
#include "core/utf8.h"
#include "detect/detect.h"
#include "run/file.h"
#include "run/kernel.h"

#define USAGE									\
	"usage: trivium classify [--json] [--key NAME] [--policy FILE] FILE|-\n"	\
	"       trivium classify --lines FILE|-\n"				\
	"\n"									\
	"Finds what is sensitive in a text.  On a terminal the text is shown with what was\n"	\
	"found; elsewhere there is a line for each finding, FILE:LINE:COLUMN: TYPE KIND\n"	\
	"LEVEL SCORE.  Nothing is sent, and no policy is asked but for its lists.\n"	\
	"\n"									\
	"  --json      one JSON object; places are bytes of the text\n"	\
	"  --key NAME  what the text stands under: a label, a column, a JSON key\n"	\
	"  --policy F  looks for what the lists of this configuration hold, too\n"	\
	"  --lines     each line is {\"text\": ..., \"key\": ...}, answered with one of\n"	\
	"              {\"findings\": [...]}\n"				\
	"  --parts P   which detectors look, with commas: structure, secrets, terms, names\n"	\
	"\n"									\
	"exit status: 0 nothing was found; 1 something was; 2 the call or the policy is\n"	\
	"wrong; 65 a line or a text cannot be read (not UTF-8, not JSON); 66 a file cannot\n"	\
	"be read\n"

#define FLUSH_BYTES	((size_t)1 << 20)

struct wish {
	const char	*path, *key, *policy, *complaint;
	unsigned	 parts;
	bool		 json, lines, help;
};

struct classify {
	struct desk		*desk;
	const struct wish	*wish;
	struct desk_policy	 policy;	/* no snapshot: none was named */
	struct findings		 findings;
	bool			 wide, found;
};

static const struct type_info *
type_at(const struct classify *c, uint32_t i)
{
	enum detect_type type = (enum detect_type)c->findings.at[i].type;

	return c->policy.snapshot == NULL ? type_info(type)
	    : weigh_type(c->policy.snapshot->rules, type);
}

static struct slice
text_of(const char *s)
{
	return s == NULL ? slice_of(NULL, 0) : slice_of(s, strlen(s));
}

/* False, with a complaint, if there is not enough memory. */
static bool
look(struct classify *c, struct slice text, struct slice key)
{
	struct arena *a = &c->desk->work;

	findings_init(&c->findings, a);
	detect_look(&(struct look){ .text = text, .key = key, .arena = a,
	    .findings = &c->findings, .dictionary = c->policy.snapshot == NULL ? NULL
	    : c->policy.snapshot->dictionary, .wide = c->wide }, c->wish->parts);
	c->found |= c->findings.count > 0;
	if (arena_overflowed(a))
		desk_complain(c->desk, SAY(S("there is not enough memory for this text")));
	return !arena_overflowed(a);
}

static void
put_json(struct classify *c)
{
	struct text *t = &c->desk->out;

	text_put(t, S("{\"findings\":["));
	for (uint32_t i = 0; i < c->findings.count; i++) {
		text_put(t, i == 0 ? S("{") : S(",{"));
		finding_put(t, &c->findings.at[i], type_at(c, i));
		text_put_char(t, '}');
		if (t->len > FLUSH_BYTES)
			desk_flush(c->desk);
	}
	text_put(t, c->findings.cut ? S("],\"cut\":true}\n") : S("]}\n"));
}

/* ---- as people read it ---- */

/* One line a finding; lines and columns from 1, columns in bytes. */
static void
put_places(struct classify *c, struct slice text)
{
	struct text *t = &c->desk->out;
	size_t line = 1, at = 0, line_start = 0;

	for (uint32_t i = 0; i < c->findings.count; i++) {
		const struct finding *f = &c->findings.at[i];
		const struct type_info *info = type_at(c, i);

		for (; at < f->start; at++) {
			if (text.ptr[at] != '\n')
				continue;
			line++;
			line_start = at + 1;
		}
		text_put(t, text_of(c->wish->path));
		text_put_char(t, ':');
		text_put_number(t, line);
		text_put_char(t, ':');
		text_put_number(t, f->start - line_start + 1);
		text_put(t, S(": "));
		text_put(t, info->name);
		text_put_char(t, ' ');
		text_put(t, info->kind);
		text_put_char(t, ' ');
		text_put(t, type_level_name(info->level));
		text_put_char(t, ' ');
		text_put_number(t, f->score);
		text_put_char(t, '\n');
		if (t->len > FLUSH_BYTES)
			desk_flush(c->desk);
	}
}

/* A piece of the text, with nothing that a terminal would obey. */
static void
put_shown(struct desk *d, struct slice s)
{
	for (size_t i = 0; i < s.len; i++) {
		unsigned char byte = (unsigned char)s.ptr[i];

		text_put_char(&d->out, (byte < 0x20 && byte != '\n' && byte != '\t') || byte == 0x7f
		    ? '?' : (char)byte);
		if (d->out.len > FLUSH_BYTES)
			desk_flush(d);
	}
}

static struct slice
colour_of(enum detect_level level)
{
	switch (level) {
	case DETECT_PUBLIC:
		return S("\033[36m");
	case DETECT_INTERNAL:
		return S("\033[34m");
	case DETECT_CONFIDENTIAL:
		return S("\033[33m");
	case DETECT_REGULATED:
		return S("\033[31m");
	}
	return S("");
}

static void
put_highlighted(struct classify *c, struct slice text)
{
	struct text *t = &c->desk->out;
	uint32_t at = 0;

	for (uint32_t i = 0; i < c->findings.count; i++) {
		const struct finding *f = &c->findings.at[i];
		const struct type_info *info = type_at(c, i);

		put_shown(c->desk, slice_cut(text, at, f->start));
		text_put(t, colour_of(info->level));
		text_put(t, S("\033[4m"));
		put_shown(c->desk, slice_cut(text, f->start, f->end));
		text_put(t, S("\033[24m["));
		text_put(t, info->name);
		text_put(t, S("]\033[0m"));
		at = f->end;
	}
	put_shown(c->desk, slice_cut(text, at, text.len));
	if (text.len > 0 && text.ptr[text.len - 1] != '\n')
		text_put_char(t, '\n');
}

/* ---- what is read ---- */

static int
classify_file(struct classify *c)
{
	struct slice text;
	size_t good;
	int status = desk_read(c->desk, c->wish->path, REQUEST_BYTES_MAX, &text);

	if (status != DESK_OK)
		return status;
	if ((good = utf8_valid(text)) < text.len) {
		desk_complain_at(c->desk, c->wish->path, text, (uint32_t)good,
		    S("this is not UTF-8"));
		status = DESK_DATA;
	} else if (!look(c, text, text_of(c->wish->key))) {
		status = DESK_DATA;
	} else if (c->wish->json) {
		put_json(c);
	} else if (c->desk->colour) {
		put_highlighted(c, text);
	} else {
		put_places(c, text);
	}
	file_free(text);
	return status;
}

/* A member's text; empty if there is none. */
static struct slice
member(struct arena *a, const struct json *j, struct slice name)
{
	uint32_t node = json_type(j, 0) == JSON_OBJECT ? json_member(j, 0, name) : 0;

	return node == 0 || json_type(j, node) != JSON_STRING ? slice_of(NULL, 0)
	    : json_string(a, j, node);
}

static int
classify_line(struct classify *c, struct lines *l, struct slice line)
{
	struct arena *a = &c->desk->work;
	struct json_fault fault;
	struct slice text;
	struct json json;

	arena_reset(a);
	if (json_parse(a, line, JSON_DUPLICATES_REFUSED, &json, &fault) != ERR_OK ||
	    (text = member(a, &json, S("text"))).ptr == NULL) {
		lines_complain(l, c->desk, SAY(S("this is no JSON object with a member text")));
		return DESK_DATA;
	}
	if (!look(c, text, member(a, &json, S("key"))))
		return DESK_DATA;
	put_json(c);
	return DESK_OK;
}

static int
classify_lines(struct classify *c)
{
	struct lines l;
	struct slice line;
	int status = lines_open(&l, c->desk, c->wish->path);

	if (status != DESK_OK)
		return status;
	while (status == DESK_OK && lines_next(&l, &line))
		status = classify_line(c, &l, line);
	lines_close(&l);
	return status;
}

/* ---- the call ---- */

static bool
read_parts(const char *list, unsigned *parts)
{
	static const struct slice name[] = {
		{ "structure", 9 }, { "secrets", 7 }, { "terms", 5 }, { "names", 5 },
	};
	struct slice rest = text_of(list);

	for (*parts = 0; rest.len > 0;) {
		size_t end = slice_find(rest, S(",")), i = 0;

		while (i < 4 && !slice_eq(name[i], slice_cut(rest, 0, end)))
			i++;
		if (i == 4)
			return false;
		*parts |= 1U << i;
		rest = slice_cut(rest, end < rest.len ? end + 1 : end, rest.len);
	}
	return *parts != 0;
}

static bool
read_wish(int argc, char **argv, struct wish *w)
{
	static const struct option options[] = {
		{ "json",	no_argument,		NULL, 'j' },
		{ "lines",	no_argument,		NULL, 'l' },
		{ "key",	required_argument,	NULL, 'k' },
		{ "parts",	required_argument,	NULL, 'p' },
		{ "policy",	required_argument,	NULL, 'y' },
		{ "help",	no_argument,		NULL, 'h' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", options, NULL)) != -1) {
		if (c == 'j')
			w->json = true;
		else if (c == 'l')
			w->lines = true;
		else if (c == 'k')
			w->key = optarg;
		else if (c == 'p' && !read_parts(optarg, &w->parts))
			w->complaint = "--parts takes structure, secrets, terms and names, with "
			    "commas between them";
		else if (c == 'y')
			w->policy = optarg;
		else if (c == 'h')
			w->help = true;
		else if (c == '?')
			return false;
	}
	if (optind + 1 != argc && w->complaint == NULL)
		w->complaint = "name one file, or - for standard input";
	w->path = argv[optind];
	return true;
}

int
cmd_classify(int argc, char **argv)
{
	struct wish wish = { .parts = DETECT_ALL };
	bool good = read_wish(argc, argv, &wish);
	struct classify c = { .wish = &wish, .wide = kernel_is_wide() };
	struct desk desk;
	int status;

	if (good && wish.help) {
		fputs(USAGE, stdout);
		return DESK_OK;
	}
	if (!desk_open(&desk, "classify"))
		return DESK_WRONG;
	c.desk = &desk;
	if (!good || wish.complaint != NULL)
		status = desk_usage(&desk, good ? wish.complaint : NULL);
	else if (wish.policy != NULL &&
	    (status = desk_load_lists(&desk, wish.policy, &c.policy)) != DESK_OK)
		c.policy.snapshot = NULL;
	else
		status = wish.lines ? classify_lines(&c) : classify_file(&c);
	desk_unload(&c.policy);
	desk_close(&desk);
	return status == DESK_OK && c.found ? DESK_DIFFERS : status;
}
