/* SPDX-License-Identifier: Apache-2.0 */

/* identity - TLS files of a configuration become contexts, shared where they are the same. */

#include "conf/load.h"

#include "check.h"
#include "tls_files.h"

static const struct hash_key hash_key = { { 4, 6 } };

struct loaded {
	struct snapshot	*snapshot;
	char		 room[4096];
	struct text	 said;
};

static void
load(struct loaded *l, struct slice yaml)
{
	struct conf_options options = { .hash_key = &hash_key, .workers = 1 };
	struct report report;

	l->snapshot = NULL;
	text_init(&l->said, l->room, sizeof l->room);
	report_init(&report, S("t"));
	if (conf_load(yaml, &options, &report, &l->snapshot) != ERR_OK)
		for (uint32_t i = 0; i < report.count; i++)
			report_put(&report, i, &l->said);
	report_release(&report);
}

static struct files files;

/* The text with each @ replaced by the folder of the files. */
static struct slice
with_files(const char *yaml)
{
	static char room[8192];
	struct text t;

	text_init(&t, room, sizeof room);
	for (; *yaml != '\0'; yaml++)
		if (*yaml == '@')
			text_put(&t, slice_of(files.folder, strlen(files.folder)));
		else
			text_put_char(&t, *yaml);
	return text_slice(&t);
}

#define ZONE	"zones: {z: {kind: on_prem}}\n"
#define MODEL	"models: {m: {vendor: simulated, zone: z}}\n"

static void
servers(void)
{
	static struct loaded l, again;

	load(&l, with_files(ZONE MODEL
	    "listen: {address: \"127.0.0.1:0\", tls: {certificate: @/a.pem, key: @/a.key}}\n"
	    "admin: {address: \"127.0.0.1:0\", tls: {certificate: @/a.pem, key: @/a.key,\n"
	    "  client_ca: @/ca.pem}}\n"));
	if (l.snapshot == NULL)
		check_show("said", text_slice(&l.said));
	check_or_stop(l.snapshot != NULL, "a server's identity loads");
	check(l.snapshot->listen.tls != NULL && l.snapshot->admin.tls != NULL &&
	    l.snapshot->listen.tls != l.snapshot->admin.tls, "each listener has its own context");
	check_int(l.snapshot->tls_count, 2, "the snapshot holds both");
	load(&again, l.snapshot->effective);
	check_or_stop(again.snapshot != NULL, "what is printed loads");
	check_slice(again.snapshot->effective, l.snapshot->effective, "and prints the same");
	check(again.snapshot->admin.tls != NULL, "with TLS");
	snapshot_unref(again.snapshot);
	snapshot_unref(l.snapshot);
}

static void
clients(void)
{
	static struct loaded l;
	const struct model *m;

	load(&l, with_files(ZONE "models:\n"
	    "  system: {vendor: vllm, zone: z, url: \"https://a\"}\n"
	    "  own:    {vendor: vllm, zone: z, url: \"https://a\", ca: @/ca.pem}\n"
	    "  same:   {vendor: vllm, zone: z, url: \"https://b\", ca: @/ca.pem}\n"
	    "  mutual: {vendor: vllm, zone: z, url: \"https://a\", ca: @/ca.pem,\n"
	    "    client_certificate: @/a.pem, client_key: @/a.key}\n"
	    "  plain:  {vendor: vllm, zone: z, url: \"http://a\"}\n"));
	if (l.snapshot == NULL)
		check_show("said", text_slice(&l.said));
	check_or_stop(l.snapshot != NULL, "clients' identities load");
	m = l.snapshot->model;
	check(m[0].at.tls != NULL && m[0].at.tls != m[1].at.tls,
	    "authorities of one's own are another context");
	check(m[1].at.tls == m[2].at.tls, "the same authorities are the same context");
	check(m[3].at.tls != m[1].at.tls, "a client certificate is another one");
	check(m[4].at.tls == NULL, "http has none");
	check_int(l.snapshot->tls_count, 3, "three contexts for four models");
	check(m[0].at.pool_id != m[1].at.pool_id && m[1].at.pool_id != m[3].at.pool_id &&
	    m[1].at.pool_id != m[2].at.pool_id,
	    "and no connections are shared between identities or hosts");
	snapshot_unref(l.snapshot);
}

static const struct {
	const char	*yaml;
	const char	*want;
	const char	*why;
} wrong[] = {
	{ "listen: {address: \"127.0.0.1:0\", tls: {certificate: @/a.pem, key: @/b.key}}\n" MODEL,
	  "t:2:", "a key of another certificate" },
	{ "listen: {address: \"127.0.0.1:0\", tls: {certificate: @/none.pem, key: @/a.key}}\n" MODEL,
	  "none.pem", "no such certificate" },
	{ "listen: {address: \"127.0.0.1:0\", tls: {certificate: @/text, key: @/a.key}}\n" MODEL,
	  "PEM", "a file that is no certificate" },
	{ "listen: {address: \"127.0.0.1:0\", tls: {certificate: @/old.pem, key: @/old.key}}\n" MODEL,
	  "old.pem", "a certificate of the past" },
	{ "models: {m: {vendor: vllm, zone: z, url: \"https://a\", ca: @/none.pem}}\n",
	  "none.pem", "no such authorities" },
	{ "models:\n  a: {vendor: vllm, zone: z, url: \"https://a\", client_certificate: @/a.pem,\n"
	  "    client_key: @/b.key}\n", "t:3:", "a client's key of another certificate" },
};

static void
mistakes(void)
{
	static struct loaded l;
	char yaml[2048];

	for (size_t i = 0; i < COUNT_OF(wrong); i++) {
		struct slice said;

		snprintf(yaml, sizeof yaml, ZONE "%s", wrong[i].yaml);
		load(&l, with_files(yaml));
		said = text_slice(&l.said);
		check(l.snapshot == NULL, "refused: %s", wrong[i].why);
		struct slice want = slice_of(wrong[i].want, strlen(wrong[i].want));

		if (!check(slice_find(said, want) < said.len, "told: %s", wrong[i].why))
			check_show("said", said);
		snapshot_unref(l.snapshot);
	}
	load(&l, with_files(ZONE "models:\n"
	    "  a: {vendor: vllm, zone: z, url: \"https://a\", ca: @/none.pem}\n"
	    "  b: {vendor: vllm, zone: z, url: \"https://b\", ca: @/none.pem}\n"));
	check_int(slice_find(slice_cut(text_slice(&l.said), 20, l.said.len), S("none.pem")) + 20 <
	    l.said.len, true, "files that two models name");
	size_t lines = 0;

	for (size_t i = 0; i < l.said.len; i++)
		lines += l.said.ptr[i] == '\n';
	check_int((int64_t)lines, 1, "are complained of once");
}

int
main(void)
{
	static const long day = 86400;
	static const struct wish leaf[] = {
		{ "a", "DNS:a", -day, day, "a" },
		{ "b", "DNS:b", -day, day, "b" },
		{ "old", "DNS:old", -2 * day, -day, "old" },
	};
	struct authority ca;

	files_open(&files);
	ca = files_certificate(&files, &(struct wish){ "ca", NULL, -day, day, "Test CA" }, NULL);
	for (size_t i = 0; i < COUNT_OF(leaf); i++) {
		struct authority a = files_certificate(&files, &leaf[i], &ca);

		authority_free(&a);
	}
	authority_free(&ca);
	files_text(&files, "text", "no certificate\n");
	unsetenv("HTTPS_PROXY");
	unsetenv("https_proxy");
	servers();
	clients();
	mistakes();
	files_remove(&files);
	return check_done();
}
