/* SPDX-License-Identifier: Apache-2.0 */
#include "run/host.h"

#include <errno.h>
#include <sched.h>
#include <sys/stat.h>
#include <unistd.h>

uint32_t
host_processors(void)
{
	cpu_set_t set;
	int n = sched_getaffinity(0, sizeof set, &set) == 0 ? CPU_COUNT(&set) : 1;

	return n < 1 ? 1 : (uint32_t)n;
}

int
host_file_is_shared(const char *path)
{
	struct stat st;
	mode_t others = 077;

	if (stat(path, &st) != 0)
		return -errno;
	if (!S_ISREG(st.st_mode))
		return -EINVAL;
	if (st.st_uid == 0 && geteuid() != 0)
		others = 027;
	return (st.st_mode & others) != 0;
}

uint64_t
host_file_stamp(const char *path)
{
	struct stat st;

	if (stat(path, &st) != 0)
		return 0;
	return (uint64_t)st.st_mtim.tv_sec * 1000000007 + (uint64_t)st.st_mtim.tv_nsec * 31 +
	    (uint64_t)st.st_ino * 7919 + (uint64_t)st.st_size;
}

bool
host_is_terminal(int fd)
{
	return isatty(fd) == 1;
}
