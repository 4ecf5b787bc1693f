/* The folders that a file of ours lies in. */
#include "src/store/folders.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "src/base/mem.h"

bool folders_make(const char *path, const char *name, struct error *error)
{
	char *folder = mem_dup(path);
	char *at = path[0] != '\0' ? strchr(folder + 1, '/') : NULL;
	bool ok = true;

	for (; ok && at != NULL; at = strchr(at + 1, '/')) {
		*at = '\0';
		if (mkdir(folder, 0700) != 0 && errno != EEXIST)
			ok = error_set(error,
				       "the folder %s of the %s cannot be made (%s): make it, or "
				       "name another place",
				       folder, name, strerror(errno));
		*at = '/';
	}
	free(folder);
	return ok;
}
