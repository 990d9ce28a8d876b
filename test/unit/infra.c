/* SPDX-License-Identifier: Apache-2.0 */
#include "secret/infra.h"

#include "blocks.h"
#include "check.h"
#include "secret/code.h"

static struct blocks blocks = BLOCKS;
static struct arena arena;

/* Types and texts of what is found, "TYPE=TEXT" with a space between. */
static struct slice
found(struct slice text, void (*look)(const struct look *))
{
	struct findings f;
	struct text t;

	text_init(&t, arena_bytes(&arena, 4096), 4096);
	findings_init(&f, &arena);
	look(&(struct look){ .text = text, .arena = &arena, .findings = &f });
	findings_settle(&f, text);
	for (uint32_t i = 0; i < f.count; i++) {
		text_put(&t, i > 0 ? S(" ") : S(""));
		text_put(&t, type_info((enum detect_type)f.at[i].type)->name);
		text_put(&t, S("="));
		text_put(&t, slice_cut(text, f.at[i].start, f.at[i].end));
	}
	return text_slice(&t);
}

static const struct {
	struct slice	text, want;
	const char	*why;
} places[] = {
	{ S("at db-1.internal."), S("internal_host=db-1.internal"), "a host with a number" },
	{ S("https://wiki.corp/x"), S("internal_host=wiki.corp"), "a host behind a scheme" },
	{ S("api.shop.svc.cluster.local:80"), S("internal_host=api.shop.svc.cluster.local"),
	    "a service of Kubernetes" },
	{ S("x = foo.internal(1)"), S(""), "a member that is called" },
	{ S("com.sun.internal.Foo"), S(""), "a package of Java" },
	{ S("see git.config.local.json"), S(""), "a file" },
	{ S("is it local. Internal? no"), S(""), "words" },
	{ S("10.0.0.1"), S("private_ip=10.0.0.1"), "RFC 1918, class A" },
	{ S("172.16.0.1 172.31.255.1 172.32.0.1"),
	    S("private_ip=172.16.0.1 private_ip=172.31.255.1"),
	    "RFC 1918, class B and its end" },
	{ S("192.168.1.0/24,"), S("private_ip=192.168.1.0/24"), "RFC 1918, class C, a network" },
	{ S("100.64.0.1 100.128.0.1"), S("private_ip=100.64.0.1"), "RFC 6598 and its end" },
	{ S("169.254.169.254"), S("private_ip=169.254.169.254"), "RFC 3927" },
	{ S("8.8.8.8 127.0.0.1 10.0.0.256 10.0.0 1.10.0.0.1"), S(""), "no private address" },
	{ S("fd12:3456:789a::1 and fe80::1"), S("private_ip=fd12:3456:789a::1 private_ip=fe80::1"),
	    "RFC 4193, and a link" },
	{ S("feed: one, fade::x"), S(""), "words before colons" },
	{ S("arn:aws:s3:::acme-logs/*"), S("cloud_resource=arn:aws:s3:::acme-logs/"),
	    "a resource name" },
	{ S("i-0abc12345678def90 stopped"), S("cloud_resource=i-0abc12345678def90"),
	    "an instance" },
	{ S("vpc-1a2b3c4d sg-1a2b3c4d5"), S("cloud_resource=vpc-1a2b3c4d"),
	    "eight digits, and nine" },
	{ S("projects/acme/zones/eu-1/disks/a"),
	    S("cloud_resource=projects/acme/zones/eu-1/disks/a"),
	    "a resource of Google" },
	{ S("projects/acme/readme"), S(""), "a folder" },
	{ S("https://acme.s3.eu-west-1.amazonaws.com/a"),
	    S("storage_bucket=acme.s3.eu-west-1.amazonaws.com/a"), "a bucket's host" },
	{ S("gs://acme-data/x y"), S("storage_bucket=gs://acme-data/x"), "a bucket of Google" },
	{ S("gcr.io/acme/api:1"), S("container_image=gcr.io/acme/api:1"), "an image" },
	{ S("jdbc:postgresql://db.acme.io/x"), S("database_address=jdbc:postgresql://db.acme.io/x"),
	    "JDBC" },
	{ S("redis://localhost:6379"), S(""), "the machine itself" },
	{ S("\\\\FS01\\finance\\q3"), S("server_path=\\\\FS01\\finance\\q3"), "a share" },
	{ S("re.match('\\\\w+\\\\d', s)"), S(""), "an expression" },
	{ S("C:\\Users\\anna\\x.txt"), S("server_path=C:\\Users\\anna\\x.txt"), "a drive" },
	{ S("/home/anna/x/y.txt"), S("server_path=/home/anna/x/y.txt"), "a home" },
	{ S("/usr/bin/env and/or /home"), S(""), "what every system has" },
	{ S("\n ip address 10.1.2.3 255.0.0.0\n"),
	    S("network_config=ip address 10.1.2.3 255.0.0.0"), "a line of a router" },
	{ S("the ip address 8.8.8.8 is"), S(""), "a sentence" },
	{ S("device 123e4567-e89b-12d3-a456-426614174000"),
	    S("system_id=123e4567-e89b-12d3-a456-426614174000"), "an id of something" },
	{ S("order 123e4567-e89b-12d3-a456-426614174000"), S(""), "an id of anything" },
};

static const struct {
	struct slice	text, want;
	const char	*why;
} programs[] = {
	{ S("int\nmain(void)\n{\n\tputs(\"a\");\n\treturn 0;\n}\n"), S("source_code"), "C" },
	{ S("import os\n\ndef f(a, b):\n    c = a.get(b)\n    return c[0]\n"), S("source_code"),
	    "Python" },
	{ S("const a = require('b');\na.get('/', (q, r) => {\n  r.send(q);\n});\n"),
	    S("source_code"),
	    "JavaScript" },
	{ S("package a;\n\npublic class B {\n    private int c = 0;\n}\n"), S("source_code"),
	    "Java" },
	{ S("func f(a int) error {\n\tif a == 0 {\n\t\treturn nil\n\t}\n\treturn g(a)\n}\n"),
	    S("source_code"), "Go" },
	{ S("```rust\nlet a = b;\n```\n"), S("source_code"), "one line between fences" },
	{ S("SELECT a, b FROM c;"), S("sql_statement"), "a statement" },
	{ S("diff --git a/x b/x\n--- a/x\n+++ b/x\n@@ -1 +1 @@\n-a\n+b\n"), S("code_diff"),
	    "a change" },
	{ S("Exception in x\n\tat a.b.C.d(C.java:12)\n\tat a.b.E.f(E.java:3)\n"), S("stack_trace"),
	    "a trace of Java" },
	{ S("```json\n{\"a\": 1}\n```\n"), S(""), "data between fences" },
	{ S("{\n  \"a\": {\n    \"b\": [1, 2]\n  },\n  \"c\": \"d\"\n}\n"), S(""), "JSON" },
	{ S("{\"a\": \"b();\"}\n{\"a\": \"c();\"}\n{\"a\": \"d();\"}\n"), S(""), "a log of JSON" },
	{ S("- one (first)\n- two; and more\n- three = 3\n- four\n"), S(""), "a list" },
	{ S("UPDATE 1-Cricket, Gul takes six wickets\n"), S(""), "the head of a piece of news" },
	{ S("a,b;c\n1,2;3\n4,5;6\n7,8;9\n"), S(""), "a table" },
	{ S("Dear all,\nwe meet at noon (or later);\nplease bring: food, drink.\nBye\n"), S(""),
	    "a letter" },
	{ S("# Title\n\nSome text (with brackets).\n\n| a | b |\n|---|---|\n| 1 | 2 |\n"), S(""),
	    "a document" },
};

int
main(void)
{
	arena_init(&arena, &blocks.memory, (size_t)16 << 20);
	for (size_t i = 0; i < COUNT_OF(places); i++) {
		check_slice(found(places[i].text, infra_look), places[i].want, "%s", places[i].why);
		arena_reset(&arena);
	}
	for (size_t i = 0; i < COUNT_OF(programs); i++) {
		struct slice got = found(programs[i].text, code_look);

		got = slice_cut(got, 0, slice_find(got, S("=")));
		check_slice(got, programs[i].want, "%s", programs[i].why);
		arena_reset(&arena);
	}
	arena_release(&arena);
	return check_done();
}
