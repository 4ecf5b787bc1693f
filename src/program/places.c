/* Where a drill's own messages stand. */
#include "src/program/places.h"

#include <stdbool.h>
#include <string.h>

#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS  "0123456789"

/* Copies the word at *at, made of allowed characters only and ended by `end`, and steps over both. */
static bool take_word(const char **at, const char *allowed, char end, char *ret_word, size_t size)
{
	size_t len = strspn(*at, allowed);

	if (len == 0 || len >= size)
		return false;
	if ((*at)[len] != end && !(end == '\n' && (*at)[len] == '\0'))
		return false;
	memcpy(ret_word, *at, len);
	ret_word[len] = '\0';
	*at += len + ((*at)[len] != '\0');
	return true;
}

size_t places_parse(const char *text, struct place ret_places[PLACES_MAX])
{
	size_t count = 0;

	while (text != NULL && *text != '\0' && count < PLACES_MAX) {
		struct place *place = &ret_places[count];
		const char *at = text;

		if (take_word(&at, LETTERS DIGITS "_-*", ' ', place->chat, sizeof place->chat) &&
		    take_word(&at, LETTERS DIGITS "_-:", ' ', place->channel_id,
			      sizeof place->channel_id) &&
		    take_word(&at, DIGITS ".", '\n', place->ts, sizeof place->ts))
			count++;
		text = strchr(text, '\n');
		text = text != NULL ? text + 1 : NULL;
	}
	return count;
}
