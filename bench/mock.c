/* SPDX-License-Identifier: Apache-2.0 */
/*
 * mock - the model server behind everything that is measured: as cheap as a server can be.
 *
 * It shares a core with what it serves, so its own cost must be small and always the same; that
 * is why it is not `trivium fake`, which simulates a provider faithfully.  One thread, one
 * edge-triggered epoll, one read and one write a request, answers made beforehand.  The name of
 * the model in the body says what to answer (anything from an `@` on is ignored, so that a
 * gateway can be made to write another name than its caller did):
 *
 *   json         a chat completion, 980 bytes
 *   burst-N      a stream of N events of 200 bytes, all in one write
 *   each-N       the same, one write per event
 *   paced-N-MS   the same, one event every MS milliseconds, stamped `"t":<CLOCK_MONOTONIC ns>`
 *
 * A stream whose request asks for include_usage gets a usage event before its end, as vendors do.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum {
	READ_BYTES = 256 * 1024,
	REQUEST_BYTES_MAX = 4 * 1024 * 1024,
	EVENTS_MAX = 256,
	SHAPES_MAX = 64,
	STREAM_EVENTS_MAX = 1000000,
	BURST_EVENTS_MAX = 10000,
	EVENT_BYTES = 200,
	FRAME_BYTES = 4 + EVENT_BYTES + 2,	/* "c8\r\n", the event, "\r\n" */
	JSON_BYTES = 980,
};

#define SECOND	1000000000ull

enum kind { KIND_JSON, KIND_BURST, KIND_EACH, KIND_PACED };

/* What a model's name means; `bytes` is the whole answer but for a paced stream's events. */
struct shape {
	char		name[32];
	enum kind	kind;
	uint32_t	events;
	uint64_t	gap_ns;
	char		*bytes;
	size_t		n;
};

struct conn {
	int		fd;
	bool		streaming;
	bool		usage;		/* this stream ends with a usage event */
	uint32_t	events_left;
	uint64_t	gap_ns;
	uint64_t	due;
	size_t		heap_at;	/* 1-based; 0: not in the heap */
	char		*in;		/* a request that a read has cut */
	size_t		in_bytes;
	char		*out;		/* what the socket did not take */
	size_t		out_bytes;
};

struct mock {
	int		epfd;
	int		listener;
	struct shape	shape[SHAPES_MAX];
	unsigned	shapes;
	struct conn	**heap;		/* paced streams by due time, 1-based */
	size_t		heap_n;
	size_t		heap_room;
	char		*buffer;
};

static const char stream_head[] =
    "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream; charset=utf-8\r\n"
    "Cache-Control: no-cache\r\nX-Request-Id: req_0123456789abcdef\r\n"
    "Transfer-Encoding: chunked\r\n\r\n";
static const char usage_event[] =
    "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\",\"created\":1760000000,"
    "\"model\":\"mock\",\"choices\":[],\"usage\":{\"prompt_tokens\":300,\"completion_tokens\":100,"
    "\"total_tokens\":400}}\n\n";
static const char done_chunk[] = "e\r\ndata: [DONE]\n\n\r\n0\r\n\r\n";

static uint64_t
clock_ns(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (uint64_t)ts.tv_sec * SECOND + (uint64_t)ts.tv_nsec;
}

/* One event of EVENT_BYTES in its chunk; `t` = 0 leaves the stamp out. */
static void
frame_encode(char *p, uint64_t t)
{
	static const char head[] =
	    "data: {\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion.chunk\","
	    "\"created\":1760000000,\"model\":\"mock\",\"choices\":[{\"index\":0,\"delta\":"
	    "{\"content\":\"";
	static const char tail[] = "\"}}]}\n\n", stamped[] = "\"}}],\"t\":";
	size_t tail_bytes = t ? sizeof(stamped) - 1 + 20 + 3 : sizeof(tail) - 1;
	size_t fill = EVENT_BYTES - (sizeof(head) - 1) - tail_bytes;
	char digits[24];

	_Static_assert(sizeof(head) + sizeof(stamped) + 23 < EVENT_BYTES, "room for content");
	memcpy(p, "c8\r\n", 4);
	p += 4;
	memcpy(p, head, sizeof(head) - 1);
	p += sizeof(head) - 1;
	memset(p, 'a', fill);
	p += fill;
	if (t != 0) {
		snprintf(digits, sizeof(digits), "%-20llu", (unsigned long long)t);
		memcpy(p, stamped, sizeof(stamped) - 1);
		memcpy(p + sizeof(stamped) - 1, digits, 20);
		memcpy(p + sizeof(stamped) - 1 + 20, "}\n\n", 3);
	} else {
		memcpy(p, tail, sizeof(tail) - 1);
	}
	memcpy(p + tail_bytes, "\r\n", 2);
}

static void
json_encode(struct shape *s)
{
	static const char tail[] =
	    "\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":"
	    "{\"prompt_tokens\":300,\"completion_tokens\":100,\"total_tokens\":400,"
	    "\"prompt_tokens_details\":{\"cached_tokens\":0}},\"system_fingerprint\":\"fp_0\"}";
	static const char head[] =
	    "{\"id\":\"chatcmpl-bench\",\"object\":\"chat.completion\",\"created\":1760000000,"
	    "\"model\":\"mock\",\"choices\":[{\"index\":0,\"message\":{\"role\":\"assistant\","
	    "\"content\":\"";
	size_t fill = JSON_BYTES - (sizeof(head) - 1) - (sizeof(tail) - 1);
	FILE *f = open_memstream(&s->bytes, &s->n);
	size_t i;

	if (f == NULL)
		abort();
	fprintf(f, "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
	    "X-Request-Id: req_0123456789abcdef\r\nContent-Length: %d\r\n\r\n%s", JSON_BYTES, head);
	for (i = 0; i < fill; i++)
		fputc("the answer is short "[i % 20], f);
	fputs(tail, f);
	fclose(f);
}

static void
stream_encode(struct shape *s)
{
	uint32_t i, events = s->kind == KIND_PACED ? 0 : s->events;
	size_t head = sizeof(stream_head) - 1;

	s->n = head + (size_t)events * FRAME_BYTES;
	s->bytes = malloc(s->n);
	if (s->bytes == NULL)
		abort();
	memcpy(s->bytes, stream_head, head);
	for (i = 0; i < events; i++)
		frame_encode(s->bytes + head + (size_t)i * FRAME_BYTES, 0);
}

/* The shape of that name; NULL if the name is none. */
static struct shape *
shape_find(struct mock *m, const char *name, size_t n)
{
	struct shape *s;
	unsigned i, gap = 0;

	for (i = 0; i < m->shapes; i++)
		if (strncmp(m->shape[i].name, name, n) == 0 && m->shape[i].name[n] == '\0')
			return &m->shape[i];
	s = &m->shape[m->shapes];
	if (m->shapes == SHAPES_MAX || n >= sizeof(s->name))
		return NULL;
	memset(s, 0, sizeof(*s));
	memcpy(s->name, name, n);
	if (strcmp(s->name, "json") == 0)
		s->kind = KIND_JSON;
	else if (sscanf(s->name, "burst-%u", &s->events) == 1)
		s->kind = KIND_BURST;
	else if (sscanf(s->name, "each-%u", &s->events) == 1)
		s->kind = KIND_EACH;
	else if (sscanf(s->name, "paced-%u-%u", &s->events, &gap) == 2)
		s->kind = KIND_PACED;
	else
		return NULL;
	s->gap_ns = gap * (SECOND / 1000);
	if (s->events > (s->kind == KIND_PACED ? STREAM_EVENTS_MAX : BURST_EVENTS_MAX))
		return NULL;
	if (s->kind == KIND_JSON)
		json_encode(s);
	else
		stream_encode(s);
	m->shapes++;
	return s;
}

static void
heap_place(struct mock *m, struct conn *c, size_t at)
{
	m->heap[at] = c;
	c->heap_at = at;
}

/* Puts a stream where its due time belongs, upwards or downwards from `at`. */
static void
heap_sift(struct mock *m, struct conn *c, size_t at)
{
	size_t child;

	while (at > 1 && m->heap[at / 2]->due > c->due) {
		heap_place(m, m->heap[at / 2], at);
		at /= 2;
	}
	for (;;) {
		child = at * 2;
		if (child > m->heap_n)
			break;
		if (child < m->heap_n && m->heap[child + 1]->due < m->heap[child]->due)
			child++;
		if (m->heap[child]->due >= c->due)
			break;
		heap_place(m, m->heap[child], at);
		at = child;
	}
	heap_place(m, c, at);
}

static void
heap_add(struct mock *m, struct conn *c)
{
	if (m->heap_n + 2 > m->heap_room) {
		m->heap_room = m->heap_room * 2 + 64;
		m->heap = realloc(m->heap, m->heap_room * sizeof(struct conn *));
		if (m->heap == NULL)
			abort();
	}
	m->heap_n++;
	heap_sift(m, c, m->heap_n);
}

static void
heap_remove(struct mock *m, struct conn *c)
{
	struct conn *last = m->heap[m->heap_n--];
	size_t at = c->heap_at;

	c->heap_at = 0;
	if (last != c)
		heap_sift(m, last, at);
}

static void
conn_close(struct mock *m, struct conn *c)
{
	if (c->heap_at != 0)
		heap_remove(m, c);
	close(c->fd);
	free(c->in);
	free(c->out);
	free(c);
}

static void
keep(char **to, size_t *had, const char *p, size_t n)
{
	*to = realloc(*to, *had + n);
	if (*to == NULL)
		abort();
	memcpy(*to + *had, p, n);
	*had += n;
}

/* Offers bytes to the socket and keeps what it does not take; false if the peer is gone. */
static bool
conn_send(struct conn *c, const char *p, size_t n)
{
	ssize_t sent = 0;

	if (c->out_bytes == 0) {
		sent = send(c->fd, p, n, MSG_NOSIGNAL);
		if (sent < 0 && errno != EAGAIN)
			return false;
		sent = sent < 0 ? 0 : sent;
	}
	if ((size_t)sent < n)
		keep(&c->out, &c->out_bytes, p + sent, n - (size_t)sent);
	return true;
}

static bool
conn_flush(struct conn *c)
{
	ssize_t sent = send(c->fd, c->out, c->out_bytes, MSG_NOSIGNAL);

	if (sent < 0)
		return errno == EAGAIN;
	c->out_bytes -= (size_t)sent;
	memmove(c->out, c->out + sent, c->out_bytes);
	if (c->out_bytes == 0) {
		free(c->out);
		c->out = NULL;
	}
	return true;
}

/* The usage event, if it was asked for, and the end marker; returns the bytes written. */
static size_t
end_encode(char *p, bool usage)
{
	size_t n = 0;

	if (usage)
		n = (size_t)snprintf(p, 512, "%zx\r\n%s\r\n", sizeof(usage_event) - 1,
		    usage_event);
	memcpy(p + n, done_chunk, sizeof(done_chunk) - 1);
	return n + sizeof(done_chunk) - 1;
}

/* The next event of a paced stream, behind `had` bytes that are in p already. */
static bool
stream_step(struct mock *m, struct conn *c, char *p, size_t had)
{
	frame_encode(p + had, clock_ns());
	had += FRAME_BYTES;
	c->events_left--;
	if (c->events_left == 0) {
		had += end_encode(p + had, c->usage);
		c->streaming = false;
		if (c->heap_at != 0)
			heap_remove(m, c);
	}
	return conn_send(c, p, had);
}

static bool
answer_stream(struct mock *m, struct conn *c, const struct shape *s, bool usage)
{
	char piece[2048];
	size_t at, n;

	c->usage = usage;
	if (s->kind == KIND_PACED && s->events != 0) {
		c->streaming = true;
		c->events_left = s->events;
		c->gap_ns = s->gap_ns;
		c->due = clock_ns() + s->gap_ns;
		memcpy(piece, s->bytes, s->n);
		if (!stream_step(m, c, piece, s->n))
			return false;
		if (c->streaming)
			heap_add(m, c);
		return true;
	}
	if (s->kind == KIND_EACH) {
		at = sizeof(stream_head) - 1;
		if (!conn_send(c, s->bytes, at))
			return false;
		for (; at < s->n; at += FRAME_BYTES)
			if (!conn_send(c, s->bytes + at, FRAME_BYTES))
				return false;
		return conn_send(c, piece, end_encode(piece, usage));
	}
	/* The end is copied behind the burst: one write, as a fast server's would be. */
	n = s->n + end_encode(piece, usage);
	if (n > READ_BYTES)
		return conn_send(c, s->bytes, s->n) && conn_send(c, piece, n - s->n);
	memcpy(m->buffer + READ_BYTES, s->bytes, s->n);
	memcpy(m->buffer + READ_BYTES + s->n, piece, n - s->n);
	return conn_send(c, m->buffer + READ_BYTES, n);
}

static bool
answer(struct mock *m, struct conn *c, const char *body, size_t n)
{
	static const char mark[] = "\"model\":\"";
	static const char unknown[] =
	    "HTTP/1.1 404 Not Found\r\nContent-Length: 39\r\nContent-Type: application/json\r\n\r\n"
	    "{\"error\":{\"message\":\"no such shape\"}}\r\n";
	const char *name = memmem(body, n, mark, sizeof(mark) - 1), *end = NULL, *at;
	const struct shape *s = NULL;

	if (name != NULL) {
		name += sizeof(mark) - 1;
		end = memchr(name, '"', n - (size_t)(name - body));
	}
	if (end != NULL) {
		at = memchr(name, '@', (size_t)(end - name));
		s = shape_find(m, name, (size_t)((at != NULL ? at : end) - name));
	}
	if (s == NULL)
		return conn_send(c, unknown, sizeof(unknown) - 1);
	if (s->kind == KIND_JSON)
		return conn_send(c, s->bytes, s->n);
	return answer_stream(m, c, s, memmem(body, n, "include_usage", 13) != NULL);
}

/* Bytes of the whole request that p begins with; 0 while it is cut, -1 if it is not framed. */
static ssize_t
request_bytes(const char *p, size_t n, size_t *head)
{
	const char *end = memmem(p, n, "\r\n\r\n", 4), *line;
	size_t length = 0;

	if (end == NULL)
		return n > 65536 ? -1 : 0;
	*head = (size_t)(end - p) + 4;
	line = memchr(p, '\n', n);
	while (line != NULL && line < end) {
		line++;
		if (strncasecmp(line, "content-length:", 15) == 0)
			length = strtoull(line + 15, NULL, 10);
		else if (strncasecmp(line, "transfer-encoding:", 18) == 0)
			return -1;
		line = memchr(line, '\n', (size_t)(p + n - line));
	}
	if (length > REQUEST_BYTES_MAX)
		return -1;
	return *head + length <= n ? (ssize_t)(*head + length) : 0;
}

/* Answers what is whole in p; returns the bytes used, or -1 to close. */
static ssize_t
conn_serve(struct mock *m, struct conn *c, const char *p, size_t n)
{
	size_t used = 0, head = 0;
	ssize_t whole;

	while (used < n && !c->streaming) {
		whole = request_bytes(p + used, n - used, &head);
		if (whole < 0)
			return -1;
		if (whole == 0)
			break;
		if (!answer(m, c, p + used + head, (size_t)whole - head))
			return -1;
		used += (size_t)whole;
	}
	return (ssize_t)used;
}

static bool
conn_take(struct mock *m, struct conn *c, const char *p, size_t n)
{
	ssize_t used;

	if (c->in_bytes != 0) {
		keep(&c->in, &c->in_bytes, p, n);
		used = conn_serve(m, c, c->in, c->in_bytes);
		if (used < 0)
			return false;
		c->in_bytes -= (size_t)used;
		memmove(c->in, c->in + used, c->in_bytes);
		if (c->in_bytes == 0) {
			free(c->in);
			c->in = NULL;
		}
		return true;
	}
	used = conn_serve(m, c, p, n);
	if (used >= 0 && (size_t)used < n)
		keep(&c->in, &c->in_bytes, p + used, n - (size_t)used);
	return used >= 0;
}

/* False if the connection is over. */
static bool
conn_event(struct mock *m, struct conn *c, uint32_t events)
{
	ssize_t n;

	if ((events & EPOLLOUT) && c->out_bytes != 0 && !conn_flush(c))
		return false;
	if ((events & ~(unsigned)EPOLLOUT) == 0)
		return true;
	do {
		n = recv(c->fd, m->buffer, READ_BYTES, 0);
		if (n < 0 && errno == EAGAIN)
			return true;
		if (n <= 0 || !conn_take(m, c, m->buffer, (size_t)n))
			return false;
	} while (n == READ_BYTES || (events & ~(unsigned)(EPOLLIN | EPOLLOUT)));
	return true;
}

static void
mock_accept(struct mock *m)
{
	struct epoll_event ev = {.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLET};
	struct conn *c;
	int fd, one = 1;

	while ((fd = accept4(m->listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC)) >= 0) {
		setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		c = calloc(1, sizeof(*c));
		if (c == NULL)
			abort();
		c->fd = fd;
		ev.data.ptr = c;
		if (epoll_ctl(m->epfd, EPOLL_CTL_ADD, fd, &ev) != 0)
			conn_close(m, c);
	}
}

/* Sends the events that are due; returns how long no other will be, in ns. */
static uint64_t
mock_pace(struct mock *m)
{
	char piece[1024];
	struct conn *c;
	uint64_t now;

	while (m->heap_n != 0) {
		c = m->heap[1];
		now = clock_ns();
		if (c->due > now)
			return c->due - now;
		c->due += c->gap_ns;
		heap_sift(m, c, 1);
		if (!stream_step(m, c, piece, 0))
			conn_close(m, c);
	}
	return SECOND;
}

static _Noreturn void
mock_run(struct mock *m)
{
	struct epoll_event ev[EVENTS_MAX];
	struct timespec ts;
	uint64_t wait_ns;
	int i, n;

	for (;;) {
		wait_ns = mock_pace(m);
		ts = (struct timespec){(time_t)(wait_ns / SECOND), (long)(wait_ns % SECOND)};
		n = epoll_pwait2(m->epfd, ev, EVENTS_MAX, &ts, NULL);
		for (i = 0; i < n; i++) {
			if (ev[i].data.ptr == NULL)
				mock_accept(m);
			else if (!conn_event(m, ev[i].data.ptr, ev[i].events))
				conn_close(m, ev[i].data.ptr);
		}
	}
}

static void
mock_listen(struct mock *m, const char *where)
{
	struct sockaddr_in to = {.sin_family = AF_INET};
	struct epoll_event ev = {.events = EPOLLIN};
	const char *colon = strrchr(where, ':');
	char host[64] = "";
	int one = 1;

	if (colon != NULL && (size_t)(colon - where) < sizeof(host))
		memcpy(host, where, (size_t)(colon - where));
	to.sin_port = htons((uint16_t)strtoul(colon != NULL ? colon + 1 : "0", NULL, 10));
	m->listener = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(m->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (inet_pton(AF_INET, host, &to.sin_addr) != 1 ||
	    bind(m->listener, (struct sockaddr *)&to, sizeof(to)) != 0 ||
	    listen(m->listener, 4096) != 0 ||
	    epoll_ctl(m->epfd, EPOLL_CTL_ADD, m->listener, &ev) != 0) {
		fprintf(stderr, "mock: cannot listen on %s: %s\n", where, strerror(errno));
		exit(1);
	}
}

int
main(int argc, char **argv)
{
	struct mock m = {.epfd = epoll_create1(EPOLL_CLOEXEC)};
	struct rlimit lim;

	if (argc != 2) {
		fprintf(stderr, "usage: mock ADDR:PORT\n");
		return 2;
	}
	getrlimit(RLIMIT_NOFILE, &lim);
	lim.rlim_cur = lim.rlim_max;
	setrlimit(RLIMIT_NOFILE, &lim);
	prctl(PR_SET_TIMERSLACK, 1ul);
	m.buffer = malloc(2 * READ_BYTES);	/* one half to read into, one to write from */
	if (m.buffer == NULL || m.epfd < 0)
		abort();
	mock_listen(&m, argv[1]);
	printf("mock: listening on %s\n", argv[1]);
	fflush(stdout);
	mock_run(&m);
}
