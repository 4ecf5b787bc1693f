/* Where a drill's own messages stand, as the ledger keeps it: a line "CHAT CHANNEL_ID TS" each.
 * The text may come from a damaged file: a line that is not exactly that is passed over. */
#ifndef PROGRAM_PLACES_H
#define PROGRAM_PLACES_H

#include <stddef.h>

#include "probes/chats/chat.h"

#define PLACES_MAX       32 /* lines; what comes after them is passed over */
#define PLACE_NAME_LIMIT 64 /* bytes of a chat's name, and of a channel's id */

struct place {
	char chat[PLACE_NAME_LIMIT + 1];
	char channel_id[PLACE_NAME_LIMIT + 1];
	char ts[CHAT_TS_SIZE];
};

/* How many there are. text may be NULL. */
size_t places_parse(const char *text, struct place ret_places[PLACES_MAX]);

#endif
