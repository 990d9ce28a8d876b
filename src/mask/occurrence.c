/* SPDX-License-Identifier: Apache-2.0 */
#include "mask/occurrence.h"

#define BYTES_MIN	3
#define BYTES_MAX	256
#define BUCKETS		1024

/*
 * A bucket is what the first three bytes of a value say; its word has a bit for each length
 * (by 64) of its values.  So nearly every place of a text is done with after one load.
 */
struct occurrences {
	const struct vault	*vault;
	uint64_t		 lengths[BUCKETS];
	uint32_t		*slot;		/* entry's index + 1, by the hash of the value */
	uint32_t		 room;		/* a power of 2 */
};

static unsigned
bucket(const char *p)
{
	uint32_t key = (unsigned char)p[0] | (uint32_t)(unsigned char)p[1] << 8 |
	    (uint32_t)(unsigned char)p[2] << 16;

	return key * UINT32_C(0x9e3779b1) >> 22;
}

static uint32_t
home(const struct occurrences *o, struct slice value)
{
	return (uint32_t)hash_64(&o->vault->key, value) & (o->room - 1);
}

static void
put(struct occurrences *o, uint32_t entry)
{
	struct slice value = o->vault->entry[entry].value;
	uint32_t i;

	if (value.len < BYTES_MIN || value.len > BYTES_MAX)
		return;
	o->lengths[bucket(value.ptr)] |= UINT64_C(1) << value.len % 64;
	for (i = home(o, value); o->slot[i] != 0; i = (i + 1) & (o->room - 1))
		/* One value under two words: the one that came first is as good. */
		if (slice_eq(o->vault->entry[o->slot[i] - 1].value, value))
			return;
	o->slot[i] = entry + 1;
}

enum err
occurrence_index(struct arena *a, const struct vault *v, struct occurrences **out)
{
	struct occurrences *o = arena_zero(a, sizeof *o);

	if (o == NULL)
		return ERR_MEMORY;
	o->vault = v;
	for (o->room = 16; o->room < 2 * v->count;)
		o->room *= 2;
	o->slot = arena_zero(a, o->room * sizeof *o->slot);
	if (o->slot == NULL)
		return ERR_MEMORY;
	for (uint32_t i = 0; i < v->count; i++)
		put(o, i);
	*out = o;
	return ERR_OK;
}

static const struct vault_entry *
find(const struct occurrences *o, struct slice value)
{
	for (uint32_t i = home(o, value); o->slot[i] != 0; i = (i + 1) & (o->room - 1))
		if (slice_eq(o->vault->entry[o->slot[i] - 1].value, value))
			return &o->vault->entry[o->slot[i] - 1];
	return NULL;
}

static bool
is_alnum(char c)
{
	return (unsigned)(c - '0') < 10 || (unsigned)((c | 0x20) - 'a') < 26;
}

/*
 * Do the bytes on both sides of this place belong to one word?  Those of ASCII and those of
 * other letters are taken for two: Chinese has no space around a Latin name.
 */
static bool
is_within_word(struct slice text, size_t at)
{
	if (at == 0 || at >= text.len)
		return false;
	return (is_alnum(text.ptr[at - 1]) && is_alnum(text.ptr[at])) ||
	    ((text.ptr[at - 1] & text.ptr[at]) & 0x80) != 0;
}

/* Lead bytes from U+3000 on: mostly Chinese, Japanese and Korean. */
static bool
is_without_spaces(char c)
{
	return (unsigned char)c >= 0xe3;
}

/* The longest value that begins at `at`; its length, or 0. */
static size_t
longest(const struct occurrences *o, struct slice text, size_t at, size_t to,
    const struct vault_entry **entry)
{
	uint64_t lengths = o->lengths[bucket(text.ptr + at)];
	size_t most = to - at < BYTES_MAX ? to - at : BYTES_MAX;
	bool words = !is_without_spaces(text.ptr[at]);

	for (size_t len = most; lengths != 0 && len >= BYTES_MIN; len--) {
		if ((lengths >> len % 64 & 1) == 0 || (words && is_within_word(text, at + len)))
			continue;
		*entry = find(o, slice_cut(text, at, at + len));
		if (*entry != NULL)
			return len;
	}
	return 0;
}

bool
occurrence_next(const struct occurrences *o, struct slice text, size_t from, size_t to,
    struct occurrence *found)
{
	for (size_t at = from; at + BYTES_MIN <= to; at++) {
		size_t len;

		if (o->lengths[bucket(text.ptr + at)] == 0 || (is_within_word(text, at) &&
		    !is_without_spaces(text.ptr[at])))
			continue;
		len = longest(o, text, at, to, &found->entry);
		if (len > 0) {
			found->start = at;
			found->end = at + len;
			return true;
		}
	}
	return false;
}
