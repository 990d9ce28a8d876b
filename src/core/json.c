/* SPDX-License-Identifier: Apache-2.0 */
#include "core/json.h"

#include "core/hash.h"
#include "core/limit.h"
#include "core/scan.h"
#include "core/utf8.h"

#define NODES_FIRST_MAX	1024		/* of the tape's first piece; it grows by doubling */
#define NAME_BYTES	8		/* of text take as long as a name among many */
#define UTF8_BYTES_MAX	4
#define SMALL_OBJECT	64		/* up to here names are compared with each other */

_Static_assert(JSON_NODES_MAX < 1 << 27, "a node's count has 27 bits");
_Static_assert(sizeof(struct json_node) == 16, "see the header");

/* An array or object that is being read: where it stands on the tape, and its commas. */
struct level {
	uint32_t	node;
	uint32_t	commas;
};

/* A name while its object's names are compared.  Unequal signs: unequal names. */
struct name {
	uint64_t	sign;
	uint32_t	node;
};

/* What a reading was in the middle of when its step was over. */
enum pause {
	NOT_PAUSED,
	BEFORE_VALUES,
	BETWEEN_VALUES,
	IN_NAME,
	IN_STRING,
	IN_CROWD,		/* at the end of an object of many names */
	IN_BLAME,		/* behind a fault: is it not even UTF-8? */
};

/* The names of a large object while they are compared, which may take several steps. */
struct crowd {
	uint32_t	object;		/* its node */
	uint32_t	count;
	uint32_t	at;		/* the node of the next name to sign */
	uint32_t	signed_count, compared;
	unsigned	shift;		/* of the next pass of sorting; 64: it is sorted */
	uint32_t	budget;		/* names that this step may still touch */
};

struct reader {
	struct slice		 text;
	struct scan		 scan;		/* the end of the text, and where it is at fault */
	struct arena		*arena;
	struct json_node	*node;
	uint32_t		 count, cap;
	bool			 unique;	/* names, in every object */
	struct name		*name;		/* scratch for two times name_cap */
	uint32_t		 name_cap;
	enum err		 err;		/* what a fault is, unless it is the grammar's */
	bool			 in_object;	/* what the innermost level is */
	uint32_t		 depth;
	struct level		*level;		/* JSON_DEPTH_MAX of them */
	bool			 whole;		/* the document was read, and is one */
	enum pause		 pause;
	const char		*at;		/* where it goes on after a pause */
	bool			 escaped;	/* of the string in which it pauses */
	struct crowd		 crowd;
};

static const char *
fail(struct reader *r, enum err e, const char *at, const char *why)
{
	r->err = e;
	return scan_fault(&r->scan, at, why);
}

/* Like a fault, for who called; json_step() knows better. */
static const char *
rest(struct reader *r, enum pause pause, const char *at)
{
	r->pause = pause;
	r->at = at;
	return NULL;
}

/* ---- the tape ---------------------------------------------------------- */

static bool
grow(struct reader *r)
{
	uint32_t cap = r->cap < JSON_NODES_MAX / 2 ? r->cap * 2 : JSON_NODES_MAX;
	struct json_node *node = NULL;

	if (r->cap < JSON_NODES_MAX)
		node = arena_alloc(r->arena, (size_t)cap * sizeof *node);
	if (node == NULL)
		return false;
	memcpy(node, r->node, (size_t)r->count * sizeof *node);
	r->node = node;
	r->cap = cap;
	return true;
}

/* The next node's index is r->count before the call; NULL when there is no room. */
static inline struct json_node *
push(struct reader *r, const char *at)
{
	if (r->count == r->cap && !grow(r)) {
		fail(r, ERR_MEMORY, at, "the document has too many values");
		return NULL;
	}
	return &r->node[r->count++];
}

/* ---- values ----------------------------------------------------------- */

static inline const char *
put_string(struct reader *r, struct json_node *node, const char *end, bool escaped, bool key)
{
	*node = (struct json_node){
		.start = node->start,
		.end = (uint32_t)(end + 1 - r->text.ptr),
		.next = r->count,
		.type = JSON_STRING,
		.escaped = escaped,
		.key = key,
	};
	return end + 1;
}

/* The string whose opening quote is at p. */
static inline __attribute__((always_inline)) const char *
read_string(struct reader *r, const char *p, bool key)
{
	struct json_node *node = push(r, p);
	bool escaped = false;
	uint32_t stop;

	if (node == NULL)
		return NULL;
	node->start = (uint32_t)(p++ - r->text.ptr);
	stop = r->scan.end - p >= VEC_BYTES
	    ? ~vec_mask(scan_plain(vec_load(p), r->scan.checked - p >= VEC_BYTES)) & 0xffff : 0;
	if (stop != 0 && p[vec_first(stop)] == '"')
		p += vec_first(stop);
	else
		p = scan_string(&r->scan, p, &escaped);
	if (p == NULL)
		return NULL;
	if (*p != '"') {
		r->escaped = escaped;
		return rest(r, key ? IN_NAME : IN_STRING, p);
	}
	return put_string(r, node, p, escaped, key);
}

/* The rest of a string in which a step ended; its node is the last one. */
static const char *
go_on_string(struct reader *r, bool key)
{
	const char *p = scan_string(&r->scan, r->at, &r->escaped);

	if (p == NULL)
		return NULL;
	if (*p != '"')
		return rest(r, key ? IN_NAME : IN_STRING, p);
	return put_string(r, &r->node[r->count - 1], p, r->escaped, key);
}

static inline const char *
read_scalar(struct reader *r, const char *p)
{
	enum json_type type = JSON_NUMBER;
	struct json_node *node;
	const char *end;

	switch (*p) {
	case '"':
		return read_string(r, p, false);
	case 't':
		type = JSON_TRUE;
		end = scan_word(&r->scan, p, S("true"));
		break;
	case 'f':
		type = JSON_FALSE;
		end = scan_word(&r->scan, p, S("false"));
		break;
	case 'n':
		type = JSON_NULL;
		end = scan_word(&r->scan, p, S("null"));
		break;
	case '-': case '0': case '1': case '2': case '3': case '4':
	case '5': case '6': case '7': case '8': case '9':
		end = scan_number(&r->scan, p);
		break;
	default:
		return scan_fault(&r->scan, p, "no value begins like this");
	}
	node = end == NULL ? NULL : push(r, p);
	if (node == NULL)
		return NULL;
	*node = (struct json_node){
		.start = (uint32_t)(p - r->text.ptr),
		.end = (uint32_t)(end - r->text.ptr),
		.next = r->count,
		.type = type & 7,
	};
	return end;
}

/* ---- names ------------------------------------------------------------- */

static struct json
view(const struct reader *r)
{
	return (struct json){ .text = r->text, .node = r->node, .count = r->count };
}

static bool
repeated(struct reader *r, uint32_t node)
{
	fail(r, ERR_JSON_DUPLICATE_KEY, r->text.ptr + r->node[node].start, "a name is repeated");
	return false;
}

static inline uint64_t
load8(const char *p)
{
	uint64_t word;

	memcpy(&word, p, sizeof word);
	return word;
}

/* The first eight bytes of a name that has no escapes, its last eight, and its length. */
static inline uint64_t
raw_sign(const struct reader *r, const struct json_node *node)
{
	const char *p = r->text.ptr + node->start + 1;
	uint64_t len = node->end - node->start - 2, first = 0, last = 0;

	if (len >= 8) {
		first = load8(p);
		last = load8(p + len - 8);
	} else if (r->scan.end - p >= 8) {
		first = load8(p) & ((UINT64_C(1) << len * 8) - 1);
	} else {
		memcpy(&first, p, len);
	}
	return (first ^ (last << 29 | last >> 35)) + len * UINT64_C(0x9e3779b97f4a7c15);
}

/*
 * Do two names with equal signs mean the same?  Where signs are hashes they
 * hardly ever do not, so it is no matter what that costs.
 */
static bool
same_name(const struct reader *r, uint32_t a, uint32_t b)
{
	struct json j = view(r);

	if (r->node[b].escaped)
		return json_is(&j, a, json_string(r->arena, &j, b));
	return json_is(&j, a, json_inside(&j, b));
}

/*
 * A few names, each with those before it.  A word of 64 bits remembers roughly
 * which signs were there, so most names are compared with none.
 */
static bool
few_differ(struct reader *r, const struct name *name, uint32_t count)
{
	uint64_t seen = 0, bit;

	for (uint32_t i = 0; i < count; i++) {
		bit = UINT64_C(1) << (name[i].sign * UINT64_C(0x9e3779b97f4a7c15) >> 58);
		for (uint32_t k = 0; (seen & bit) != 0 && k < i; k++)
			if (name[k].sign == name[i].sign &&
			    same_name(r, name[k].node, name[i].node))
				return repeated(r, name[i].node);
		seen |= bit;
	}
	return true;
}

/* Sorts by one byte of the signs; names that are equal in it keep their order. */
static __attribute__((noinline)) void
sort_names(const struct name *name, struct name *out, uint32_t count, unsigned shift)
{
	uint32_t place[256] = { 0 }, sum = 0;

	for (uint32_t i = 0; i < count; i++)
		place[name[i].sign >> shift & 255]++;
	for (unsigned i = 0; i < 256; i++) {
		uint32_t n = place[i];

		place[i] = sum;
		sum += n;
	}
	for (uint32_t i = 0; i < count; i++)
		out[place[name[i].sign >> shift & 255]++] = name[i];
}

static bool
reserve_names(struct reader *r, uint32_t count)
{
	if (count <= r->name_cap)
		return true;
	if (r->name_cap > 0 && count < 2 * r->name_cap)
		count = 2 * r->name_cap;
	r->name = arena_alloc(r->arena, 2 * (size_t)count * sizeof *r->name);
	r->name_cap = r->name == NULL ? 0 : count;
	return r->name != NULL;
}

static const struct hash_key sign_key = { { 0, 0 } };

/*
 * Signs names, from that of node `at` on, by a hash of what they mean; returns the node of
 * the next one, or 0 for want of memory.
 */
static uint32_t
hash_names(struct reader *r, struct name *name, uint32_t at, uint32_t count)
{
	struct json j = view(r);

	for (uint32_t i = 0; i < count; i++) {
		name[i].sign = hash_64(&sign_key, json_string(r->arena, &j, at));
		name[i].node = at;
		at = r->node[at + 1].next;
	}
	return arena_overflowed(r->arena) ? 0 : at;
}

/* Takes up to `wanted` from what a step may still do. */
static uint32_t
afford(struct crowd *c, uint32_t wanted)
{
	uint32_t n = wanted < c->budget ? wanted : c->budget;

	c->budget -= n;
	return n;
}

/*
 * Many names.  Their order by a 64-bit hash puts equal ones side by side, at a
 * cost that no choice of names can raise: to bring many unequal names together
 * takes 2^64 attempts for each of them, though the hash's key is known.
 * True when no two are equal; false also when the step is over.
 */
static bool
crowd_differs(struct reader *r)
{
	struct crowd *c = &r->crowd;
	struct name *name = r->name;
	uint32_t n = afford(c, c->count - c->signed_count);

	c->at = hash_names(r, name + c->signed_count, c->at, n);
	c->signed_count += n;
	if (c->at == 0)
		return fail(r, ERR_MEMORY, r->at, "too many names") != NULL;
	if (c->signed_count < c->count)
		return rest(r, IN_CROWD, r->at) != NULL;
	/* An even number of passes: the sorted names are where they were. */
	for (; c->shift < 64; c->shift += 8) {
		if (c->budget == 0)
			return rest(r, IN_CROWD, r->at) != NULL;
		(void)afford(c, c->count);
		sort_names(c->shift % 16 == 0 ? name : name + r->name_cap,
		    c->shift % 16 == 0 ? name + r->name_cap : name, c->count, c->shift);
	}
	for (n = afford(c, c->count - c->compared); n > 0; n--, c->compared++)
		for (uint32_t i = c->compared, k = i;
		    k-- > 0 && name[k].sign == name[i].sign;)
			if (same_name(r, name[k].node, name[i].node))
				return repeated(r, name[i].node);
	return c->compared == c->count || rest(r, IN_CROWD, r->at) != NULL;
}

/* Signs the names of an object by their bytes; false if one has an escape. */
static bool
sign_names(struct reader *r, struct name *name, uint32_t at, uint32_t count)
{
	for (uint32_t i = 0; i < count; i++) {
		if (r->node[at].escaped)
			return false;
		name[i].sign = raw_sign(r, &r->node[at]);
		name[i].node = at;
		at = r->node[at + 1].next;
	}
	return true;
}

/*
 * Apart from the reader's loop, so that its scratch is on the stack only while it is used.
 * `end` is behind the object's bracket.
 */
static __attribute__((noinline)) bool
names_differ(struct reader *r, uint32_t object, const char *end)
{
	struct name few[SMALL_OBJECT];
	uint32_t count = r->node[object].count, at = object + 1;

	if (count <= SMALL_OBJECT) {
		if (sign_names(r, few, at, count) || hash_names(r, few, at, count) != 0)
			return few_differ(r, few, count);
	} else if (reserve_names(r, count)) {
		r->at = end;
		r->crowd = (struct crowd){ .object = object, .count = count, .at = at,
		    .budget = r->crowd.budget };
		return crowd_differs(r);
	}
	fail(r, ERR_MEMORY, r->text.ptr + r->node[object].start, "too many names");
	return false;
}

/* ---- the document ------------------------------------------------------ */

/* The array or object whose bracket is at p begins. */
static inline const char *
open_level(struct reader *r, const char *p)
{
	struct json_node *node;

	if (r->depth == JSON_DEPTH_MAX)
		return fail(r, ERR_JSON_TOO_DEEP, p, "nested too deeply");
	r->level[r->depth++] = (struct level){ .node = r->count };
	r->in_object = *p == '{';
	node = push(r, p);
	if (node == NULL)
		return NULL;
	*node = (struct json_node){
		.start = (uint32_t)(p - r->text.ptr),
		.type = r->in_object ? JSON_OBJECT : JSON_ARRAY,
	};
	return scan_space(p + 1, r->scan.end);
}

static inline bool
is_in_object(const struct reader *r)
{
	return r->depth > 0 && r->node[r->level[r->depth - 1].node].type == JSON_OBJECT;
}

/* The innermost level ends with the bracket at p. */
static inline const char *
close_level(struct reader *r, const char *p)
{
	struct level level = r->level[--r->depth];
	struct json_node *node = &r->node[level.node];

	node->end = (uint32_t)(p + 1 - r->text.ptr);
	node->next = r->count;
	node->count = (level.commas + (r->count > level.node + 1)) & 0x7ffffff;
	if (r->in_object && node->count > 1 && r->unique && !names_differ(r, level.node, p + 1))
		return NULL;
	r->in_object = is_in_object(r);
	return p + 1;
}

/*
 * After a value: closes what ends here, up to a comma or the end of the document.  A part
 * of the loop below, and not a call from there: the compiler is told so because what goes
 * on after a pause uses it too.
 */
static inline __attribute__((always_inline)) const char *
leave(struct reader *r, const char *p)
{
	while (r->depth > 0) {
		p = scan_space(p, r->scan.end);
		if (p == r->scan.end)
			return scan_fault(&r->scan, p, "the document ends too early");
		if (*p == ',') {
			r->level[r->depth - 1].commas++;
			return p + 1;
		}
		if (*p != (r->in_object ? '}' : ']'))
			return scan_fault(&r->scan, p, "a comma or a bracket must stand here");
		p = close_level(r, p);
		if (p == NULL)
			return NULL;
	}
	return p;
}

/* The colon behind a name. */
static inline const char *
read_colon(struct reader *r, const char *p)
{
	p = scan_space(p, r->scan.end);
	if (p == r->scan.end || *p != ':')
		return scan_fault(&r->scan, p, "a colon must stand here");
	return p + 1;
}

/* A member's name and its colon. */
static inline const char *
read_name(struct reader *r, const char *p)
{
	p = scan_space(p, r->scan.end);
	if (p == r->scan.end || *p != '"')
		return scan_fault(&r->scan, p, "a name must stand here");
	p = read_string(r, p, true);
	return p == NULL ? NULL : read_colon(r, p);
}

/* A value up to what is in it; of one without, up to the next one.  Inlined like leave(). */
static inline __attribute__((always_inline)) const char *
read_value(struct reader *r, const char *p)
{
	p = scan_space(p, r->scan.end);
	if (p == r->scan.end)
		return scan_fault(&r->scan, p, "a value is missing");
	if (*p == '{' || *p == '[') {
		p = open_level(r, p);
		/* An empty one is left at once; into any other we go. */
		if (p != NULL && (p == r->scan.end || *p != (r->in_object ? '}' : ']')))
			return p;
	} else {
		p = read_scalar(r, p);
	}
	return p == NULL ? NULL : leave(r, p);
}

/* Values, until the outermost one ends; returns where. */
static const char *
read_values(struct reader *r, const char *p)
{
	do {
		if (p >= r->scan.until && p < r->scan.end)
			return rest(r, BETWEEN_VALUES, p);
		if (r->in_object) {
			p = read_name(r, p);
			if (p == NULL)
				return NULL;
		}
		p = read_value(r, p);
	} while (p != NULL && r->depth > 0);
	return p;
}

static const char *
read_first(struct reader *r)
{
	r->node = arena_alloc(r->arena, r->cap * sizeof *r->node);
	if (r->node == NULL)
		return fail(r, ERR_MEMORY, r->text.ptr, "no memory");
	return read_values(r, r->text.ptr);
}

/* What the last step was in the middle of. */
static __attribute__((noinline)) const char *
go_on(struct reader *r, enum pause pause)
{
	const char *p = r->at;

	switch (pause) {
	case NOT_PAUSED:
	case BETWEEN_VALUES:
		return p;
	case BEFORE_VALUES:
	case IN_BLAME:
		return read_first(r);
	case IN_NAME:
		p = go_on_string(r, true);
		p = p == NULL ? NULL : read_colon(r, p);
		return p == NULL ? NULL : read_value(r, p);
	case IN_STRING:
		p = go_on_string(r, false);
		break;
	case IN_CROWD:
		if (!crowd_differs(r))
			return NULL;
		r->in_object = is_in_object(r);
		break;
	}
	return p == NULL ? NULL : leave(r, p);
}

static bool
read_on(struct reader *r, enum pause pause)
{
	const char *p = go_on(r, pause);

	if (p != NULL && r->depth > 0)
		p = read_values(r, p);
	if (p == NULL)
		return false;
	p = scan_space(p, r->scan.end);
	if (p < r->scan.end)
		return scan_fault(&r->scan, p, "something follows the document") != NULL;
	/* Two names may have been taken for unequal where memory failed. */
	return !arena_overflowed(r->arena) || fail(r, ERR_MEMORY, p, "no memory") != NULL;
}

/* Whatever else is wrong with it: a text that is not UTF-8 is said to be just that. */
static void
blame(struct reader *r)
{
	struct slice s = slice_of(r->at, (size_t)(r->scan.until - r->at));
	size_t valid = utf8_valid(s);
	bool to_end = r->scan.until == r->scan.end;

	/* A step may end inside of a code point. */
	if (valid < s.len && (to_end || s.len - valid >= UTF8_BYTES_MAX))
		fail(r, ERR_JSON_MALFORMED, r->at + valid, "not UTF-8");
	else if (!to_end)
		rest(r, IN_BLAME, r->at + valid);
}

/* True if the document was read, and is one; false also when the step is over. */
static bool
read_document(struct reader *r)
{
	enum pause pause = r->pause;
	/* What may be read in one step is also blamed in it: it may be gone in the next. */
	bool once = pause == BEFORE_VALUES && r->scan.until == r->scan.end;

	r->pause = NOT_PAUSED;
	if (pause != IN_BLAME) {
		if (read_on(r, pause))
			return true;
		if (r->pause != NOT_PAUSED)
			return false;
		r->at = r->text.ptr;
		if (!once)
			return rest(r, IN_BLAME, r->text.ptr) != NULL;
	}
	blame(r);
	return false;
}

static inline struct reader
begin(struct arena *arena, struct slice text, unsigned rules, struct level *level)
{
	size_t guess = text.len / 16 + 16;

	must(text.len < UINT32_MAX);
	return (struct reader){
		.text = text,
		.scan = { .end = text.ptr + text.len, .wide = (rules & JSON_WIDE) != 0 },
		.arena = arena,
		.cap = guess < NODES_FIRST_MAX ? (uint32_t)guess : NODES_FIRST_MAX,
		.unique = (rules & JSON_DUPLICATES_KEPT) == 0,
		.err = ERR_JSON_MALFORMED,
		.level = level,
		.pause = BEFORE_VALUES,
		.at = text.ptr,
	};
}

/* Goes on for so many bytes, or names; true when the reading is over. */
static bool
step(struct reader *r, size_t bytes)
{
	size_t left = (size_t)(r->scan.end - r->at);

	if (bytes < UTF8_BYTES_MAX)
		bytes = UTF8_BYTES_MAX;
	r->scan.until = r->at + (bytes < left ? bytes : left);
	bytes /= NAME_BYTES;
	r->crowd.budget = bytes < UINT32_MAX ? (uint32_t)bytes + 1 : UINT32_MAX;
	r->whole = read_document(r);
	return r->pause == NOT_PAUSED;
}

static enum err
finish(const struct reader *r, struct json *out, struct json_fault *fault)
{
	if (!r->whole) {
		*fault = (struct json_fault){ (uint32_t)(r->scan.at - r->text.ptr), r->scan.why };
		return r->err;
	}
	*out = view(r);
	return ERR_OK;
}

enum err
json_parse(struct arena *arena, struct slice text, unsigned rules, struct json *out,
    struct json_fault *fault)
{
	struct level level[JSON_DEPTH_MAX];
	struct reader r = begin(arena, text, rules, level);

	while (!step(&r, SIZE_MAX))
		;
	return finish(&r, out, fault);
}

/* ---- in steps --------------------------------------------------------- */

struct json_reading {
	struct reader	reader;
	struct level	level[JSON_DEPTH_MAX];
};

struct json_reading *
json_begin(struct arena *arena, struct slice text, unsigned rules)
{
	struct json_reading *reading = arena_alloc(arena, sizeof *reading);

	if (reading != NULL)
		reading->reader = begin(arena, text, rules, reading->level);
	return reading;
}

bool
json_step(struct json_reading *reading, size_t bytes)
{
	return step(&reading->reader, bytes);
}

enum err
json_end(const struct json_reading *reading, struct json *out, struct json_fault *fault)
{
	must(reading->reader.pause == NOT_PAUSED);
	return finish(&reading->reader, out, fault);
}
