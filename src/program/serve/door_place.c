/* Where the socket is: in the folder of the state file, beside it. */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "src/base/mem.h"
#include "src/program/serve/door.h"
#include "src/program/serve/door_wire.h"

char *door_path(const char *state)
{
	char *real = realpath(state, NULL); /* a link to the file is the same state */
	char *path = mem_printf("%s.sock", real != NULL ? real : state);

	free(real);
	return path;
}

bool door_place_open(const char *state, struct door_place *ret_place, struct error *error)
{
	char *path = door_path(state);
	const char *name = strrchr(path, '/');
	char *folder = name == NULL ? mem_dup(".") : mem_dup_n(path, (size_t)(name - path) + 1);
	int fd = open(folder, O_PATH | O_DIRECTORY | O_CLOEXEC);

	*ret_place = (struct door_place){.path = path, .folder = fd};
	if (fd < 0) {
		(void)error_set(error, "the folder %s of the state file cannot be opened (%s)",
				folder, strerror(errno));
		door_place_close(ret_place);
	}
	free(folder);
	return fd >= 0;
}

void door_place_close(struct door_place *place)
{
	if (place->folder >= 0)
		(void)close(place->folder);
	free(place->path);
	*place = (struct door_place){.folder = -1};
}

const char *door_place_name(const struct door_place *place)
{
	const char *slash = strrchr(place->path, '/');

	return slash != NULL ? slash + 1 : place->path;
}

/* An address holds 107 bytes, a path up to 4095: the folder is named by our descriptor of it. */
bool door_place_address(const struct door_place *place, char ret_path[DOOR_ADDRESS_MAX],
			struct error *error)
{
	int len = snprintf(ret_path, DOOR_ADDRESS_MAX, "/proc/self/fd/%d/%s", place->folder,
			   door_place_name(place));

	if (len > 0 && len < DOOR_ADDRESS_MAX)
		return true;
	return error_set(
	    error,
	    "the name of %s is too long for a socket: give the state file a name of at "
	    "most 80 characters",
	    place->path);
}
