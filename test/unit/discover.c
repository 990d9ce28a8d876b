/* SPDX-License-Identifier: Apache-2.0 */

/* discover - engines are recognised, and what is found makes a configuration that loads. */

#include "serve/discover.h"

#include <signal.h>
#include <time.h>

#include "check.h"
#include "run/heap.h"
#include "conf/load.h"
#include "run/address.h"
#include "run/kernel.h"

static const struct hash_key hash_key = { { 1, 9 } };

static struct slice
text_of(const char *s)
{
	return slice_of(s, strlen(s));
}

/* ---- one answer ---- */

#define OK	"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n"

static const struct {
	const char	*port_of;	/* the vendor whose port was asked */
	const char	*answer;
	const char	*vendor;	/* what it is then */
	const char	*models;	/* ids, with spaces between */
	const char	*why;
} answers[] = {
	{ "ollama", OK "{\"object\":\"list\",\"data\":[{\"id\":\"qwen2.5:3b\",\"object\":\"model\","
	  "\"created\":1,\"owned_by\":\"library\"},{\"id\":\"nomic-embed-text:latest\"}]}", "ollama",
	  "qwen2.5:3b nomic-embed-text:latest", "Ollama" },
	{ "vllm", OK "{\"object\":\"list\",\"data\":[{\"id\":\"meta-llama/Llama-3.1-8B-Instruct\","
	  "\"object\":\"model\",\"owned_by\":\"vllm\",\"root\":\"x\",\"permission\":[{\"id\":\"p\"}]}]}",
	  "vllm", "meta-llama/Llama-3.1-8B-Instruct", "vLLM" },
	{ "llama_cpp", OK "{\"models\":[{\"name\":\"x\"}],\"object\":\"list\",\"data\":[{\"id\":"
	  "\"/models/q.gguf\",\"owned_by\":\"llamacpp\",\"meta\":{\"n_ctx_train\":32768}}]}",
	  "llama_cpp", "/models/q.gguf", "llama.cpp" },
	{ "vllm", OK "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"owned_by\":\"sglang\"}]}",
	  "sglang", "m", "an engine at the port of another" },
	{ "tgi", OK "{\"object\":\"list\",\"data\":[{\"id\":\"m\",\"owned_by\":\"somebody\"}]}",
	  "tgi", "m", "an unknown owner: the port decides" },
	{ "ollama", OK "{\"object\":\"list\",\"data\":null}", "ollama", "", "Ollama without a model" },
	{ "vllm", OK "<html>hello</html>", "vllm", "", "a web page" },
	{ "vllm", OK "{\"data\":[{\"id\":7},[],\"x\",{\"id\":\"good\"},{\"id\":\"a\\u0000b\"},{}]}",
	  "vllm", "good", "ids that cannot be used are left out" },
	{ "vllm", OK "{\"data\":[{\"id\":\"m\"}", "vllm", "", "half an answer" },
	{ "vllm", OK "{\"data\":{\"id\":\"m\"}}", "vllm", "", "no list" },
	{ "vllm", "HTTP/1.1 404 Not Found\r\n\r\n{\"data\":[{\"id\":\"m\"}]}", "vllm", "", "404" },
	{ "vllm", "HTTP/1.1 401 Unauthorized\r\n\r\n{}", "vllm", "", "an engine that wants a key" },
	{ "llama_cpp", "HTTP/1.1 200 OK\r\nX-Trivium-Id: 1\r\n\r\n{\"data\":[{\"id\":\"m\"}]}",
	  "llama_cpp", "", "another gateway like this one" },
	{ "vllm", "SSH-2.0-OpenSSH_9.2\r\n", "vllm", "", "another protocol" },
	{ "vllm", "", "vllm", "", "nothing" },
};

static void
check_answer(size_t i, struct arena *arena)
{
	struct probe p = { .vendor = vendor_find(text_of(answers[i].port_of)) };
	char room[512];
	struct text t;

	probe_read(&p, text_of(answers[i].answer), arena);
	text_init(&t, room, sizeof room);
	for (uint32_t j = 0; j < p.model_count; j++) {
		text_put(&t, j > 0 ? S(" ") : S(""));
		text_put(&t, p.model[j]);
	}
	check_slice(text_slice(&t), text_of(answers[i].models), "models: %s", answers[i].why);
	check_slice(p.vendor->name, text_of(answers[i].vendor), "vendor: %s", answers[i].why);
}

/* ---- real sockets ---- */

enum manner { ANSWERS, IN_PIECES, SILENT, HANGS_UP, ENDLESS };

static void
nap(void)
{
	struct timespec t = { 0, 5000000 };

	nanosleep(&t, NULL);
}

static void
send_all(int fd, struct slice s, size_t piece)
{
	for (size_t at = 0; at < s.len; at += piece) {
		size_t end = at + piece < s.len ? at + piece : s.len;

		if (write(fd, s.ptr + at, end - at) < 0)
			return;
		if (piece < s.len)
			nap();
	}
}

/* A server in a child of its own, until it is killed. */
static pid_t
serve(enum manner manner, uint16_t *port)
{
	static const char answer[] = "HTTP/1.0 200 OK\r\nContent-Length: 23\r\n\r\n"
	    "{\"data\":[{\"id\":\"here\"}]}";
	struct address address, peer;
	char request[1024];
	int fd, s;
	pid_t pid;

	check_or_stop(address_read(S("127.0.0.1"), 0, &address), "an address");
	fd = kernel_listen(&address, false);
	check_or_stop(fd >= 0 && kernel_local_address(fd, &address) == 0, "a server listens");
	*port = address.port;
	fflush(stdout);
	pid = fork();
	if (pid != 0) {
		kernel_close(fd);
		return pid;
	}
	signal(SIGPIPE, SIG_IGN);
	for (;; nap()) {
		if ((s = kernel_accept(fd, &peer)) < 0)
			continue;
		while (manner != HANGS_UP && kernel_read(s, request, sizeof request) <= 0)
			nap();
		if (manner == ANSWERS || manner == IN_PIECES)
			send_all(s, text_of(answer), manner == ANSWERS ? 1000 : 9);
		for (int i = 0; manner == ENDLESS && i < 10000; i++)
			send_all(s, S("X-Long: yes\r\n"), 1000);
		if (manner == SILENT)
			sleep(10);
		kernel_close(s);
	}
}

static nanos
now(void)
{
	return kernel_now();
}

static void
sockets(struct arena *arena)
{
	struct probe p[6] = { { .port = 0 } };
	pid_t pid[5];
	nanos began;

	for (int i = 0; i < 5; i++) {
		pid[i] = serve((enum manner)i, &p[i].port);
		p[i].vendor = vendor_find(S("vllm"));
	}
	/* Nothing listens on this port: its server is gone before it is asked. */
	pid_t gone = serve(ANSWERS, &p[5].port);

	p[5].vendor = p[0].vendor;
	kill(gone, SIGKILL);
	waitpid(gone, NULL, 0);
	began = now();
	probe_all(p, 6, arena);
	check(now() - began < (PROBE_WAIT_MS + 100) * NANOS_PER_MS,
	    "a silent server holds the start up no longer than the limit");
	check(p[0].model_count == 1 && slice_eq(p[0].model[0], S("here")), "an engine");
	check(p[1].model_count == 1, "an engine that answers in pieces");
	check_int(p[2].model_count, 0, "a silent server");
	check_int(p[3].model_count, 0, "one that hangs up");
	check_int(p[4].model_count, 0, "one whose answer does not end");
	check_int(p[5].model_count, 0, "none at all");
	for (int i = 0; i < 5; i++) {
		kill(pid[i], SIGKILL);
		waitpid(pid[i], NULL, 0);
	}
	began = now();
	probe_all(p, 6, arena);
	check(now() - began < 50 * NANOS_PER_MS, "where nothing listens, that is known at once");
	check_int(p[0].model_count, 0, "and nothing of before is left");
}

/* ---- configurations ---- */

static char yaml_room[65536], summary_room[65536], file_room[65536];

static struct snapshot *
load(struct slice yaml)
{
	struct conf_options options = { .hash_key = &hash_key, .workers = 2 };
	struct snapshot *s = NULL;
	struct report report;
	char room[4096];
	struct text t;

	report_init(&report, S("found"));
	if (conf_load(yaml, &options, &report, &s) != ERR_OK || report.count > 0) {
		text_init(&t, room, sizeof room);
		for (uint32_t i = 0; i < report.count; i++)
			report_put(&report, i, &t);
		check_show("messages", text_slice(&t));
	}
	check_int(report.count, 0, "what is made loads without a word");
	report_release(&report);
	check_or_stop(s != NULL, "and is a configuration");
	return s;
}

static struct snapshot *
made(const struct probe *p, size_t count, struct slice *summary)
{
	struct text yaml, told;

	text_init(&yaml, yaml_room, sizeof yaml_room);
	text_init(&told, summary_room, sizeof summary_room);
	check_int(discover_write(p, count, &yaml, &told), ERR_OK, "a configuration is made");
	*summary = text_slice(&told);
	return load(text_slice(&yaml));
}

static bool
has(struct slice s, const char *needle)
{
	return slice_find(s, text_of(needle)) < s.len;
}

static void
nothing_found(void)
{
	FILE *file = fopen("example/simulated.yaml", "rb");
	struct slice summary;
	struct snapshot *s = made(NULL, 0, &summary), *example;

	check_or_stop(file != NULL, "the example is there (the tests run at the root of the tree)");
	example = load(slice_of(file_room, fread(file_room, 1, sizeof file_room, file)));
	fclose(file);
	check(s->simulates && s->model_count == 3 && s->zone_count == 3, "three simulated models");
	check_slice(s->effective, example->effective, "the same as example/simulated.yaml");
	check(has(summary, "three simulated models"), "and it is said");
	check(snapshot_model(s, S("simulated/edge")) != NULL &&
	    snapshot_model(s, S("simulated/on-prem")) != NULL &&
	    snapshot_model(s, S("simulated/cloud")) != NULL, "with their names");
	snapshot_unref(s);
	snapshot_unref(example);
}

static void
all_found(void)
{
	struct probe p[3] = {
		{ .port = 11434, .vendor = vendor_find(S("ollama")), .model_count = 4, .model = {
		    S("qwen2.5:3b"), S("gpt-5"), S("auto"), S("bad name \"x\"") } },
		{ .port = 8000, .vendor = vendor_find(S("vllm")), .model_count = 3, .more = true,
		  .model = { S("qwen2.5:3b"), S("/data/models/llama 3.gguf"), S("workload/x") } },
		{ .port = 1234, .vendor = vendor_find(S("lmstudio")), .empty = true },
	};
	struct slice summary;
	struct snapshot *s;
	const struct model *m;

	setenv("OPENAI_API_KEY", "canary-of-the-environment-1", 1);
	setenv("AZURE_OPENAI_API_KEY", "canary-of-the-environment-2", 1);
	setenv("GROQ_API_KEY", "", 1);
	s = made(p, 3, &summary);
	m = snapshot_model(s, S("qwen2.5:3b"));
	check(m != NULL && m->at.url.port == 11434 && slice_eq(m->at.url.path, S("/v1")),
	    "a model has its own id as its name");
	m = snapshot_model(s, S("vllm/qwen2.5:3b"));
	check(m != NULL && slice_eq(m->id, S("qwen2.5:3b")),
	    "or the vendor before it, if that is taken");
	m = snapshot_model(s, S("openai/gpt-5"));
	check(m != NULL && slice_eq(m->zone->name, S("cloud")) && m->key.hidden.len > 0,
	    "the environment's key is used, in the cloud's zone");
	check(snapshot_model(s, S("gpt-5"))->zone->self_operated, "the local model came first");
	m = snapshot_model(s, S("ollama/auto"));
	check(m != NULL && slice_eq(m->id, S("auto")), "no model is called auto");
	m = snapshot_model(s, S("bad-name--x-"));
	check(m != NULL && slice_eq(m->id, S("bad name \"x\"")),
	    "a name is made good, the id stays");
	m = snapshot_model(s, S("llama-3.gguf"));
	check(m != NULL && slice_eq(m->id, S("/data/models/llama 3.gguf")),
	    "of a path, the last part");
	check(snapshot_model(s, S("vllm/workload/x")) != NULL, "nor is one called as a workload");
	check(snapshot_group(s, S("local"))->count == 7, "the group local has all engines' models");
	check(snapshot_group(s, S("cloud"))->count == 4, "the group cloud all vendors'");
	check(!s->simulates, "nothing is simulated");
	check(has(summary, "found ollama at 127.0.0.1:11434 with 4 models\n"), "engines are told");
	check(has(summary, "with 3 models, and more"), "with what was left out");
	check(has(summary, "found lmstudio at 127.0.0.1:1234 with 0 models\n"), "and empty ones");
	check(has(summary, "found OPENAI_API_KEY in the environment\n"), "keys are told by name");
	check(has(summary, "AZURE_OPENAI_API_KEY in the environment, but"),
	    "or why they are not used");
	check(!has(summary, "GROQ"), "an empty variable is none");
	check(!has(summary, "canary") && !has(text_of(yaml_room), "canary"), "never by value");
	snapshot_unref(s);
	unsetenv("OPENAI_API_KEY");
	unsetenv("AZURE_OPENAI_API_KEY");
	unsetenv("GROQ_API_KEY");
}

static void
port_taken(void)
{
	struct probe p = { .port = 8080, .vendor = vendor_find(S("llama_cpp")), .model_count = 1,
	    .model = { S("m") } };
	struct slice summary;
	struct snapshot *s = made(&p, 1, &summary);

	check(s->listen.address.port > 8080 && s->listen.address.port < 8090,
	    "where an engine has our port, we take another");
	check(has(summary, "this gateway listens on 808"), "and say so");
	check_int(s->model[0].at.url.port, 8080, "the engine stays where it is");
	snapshot_unref(s);
}

int
main(void)
{
	struct arena arena;

	for (size_t i = 0; i < vendor_count; i++) {
		char name[64] = "";

		memcpy(name, vendor_row[i].key_env.ptr, vendor_row[i].key_env.len);
		if (name[0] != '\0')
			unsetenv(name);
	}
	arena_init(&arena, heap_memory(), 64 << 20);
	for (size_t i = 0; i < COUNT_OF(answers); i++)
		check_answer(i, &arena);
	sockets(&arena);
	arena_release(&arena);
	nothing_found();
	all_found();
	port_taken();
	return check_done();
}
