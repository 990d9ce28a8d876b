/* SPDX-License-Identifier: Apache-2.0 */
#include "sim/message.h"

#include <stdlib.h>
#include <strings.h>

#include "sim/world.h"

void
message_init(struct message *m, bool is_request, bool to_head)
{
	*m = (struct message){ .is_request = is_request, .to_head = to_head };
}

void
message_free(struct message *m)
{
	world_free(m->head);
	world_free(m->payload);
	world_free(m->part);
	*m = (struct message){ 0 };
}

struct slice
message_field(const struct message *m, const char *name)
{
	size_t len = strlen(name);

	for (size_t i = 0; i + len + 2 < m->head_len; i++) {
		size_t end;

		if (m->head[i] != '\n' || strncasecmp(m->head + i + 1, name, len) != 0 ||
		    m->head[i + 1 + len] != ':')
			continue;
		i += len + 2;
		while (m->head[i] == ' ')
			i++;
		for (end = i; m->head[end] != '\r';)
			end++;
		return slice_of(m->head + i, end - i);
	}
	return slice_of(NULL, 0);
}

static bool
is_word(struct slice s, const char *word)
{
	return s.len == strlen(word) && strncasecmp(s.ptr, word, s.len) == 0;
}

static void
begin_body(struct message *m)
{
	struct slice length = message_field(m, "content-length");

	m->head_raw = m->raw;
	m->chunked = is_word(message_field(m, "transfer-encoding"), "chunked");
	m->closes = is_word(message_field(m, "connection"), "close");
	m->left = length.len > 0 ? strtoull(length.ptr, NULL, 10) : 0;
	if (!m->is_request && m->status < 200) {
		m->continues += m->status == 100;
		m->head_len = 0;
		m->state = m->status == 101 ? MESSAGE_BAD : MESSAGE_HEAD;
	} else if ((m->to_head && m->status != 408) || m->status == 204 || m->status == 304) {
		m->state = MESSAGE_WHOLE;
	} else if (m->chunked) {
		m->state = length.ptr != NULL ? MESSAGE_BAD : MESSAGE_CHUNK_SIZE;
	} else if (length.ptr != NULL || m->is_request) {
		m->state = m->left == 0 ? MESSAGE_WHOLE : MESSAGE_COUNTED;
	} else {
		m->state = MESSAGE_UNTIL_CLOSE;
		m->closes = true;
	}
}

static void
take_head(struct message *m, char c)
{
	m->head = world_grow(m->head, &m->head_room, m->head_len + 2, 1);
	m->head[m->head_len++] = c;
	m->head[m->head_len] = '\0';
	if (m->head_len > MESSAGE_HEAD_MAX) {
		m->state = MESSAGE_BAD;
		return;
	}
	if (m->head_len < 4 || memcmp(m->head + m->head_len - 4, "\r\n\r\n", 4) != 0)
		return;
	if (!m->is_request) {
		if (strncmp(m->head, "HTTP/1.1 ", 9) != 0) {
			m->state = MESSAGE_BAD;
			return;
		}
		m->status = (int)strtol(m->head + 9, NULL, 10);
	}
	begin_body(m);
}

static void
take_size(struct message *m, char c)
{
	if (c >= '0' && c <= '9')
		m->left = m->left * 16 + (uint64_t)(c - '0');
	else if (c >= 'a' && c <= 'f')
		m->left = m->left * 16 + (uint64_t)(c - 'a') + 10;
	else if (c >= 'A' && c <= 'F')
		m->left = m->left * 16 + (uint64_t)(c - 'A') + 10;
	else if (c == '\n')
		m->state = m->left > 0 ? MESSAGE_CHUNK_DATA : MESSAGE_CHUNK_LAST;
	else if (c != '\r')
		m->state = MESSAGE_BAD;
	m->ends = 0;
}

/* CR LF behind a chunk, or behind the last one. */
static void
take_end(struct message *m, char c)
{
	if (c != "\r\n"[m->ends]) {
		m->state = MESSAGE_BAD;
		return;
	}
	if (++m->ends < 2)
		return;
	m->state = m->state == MESSAGE_CHUNK_END ? MESSAGE_CHUNK_SIZE : MESSAGE_WHOLE;
	m->left = 0;
}

static size_t
take_payload(struct message *m, struct slice s)
{
	size_t n = s.len;

	if (m->state != MESSAGE_UNTIL_CLOSE && n > m->left)
		n = (size_t)m->left;
	m->part = world_grow(m->part, &m->part_room, m->part_count + 1, sizeof *m->part);
	m->part[m->part_count++] = (struct message_part){ m->payload_len, m->raw };
	m->payload = world_grow(m->payload, &m->payload_room, m->payload_len + n + 1, 1);
	memcpy(m->payload + m->payload_len, s.ptr, n);
	m->payload_len += n;
	m->raw += n;
	if (m->state == MESSAGE_UNTIL_CLOSE)
		return n;
	m->left -= n;
	if (m->left == 0)
		m->state = m->state == MESSAGE_COUNTED ? MESSAGE_WHOLE : MESSAGE_CHUNK_END;
	m->ends = 0;
	return n;
}

size_t
message_feed(struct message *m, struct slice s)
{
	size_t at = 0;

	while (at < s.len && m->state != MESSAGE_WHOLE && m->state != MESSAGE_BAD) {
		switch (m->state) {
		case MESSAGE_COUNTED:
		case MESSAGE_CHUNK_DATA:
		case MESSAGE_UNTIL_CLOSE:
			at += take_payload(m, slice_cut(s, at, s.len));
			continue;
		default:
			break;
		}
		m->raw++;
		switch (m->state) {
		case MESSAGE_HEAD:
			take_head(m, s.ptr[at++]);
			break;
		case MESSAGE_CHUNK_SIZE:
			take_size(m, s.ptr[at++]);
			break;
		default:
			take_end(m, s.ptr[at++]);
			break;
		}
	}
	return at;
}

bool
message_end(struct message *m)
{
	if (m->state == MESSAGE_UNTIL_CLOSE)
		m->state = MESSAGE_WHOLE;
	return m->state == MESSAGE_WHOLE;
}

size_t
message_raw(const struct message *m, size_t payload)
{
	size_t low = 0, high = m->part_count;

	while (high - low > 1) {
		size_t middle = (low + high) / 2;

		if (m->part[middle].payload <= payload)
			low = middle;
		else
			high = middle;
	}
	return m->part_count == 0 ? m->raw : m->part[low].raw + (payload - m->part[low].payload);
}

/* The end of a line, LF, CRLF or CR, from `at` on; s.len when there is none. */
static size_t
line_end(struct slice s, size_t at, size_t *next)
{
	while (at < s.len && s.ptr[at] != '\n' && s.ptr[at] != '\r')
		at++;
	*next = at + 1;
	if (at + 1 < s.len && s.ptr[at] == '\r' && s.ptr[at + 1] == '\n')
		*next = at + 2;
	return at;
}

size_t
message_event(struct slice s, struct slice *data)
{
	size_t at = 0, next;

	*data = slice_of(NULL, 0);
	while (at < s.len) {
		size_t end = line_end(s, at, &next);
		struct slice line = slice_cut(s, at, end);

		if (end == s.len)
			return 0;
		if (line.len == 0)
			return next;
		if (slice_starts(line, S("data:")))
			*data = slice_trim(slice_cut(line, 5, line.len));
		at = next;
	}
	return 0;
}
