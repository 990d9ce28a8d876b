/* SPDX-License-Identifier: Apache-2.0 */
#include "core/splice.h"

void
splice_init(struct splice *p, struct slice text)
{
	p->text = text;
	p->count = 0;
}

bool
splice_replace(struct splice *p, size_t start, size_t end, struct slice with)
{
	size_t at = p->count;

	must(start <= end && end <= p->text.len);
	if (p->count == SPLICE_MAX)
		return false;
	/* Behind every edit that does not stand after it: equal insertions keep their order. */
	while (at > 0 && (p->edit[at - 1].start > start ||
	    (p->edit[at - 1].start == start && p->edit[at - 1].end > end)))
		at--;
	if (at > 0 && p->edit[at - 1].end > start)
		return false;
	if (at < p->count && p->edit[at].start < end)
		return false;
	memmove(&p->edit[at + 1], &p->edit[at], (p->count - at) * sizeof p->edit[0]);
	p->edit[at].start = start;
	p->edit[at].end = end;
	p->edit[at].with = with;
	p->count++;
	return true;
}

size_t
splice_pieces(const struct splice *p, struct slice *piece)
{
	size_t at = 0, count = 0;

	for (size_t i = 0; i < p->count; i++) {
		if (p->edit[i].start > at)
			piece[count++] = slice_cut(p->text, at, p->edit[i].start);
		if (p->edit[i].with.len > 0)
			piece[count++] = p->edit[i].with;
		at = p->edit[i].end;
	}
	if (p->text.len > at)
		piece[count++] = slice_cut(p->text, at, p->text.len);
	return count;
}

size_t
splice_bytes(const struct splice *p)
{
	size_t bytes = p->text.len;

	for (size_t i = 0; i < p->count; i++)
		bytes = bytes - (p->edit[i].end - p->edit[i].start) + p->edit[i].with.len;
	return bytes;
}
