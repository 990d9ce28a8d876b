/* SPDX-License-Identifier: Apache-2.0 */
#include "run/file.h"

#include <fcntl.h>
#include <sys/stat.h>

#include "check.h"

static char folder[] = "/tmp/trivium-file-XXXXXX";

static const char *
path_of(const char *name)
{
	static char room[4][128];
	static unsigned next;
	char *path = room[next++ % 4];

	snprintf(path, sizeof room[0], "%s/%s", folder, name);
	return path;
}

static void
make(const char *name, size_t bytes)
{
	FILE *out = fopen(path_of(name), "w");

	must(out != NULL);
	for (size_t i = 0; i < bytes; i++)
		must(fputc('a' + (int)(i % 26), out) >= 0);
	must(fclose(out) == 0);
}

/* NULL: read; else part of the message. */
static const struct read_case {
	const char	*name;
	size_t		 max;
	const char	*want;
	size_t		 bytes;
	const char	*why;
} reads[] = {
	{ "some", 1000, NULL, 100, "a file below the limit" },
	{ "some", 100, NULL, 100, "a file of just the limit" },
	{ "some", 99, "some: the file is larger than 99 bytes", 0, "a file above the limit" },
	{ "empty", 10, NULL, 0, "an empty file" },
	{ "empty", 0, NULL, 0, "an empty file where nothing is allowed" },
	{ "none", 10, "none: there is no such file", 0, "a file that is not there" },
	{ ".", 10, ".: this is a directory", 0, "a directory" },
	{ "some/more", 10, "some/more: Not a directory", 0, "a path through a file" },
};

static void
check_reads(void)
{
	make("some", 100);
	make("empty", 0);
	for (size_t i = 0; i < COUNT_OF(reads); i++) {
		const struct read_case *c = &reads[i];
		struct slice got = { NULL, 0 };
		char room[300];
		struct text why;
		enum err e;

		text_init(&why, room, sizeof room - 1);
		e = file_read(path_of(c->name), c->max, &got, &why);
		room[why.len] = '\0';
		check_int(e, c->want == NULL ? ERR_OK : ERR_IO, "%s", c->why);
		if (c->want != NULL) {
			check(strstr(room, c->want) != NULL && got.ptr == NULL, "told: %s (%s)",
			    c->why, room);
			continue;
		}
		check(got.len == c->bytes && got.ptr[got.len] == '\0',
		    "its bytes and a NUL: %s", c->why);
		check(got.len == 0 || (got.ptr[0] == 'a' && got.ptr[25] == 'z'),
		    "as written: %s", c->why);
		file_free(got);
	}
}

static void
check_odd(void)
{
	struct slice got = { NULL, 0 };
	char room[300];
	struct text why;
	int ends[2];
	char path[64];

	text_init(&why, room, sizeof room);
	check(file_read("/proc/self/status", 100000, &got, &why) == ERR_OK && got.len > 100,
	    "a file that does not know its size");
	file_free(got);
	must(pipe(ends) == 0 && write(ends[1], "from a pipe", 11) == 11);
	close(ends[1]);
	snprintf(path, sizeof path, "/dev/fd/%d", ends[0]);
	check(file_read(path, 1000, &got, &why) == ERR_OK && slice_eq(got, S("from a pipe")),
	    "a pipe");
	file_free(got);
	close(ends[0]);
	check_int((int64_t)why.len, 0, "nothing is said when nothing is wrong");
	file_free(slice_of(NULL, 0));
}

static void
check_secrets(void)
{
	const char *path = path_of("secret");
	struct slice got = { NULL, 0 };
	char room[300];
	struct stat st;
	struct text why;

	text_init(&why, room, sizeof room - 1);
	umask(0);
	check_int(file_write_secret(path, S("tv-secret\n"), &why), ERR_OK, "a secret is written");
	check(stat(path, &st) == 0 && (st.st_mode & 0777) == 0600, "and nobody else may read it");
	must(file_read(path, 100, &got, &why) == ERR_OK);
	check_slice(got, S("tv-secret\n"), "it is whole");
	file_free(got);

	check_int(file_write_secret(path, S("another"), &why), ERR_IO,
	    "one that is there is not replaced");
	room[why.len] = '\0';
	check(strstr(room, "already there") != NULL, "and it is said");
	must(file_read(path, 100, &got, &why) == ERR_OK);
	check_slice(got, S("tv-secret\n"), "it is as it was");
	file_free(got);

	must(symlink(path_of("target"), path_of("link")) == 0);
	check_int(file_write_secret(path_of("link"), S("x"), &why), ERR_IO, "no link is followed");
	check(access(path_of("target"), F_OK) != 0, "to nowhere");
	check_int(file_write_secret("/proc/none/x", S("x"), &why), ERR_IO,
	    "where nothing can be written");
	check(memmem(room, why.len, "another", 7) == NULL, "no message holds a secret");
}

/* What is kept is whole, for its owner alone, and never written twice. */
static void
check_archive(void)
{
	const char *path = path_of("kept");
	char kept[200], room[300], said[300];
	struct slice got = { NULL, 0 };
	struct stat st;
	struct text why;

	text_init(&why, said, sizeof said);
	snprintf(kept, sizeof kept, "%s", path);
	check_int(file_archive(kept, S("b.yaml"), S("one"), &why), ERR_OK, "a folder is made");
	check_int(file_archive(kept, S("a.yaml"), S("two"), &why), ERR_OK, "another file");
	check_int(file_archive(kept, S("b.yaml"), S("three"), &why), ERR_OK, "the first again");
	check(stat(kept, &st) == 0 && (st.st_mode & 0777) == 0700, "the folder is its owner's");
	must(file_list(kept, S(".yaml"), &got, &why) == ERR_OK);
	snprintf(room, sizeof room, "%s/a.yaml", kept);
	check(strcmp(got.ptr, room) == 0, "files are listed in order");
	snprintf(room, sizeof room, "%s/b.yaml", kept);
	check(strcmp(got.ptr + strlen(got.ptr) + 1, room) == 0 && got.len == 2 * strlen(room) + 2,
	    "all of them, and no more");
	file_free(got);
	check(stat(room, &st) == 0 && (st.st_mode & 0777) == 0600, "a file is its owner's");
	must(file_read(room, 100, &got, &why) == ERR_OK);
	check_slice(got, S("one"), "what is kept is not replaced");
	file_free(got);
	check(file_is_folder(kept) && !file_is_folder(room), "a folder is one, a file is none");
	check_int(file_archive(room, S("x"), S("y"), &why), ERR_IO, "a file is no archive");
	check_int(file_list(room, S("x"), &got, &why), ERR_IO, "and has no list");
	unlink(room);
	snprintf(room, sizeof room, "%s/a.yaml", kept);
	unlink(room);
	check_int(rmdir(kept), 0, "nothing else is left in it");
}

static void
check_writes(void)
{
	const char *path = path_of("made");
	struct slice got = { NULL, 0 };
	char room[300];
	struct stat st;
	struct text why;

	text_init(&why, room, sizeof room - 1);
	umask(022);
	check_int(file_write(path, S("one"), false, &why), ERR_OK, "a file is written");
	check(stat(path, &st) == 0 && (st.st_mode & 0777) == 0644, "and others may read it");
	check_int(file_write(path, S("two"), false, &why), ERR_IO, "it is not replaced unasked");
	must(file_read(path, 100, &got, &why) == ERR_OK);
	check_slice(got, S("one"), "it is as it was");
	file_free(got);
	check_int(file_write(path, S("three"), true, &why), ERR_OK, "it is replaced when asked");
	must(file_read(path, 100, &got, &why) == ERR_OK);
	check_slice(got, S("three"), "it is the new one");
	file_free(got);
	check(access(path_of("made.new"), F_OK) != 0, "nothing else is left");
	check_int(file_write(folder, S("four"), true, &why), ERR_IO, "a directory is no file");
	snprintf(room, sizeof room, "%s.new", folder);
	check(access(room, F_OK) != 0, "and nothing is left beside it");
}

int
main(void)
{
	static const char *const made[] = { "some", "empty", "secret", "link", "made" };

	must(mkdtemp(folder) != NULL);
	check_reads();
	check_odd();
	check_secrets();
	check_archive();
	check_writes();
	for (size_t i = 0; i < COUNT_OF(made); i++)
		unlink(path_of(made[i]));
	rmdir(folder);
	return check_done();
}
