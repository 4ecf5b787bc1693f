/* The table of chat drivers. */
#include "probes/chats/chat.h"

#include <string.h>

static const struct chat_driver *const drivers[] = {&chat_slack};

const struct chat_driver *chat_driver_find(const char *type)
{
	for (size_t i = 0; i < sizeof drivers / sizeof drivers[0]; i++) {
		if (strcmp(drivers[i]->type, type) == 0)
			return drivers[i];
	}
	return NULL;
}
