/* SPDX-License-Identifier: Apache-2.0 */

/*
 * driver - runs a fuzzer without libFuzzer.
 *
 * Each argument is a file, or a folder whose files are taken in the order of
 * their names; each is given once to LLVMFuzzerTestOneInput().  This is how
 * corpora are replayed with any compiler and any sanitizer.  The bytes are
 * copied to a block of exactly their size, so that reading past them is seen.
 */

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int
file_replay(const char *path, size_t size)
{
	uint8_t *data = malloc(size > 0 ? size : 1);
	FILE *file = fopen(path, "rb");
	int bad = 1;

	if (data != NULL && file != NULL && fread(data, 1, size, file) == size) {
		LLVMFuzzerTestOneInput(data, size);
		bad = 0;
	} else {
		fprintf(stderr, "cannot read %s\n", path);
	}
	if (file != NULL)
		fclose(file);
	free(data);
	return bad;
}

static int
path_replay(const char *path, unsigned *count)
{
	struct dirent **names = NULL;
	struct stat st;
	char inner[4096];
	int bad = 0, n;

	if (stat(path, &st) != 0) {
		fprintf(stderr, "no such file: %s\n", path);
		return 1;
	}
	if (!S_ISDIR(st.st_mode)) {
		++*count;
		return file_replay(path, (size_t)st.st_size);
	}
	n = scandir(path, &names, NULL, alphasort);
	for (int i = 0; i < n; i++) {
		snprintf(inner, sizeof(inner), "%s/%s", path, names[i]->d_name);
		if (names[i]->d_name[0] != '.')
			bad |= path_replay(inner, count);
		free(names[i]);
	}
	free(names);
	return bad;
}

int
main(int argc, char **argv)
{
	const char *name = strrchr(argv[0], '/');
	unsigned count = 0;
	int bad = 0;

	for (int i = 1; i < argc; i++)
		bad |= path_replay(argv[i], &count);
	printf("replayed %u inputs through %s\n", count, name != NULL ? name + 1 : argv[0]);
	return bad;
}
