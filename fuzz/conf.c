/* SPDX-License-Identifier: Apache-2.0 */

/*
 * conf - any bytes as a configuration.
 *
 * Detached, so that no file and no environment is touched.  A file that loads
 * must print to one that loads and prints the same; one that does not must
 * have a message, and every message is one printable line inside the file.
 */

#include "conf/load.h"

#include <stdlib.h>

#include "core/limit.h"
#include "core/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const struct hash_key hash_key = { { 1, 2 } };
static const struct conf_options options = {
	.hash_key = &hash_key, .workers = 2, .detached = true,
};

static void
check_message(const struct report_message *message, uint32_t lines)
{
	must(message->line <= lines);
	must(message->text.len > 0 && message->text.len <= CONF_MESSAGE_BYTES);
	must(utf8_valid(message->text) == message->text.len);
	for (size_t i = 0; i < message->text.len; i++)
		must((unsigned char)message->text.ptr[i] >= 0x20 && message->text.ptr[i] != 0x7f);
}

static void
check_report(const struct report *report, struct slice yaml)
{
	uint32_t lines = 2, errors = 0;		/* an error may stand behind the last line */

	for (size_t i = 0; i < yaml.len; i++)
		lines += yaml.ptr[i] == '\n' || yaml.ptr[i] == '\r' || (uint8_t)yaml.ptr[i] >= 0x80;
	for (uint32_t i = 0; i < report->count; i++) {
		check_message(&report->message[i], lines);
		errors += !report->message[i].warning;
	}
	must((errors > 0) == (report->errors > 0) && report->count <= CONF_ERRORS_MAX);
}

static struct snapshot *
load(struct slice yaml)
{
	struct snapshot *s = NULL;
	struct report report;
	enum err e;

	report_init(&report, S("fuzz"));
	e = conf_load(yaml, &options, &report, &s);
	check_report(&report, yaml);
	must((e == ERR_OK) == (s != NULL) && (e == ERR_CONF) == (report.errors > 0));
	report_release(&report);
	return s;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct snapshot *s = load(slice_of((const char *)data, size));

	if (s != NULL) {
		struct snapshot *again = load(s->effective);

		must(again != NULL && slice_eq(again->effective, s->effective));
		must(strcmp(again->hash, s->hash) == 0);
		for (uint32_t i = 0; i < s->model_count; i++)
			must(snapshot_model(s, s->model[i].name) == &s->model[i]);
		for (uint32_t i = 0; i < s->group_count; i++)
			must(snapshot_group(s, s->group[i].name) == &s->group[i]);
		snapshot_unref(again);
	}
	snapshot_unref(s);
	return 0;
}
