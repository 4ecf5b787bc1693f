/* libical, loaded when something of it is needed. */
#include "src/calendar/library.h"

#include <dlfcn.h>
#include <stddef.h>
#include <string.h>

#define LIBRARY       "libical.so.3"
#define PLACE(member) offsetof(struct library, member)

static const struct symbol {
	const char *name;
	size_t place; /* of the pointer to it, in struct library */
} symbols[] = {
    {"icaltimezone_get_builtin_timezone", PLACE(find_zone)},
    {"icaltimezone_get_utc_timezone", PLACE(utc)},
    {"icaltime_from_timet_with_zone", PLACE(moment)},
    {"icaltimezone_get_utc_offset_of_utc_time", PLACE(offset)},
};
/* What POSIX calls an object pointer is copied into the pointer to the function, dlsym(3). */
static bool take(struct library *library, const struct symbol *symbol)
{
	void *found = dlsym(library->handle, symbol->name);

	memcpy((char *)library + symbol->place, &found, sizeof found);
	return found != NULL;
}

bool library_open(struct library *library, struct error *error)
{
	library->handle = dlopen(LIBRARY, RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE);
	if (library->handle == NULL)
		return error_set(error, "zones other than \"UTC\" need libical, and " LIBRARY
					" cannot be loaded: install it (Debian: libical3), or "
					"write zone = \"UTC\"");
	for (size_t i = 0; i < sizeof symbols / sizeof symbols[0]; i++) {
		if (take(library, &symbols[i]))
			continue;
		library_close(library);
		return error_set(error,
				 LIBRARY " is not the libical that is needed: install "
					 "version 3 (Debian: libical3), or write zone = \"UTC\"");
	}
	return true;
}

void library_close(struct library *library)
{
	if (library->handle != NULL)
		(void)dlclose(library->handle);
	library->handle = NULL;
}
