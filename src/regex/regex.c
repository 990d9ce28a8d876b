/* SPDX-License-Identifier: Apache-2.0 */
#include "regex/regex.h"

#ifdef TRIVIUM_HS

#include <dlfcn.h>
#include <hs.h>
#include <stdatomic.h>
#include <stdlib.h>

#include "core/limit.h"
#include "core/utf8.h"
#include "regex/bound.h"

/* The name that Vectorscan and Hyperscan have in common. */
#define LIBRARY		"libhs.so.5"

#define FLAGS		(HS_FLAG_SOM_LEFTMOST | HS_FLAG_UTF8 | HS_FLAG_MULTILINE)

/* What fits less is in every text. */
#define WIDTH_MIN	3

#define SCORE		90

struct library {
	void	*handle;
#define HS(name)	__typeof__(&name) name;
#include "regex/hs.tbl"
#undef HS
};

struct regex {
	struct matcher		 matcher;	/* first: what is given out is a pointer to this */
	struct library		 hs;
	hs_database_t		*database;
	hs_scratch_t		*first;		/* is only copied */
	_Atomic(hs_scratch_t *)	 spare[PATTERN_SCRATCHES];
	uint32_t		 count;
	uint16_t		 type[];
};

/* ---- the library ---- */

static bool
library_open(struct library *l, struct text *why)
{
	bool good;

	l->handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL);
	if (l->handle == NULL) {
		text_put(why, S("the library " LIBRARY " is not there: install the package "
		    "libvectorscan5 or libhyperscan5"));
		return false;
	}
#define HS(name)	*(void **)&l->name = dlsym(l->handle, #name);
#include "regex/hs.tbl"
#undef HS
	good = true;
#define HS(name)	good &= l->name != NULL;
#include "regex/hs.tbl"
#undef HS
	if (good && l->hs_valid_platform() == HS_SUCCESS)
		return true;
	text_put(why, good ? S("this processor lacks what the library needs (SSSE3)")
	    : S("the library " LIBRARY " is another one than it is called"));
	dlclose(l->handle);
	l->handle = NULL;
	return false;
}

/* ---- looking ---- */

/* What of one pattern was found and may grow yet; no end: nothing. */
struct open_match {
	uint32_t	start, end;
};

struct scan {
	const struct regex	*regex;
	const struct look	*look;
	uint32_t		 base;		/* of what is scanned, in the text */
	uint32_t		 matches;
	struct open_match	*open;		/* by pattern; NULL: nothing was found */
};

static void
add(const struct scan *s, unsigned rule)
{
	const struct open_match *m = &s->open[rule];

	if (m->end > 0)
		findings_add(s->look->findings, (struct finding){ m->start, m->end,
		    s->regex->type[rule], SCORE, EVIDENCE_SHAPE | EVIDENCE_LIST });
}

/* The library tells each end of a match; not 0 stops it. */
static int
on_match(unsigned rule, unsigned long long from, unsigned long long to, unsigned flags, void *arg)
{
	struct scan *s = arg;
	uint32_t start = s->base + (uint32_t)from, end = s->base + (uint32_t)to;
	struct open_match *m;

	(void)flags;
	if (s->open == NULL)
		s->open = arena_zero(s->look->arena, s->regex->count * sizeof *s->open);
	if (s->open == NULL || ++s->matches > PATTERN_MATCHES_MAX) {
		s->look->findings->cut = true;
		return 1;
	}
	m = &s->open[rule];
	if (start >= m->end) {
		add(s, rule);
		*m = (struct open_match){ start, end };
		return 0;
	}
	m->start = start < m->start ? start : m->start;
	m->end = end > m->end ? end : m->end;
	return 0;
}

/* Its own from now on; NULL without memory. */
static hs_scratch_t *
take_scratch(struct regex *r)
{
	hs_scratch_t *scratch = NULL;

	for (unsigned i = 0; i < PATTERN_SCRATCHES && scratch == NULL; i++)
		if (atomic_load_explicit(&r->spare[i], memory_order_relaxed) != NULL)
			scratch = atomic_exchange_explicit(&r->spare[i], NULL,
			    memory_order_acquire);
	if (scratch == NULL && r->hs.hs_clone_scratch(r->first, &scratch) != HS_SUCCESS)
		return NULL;
	return scratch;
}

static void
give_scratch(struct regex *r, hs_scratch_t *scratch)
{
	for (unsigned i = 0; i < PATTERN_SCRATCHES; i++) {
		hs_scratch_t *none = NULL;

		if (atomic_compare_exchange_strong_explicit(&r->spare[i], &none, scratch,
		    memory_order_release, memory_order_relaxed))
			return;
	}
	r->hs.hs_free_scratch(scratch);
}

/* What is not UTF-8 the library must not see; what stands around it, it may. */
static void
scan_text(struct scan *s, hs_scratch_t *scratch)
{
	struct slice rest = s->look->text;
	const struct regex *r = s->regex;

	while (rest.len > 0 && !s->look->findings->cut) {
		size_t good = utf8_valid(rest);

		s->base = (uint32_t)(s->look->text.len - rest.len);
		if (good > 0 && r->hs.hs_scan(r->database, rest.ptr, (unsigned)good, 0, scratch,
		    on_match, s) != HS_SUCCESS)
			s->look->findings->cut = true;
		rest = slice_cut(rest, good < rest.len ? good + 1 : good, rest.len);
	}
}

static void
look(const struct matcher *m, const struct look *l)
{
	/* What is borrowed is not what was compiled. */
	struct regex *r = (struct regex *)(uintptr_t)m;
	struct scan scan = { .regex = r, .look = l };
	hs_scratch_t *scratch = take_scratch(r);

	if (scratch == NULL) {
		l->findings->cut = true;
		return;
	}
	scan_text(&scan, scratch);
	give_scratch(r, scratch);
	for (uint32_t i = 0; scan.open != NULL && i < r->count; i++)
		add(&scan, i);
}

/* ---- compiling ---- */

struct compiling {
	struct regex		*regex;
	const struct regex_rule	*rule;
	uint32_t		 count;
	char			*text;		/* all patterns, each with a NUL behind it */
	const char		**pattern;
	unsigned		*flags, *id;
	struct text		*why;
};

static void
compiling_free(struct compiling *d)
{
	free(d->text);
	free(d->pattern);
	free(d->flags);
	free(d->id);
}

static bool
copy_rules(struct compiling *d)
{
	size_t bytes = 0, at = 0;

	for (uint32_t i = 0; i < d->count; i++)
		bytes += d->rule[i].pattern.len + 1;
	d->text = malloc(bytes);
	d->pattern = calloc(d->count, sizeof *d->pattern);
	d->flags = calloc(d->count, sizeof *d->flags);
	d->id = calloc(d->count, sizeof *d->id);
	if (d->text == NULL || d->pattern == NULL || d->flags == NULL || d->id == NULL)
		return false;
	for (uint32_t i = 0; i < d->count; i++) {
		struct slice pattern = d->rule[i].pattern;

		memcpy(d->text + at, pattern.ptr, pattern.len);
		d->text[at + pattern.len] = '\0';
		d->pattern[i] = d->text + at;
		d->flags[i] = FLAGS | (d->rule[i].any_case ? HS_FLAG_CASELESS : 0);
		d->id[i] = i;
		d->regex->type[i] = (uint16_t)d->rule[i].type;
		at += pattern.len + 1;
	}
	return true;
}

/* Is each of a size that can be compiled, and all of them together? */
static bool
check_bounds(const struct compiling *d, uint32_t *wrong)
{
	uint32_t places = 0;

	for (*wrong = 0; *wrong < d->count; ++*wrong) {
		struct bound bound = bound_of(d->rule[*wrong].pattern);

		if (bound.why != NULL) {
			text_put(d->why, S("at character "));
			text_put_number(d->why, bound.at + 1);
			text_put(d->why, S(": "));
			text_put(d->why, slice_of(bound.why, strlen(bound.why)));
			return false;
		}
		places += bound.places;
		if (places > PATTERN_PLACES_ALL_MAX) {
			text_put(d->why, S("this and those before are too large together"));
			return false;
		}
	}
	return true;
}

static enum err
put_error(const struct compiling *d, hs_error_t e, hs_compile_error_t *fault)
{
	enum err err = e == HS_COMPILER_ERROR ? ERR_CONF : ERR_MEMORY;

	if (fault != NULL) {
		text_put(d->why, slice_of(fault->message, strlen(fault->message)));
		if (strstr(fault->message, "too large") != NULL)
			text_put(d->why, S(" Fewer repeats, and [A-Z] or \\d where . or \\p{…} is "
			    "not needed, make it smaller"));
		d->regex->hs.hs_free_compile_error(fault);
	}
	return err;
}

/* One by one, for what the library has to say of each. */
static enum err
check_each(const struct compiling *d, uint32_t *wrong)
{
	for (*wrong = 0; *wrong < d->count; ++*wrong) {
		hs_compile_error_t *fault = NULL;
		hs_expr_info_t *info = NULL;
		hs_error_t e = d->regex->hs.hs_expression_info(d->pattern[*wrong],
		    d->flags[*wrong], &info, &fault);
		bool narrow = e == HS_SUCCESS && info->min_width < WIDTH_MIN;

		/* What the library returns so is of malloc(). */
		free(info);
		if (e != HS_SUCCESS)
			return put_error(d, e, fault);
		if (narrow) {
			text_put(d->why, S("it fits what has fewer than 3 bytes, which stands in "
			    "every text"));
			return ERR_CONF;
		}
	}
	return ERR_OK;
}

static enum err
compile(const struct compiling *d, uint32_t *wrong)
{
	struct regex *r = d->regex;
	hs_compile_error_t *fault = NULL;
	hs_error_t e = r->hs.hs_compile_multi(d->pattern, d->flags, d->id, d->count,
	    HS_MODE_BLOCK, NULL, &r->database, &fault);

	if (e != HS_SUCCESS) {
		*wrong = fault != NULL && fault->expression >= 0 ? (uint32_t)fault->expression
		    : d->count;
		return put_error(d, e, fault);
	}
	return r->hs.hs_alloc_scratch(r->database, &r->first) == HS_SUCCESS ? ERR_OK : ERR_MEMORY;
}

enum err
regex_compile(const struct regex_rule *rule, uint32_t count, struct regex **out, uint32_t *wrong,
    struct text *why)
{
	struct regex *r = calloc(1, sizeof *r + count * sizeof *r->type);
	struct compiling d = { .regex = r, .rule = rule, .count = count, .why = why };
	enum err e;

	*wrong = count;
	if (r == NULL)
		return ERR_MEMORY;
	r->matcher.look = look;
	r->count = count;
	if (!copy_rules(&d))
		e = ERR_MEMORY;
	else if (!check_bounds(&d, wrong))
		e = ERR_CONF;
	else if (!library_open(&r->hs, why))
		e = ERR_CONF;
	else if ((e = check_each(&d, wrong)) == ERR_OK)
		e = compile(&d, wrong);
	compiling_free(&d);
	if (e == ERR_OK)
		*out = r;
	else
		regex_free(r);
	if (e == ERR_MEMORY && why->len == 0)
		text_put(why, S("there is not enough memory to compile them"));
	return e;
}

void
regex_free(struct regex *r)
{
	if (r == NULL)
		return;
	for (unsigned i = 0; i < PATTERN_SCRATCHES; i++)
		if (r->spare[i] != NULL)
			r->hs.hs_free_scratch(r->spare[i]);
	if (r->first != NULL)
		r->hs.hs_free_scratch(r->first);
	if (r->database != NULL)
		r->hs.hs_free_database(r->database);
	if (r->hs.handle != NULL)
		dlclose(r->hs.handle);
	free(r);
}

const struct matcher *
regex_matcher(const struct regex *r)
{
	return &r->matcher;
}

#else

enum err
regex_compile(const struct regex_rule *rule, uint32_t count, struct regex **out, uint32_t *wrong,
    struct text *why)
{
	(void)rule;
	(void)out;
	*wrong = count;
	text_put(why, S("this program was built without the library for patterns: install the "
	    "package libvectorscan-dev or libhyperscan-dev, and build it again"));
	return ERR_CONF;
}

void
regex_free(struct regex *r)
{
	(void)r;
}

const struct matcher *
regex_matcher(const struct regex *r)
{
	(void)r;
	return NULL;
}

#endif
