/* SPDX-License-Identifier: Apache-2.0 */
#include "serve/show.h"

#include <stdio.h>
#include <stdlib.h>

#include "core/limit.h"
#include "run/host.h"

/* A message with its file's name, and a shown line with its caret. */
enum { SHOWN_BYTES = CONF_MESSAGE_BYTES + 768, SHOWN_COLUMNS = 120 };

static struct slice
line_at(struct slice yaml, uint32_t line)
{
	size_t end;

	for (; line > 1 && yaml.len > 0; line--) {
		end = slice_find(yaml, S("\n"));
		yaml = slice_cut(yaml, end + (end < yaml.len), yaml.len);
	}
	end = slice_find(yaml, S("\n"));
	return slice_cut(yaml, 0, end);
}

/* The line, tabs as they are, and under its column a caret; long lines are cut. */
static void
put_line(struct text *t, struct slice line, uint32_t column)
{
	uint32_t at = 1;

	if (line.len > 0 && line.ptr[line.len - 1] == '\r')
		line.len--;
	for (size_t i = 0; i < line.len; i++)
		if ((unsigned char)line.ptr[i] < 0x20 && line.ptr[i] != '\t')
			return;
	if (line.len > SHOWN_COLUMNS || column > line.len + 1)
		return;
	text_put(t, S("    "));
	text_put(t, line);
	text_put(t, S("\n    "));
	for (size_t i = 0; i < line.len && at < column; i++) {
		if (((unsigned char)line.ptr[i] & 0xc0) == 0x80)
			continue;
		text_put_char(t, line.ptr[i] == '\t' ? '\t' : ' ');
		at++;
	}
	text_put(t, S("^\n"));
}

void
show_report(const struct report *report, struct slice yaml)
{
	bool terminal = host_is_terminal(fileno(stderr));
	char room[SHOWN_BYTES];
	struct text text;

	for (uint32_t i = 0; i < report->count; i++) {
		const struct report_message *message = &report->message[i];

		text_init(&text, room, sizeof room);
		report_put(report, i, &text);
		if (terminal && !message->hide)
			put_line(&text, line_at(yaml, message->line), message->column);
		fwrite(text.ptr, 1, text.len, stderr);
	}
}

static void
put_message(struct text *t, const struct report_message *message)
{
	text_put(t, S("{\"severity\":\""));
	text_put(t, message->warning ? S("warning") : S("error"));
	text_put(t, S("\",\"line\":"));
	text_put_number(t, message->line);
	text_put(t, S(",\"column\":"));
	text_put_number(t, message->column);
	text_put(t, S(",\"text\":"));
	text_put_json(t, message->text);
	text_put(t, S("}"));
}

void
show_json(const struct report *report, const struct snapshot *snapshot)
{
	size_t room_bytes = ((size_t)report->count + 2) * 2 * CONF_MESSAGE_BYTES;
	char *room = malloc(room_bytes);
	struct text text;

	if (room == NULL)
		return;
	text_init(&text, room, room_bytes);
	text_put(&text, S("{\"file\":"));
	text_put_json(&text, report->file);
	text_put(&text, S(",\"ok\":"));
	text_put(&text, snapshot != NULL ? S("true") : S("false"));
	if (snapshot != NULL) {
		text_put(&text, S(",\"hash\":\""));
		text_put(&text, slice_of(snapshot->hash, SNAPSHOT_HASH_BYTES));
		text_put(&text, S("\""));
	}
	text_put(&text, S(",\"messages\":["));
	for (uint32_t i = 0; i < report->count; i++) {
		if (i > 0)
			text_put(&text, S(","));
		put_message(&text, &report->message[i]);
	}
	text_put(&text, S("]}\n"));
	fwrite(text.ptr, 1, text.len, stdout);
	free(room);
}
