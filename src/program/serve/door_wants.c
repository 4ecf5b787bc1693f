/* What a guest wants, read from its packet. */
#include "src/program/serve/door_wants.h"

#include <string.h>

static void take_text(const char **list, size_t max, size_t *count, const char *value, bool *good)
{
	if (*count < max)
		list[(*count)++] = value;
	else
		*good = false;
}

static void take_field(struct door_wants *wants, const char *key, const char *value)
{
	bool yes = strcmp(value, "1") == 0;

	if (strcmp(key, "scenario") == 0)
		take_text(wants->scenarios, DOOR_NAMES_MAX, &wants->names.scenario_count, value,
			  &wants->good);
	else if (strcmp(key, "environment") == 0)
		take_text(wants->environments, DOOR_NAMES_MAX, &wants->names.environment_count,
			  value, &wants->good);
	else if (strcmp(key, "note") == 0)
		take_text(wants->notes, DOOR_NOTES_MAX, &wants->note_count, value, &wants->good);
	else if (strcmp(key, "all") == 0)
		wants->names.all = yes;
	else if (strcmp(key, "allow-protected") == 0)
		wants->names.allow_protected = yes;
	else if (strcmp(key, "json") == 0)
		wants->json = yes;
	else if (strcmp(key, "live") == 0)
		wants->looks.live = yes;
	else if (strcmp(key, "colour") == 0)
		wants->looks.colour = yes;
	else if (strcmp(key, "ascii") == 0)
		wants->looks.ascii = yes;
	else if (strcmp(key, "columns") == 0)
		wants->looks.columns = (int)door_number_of(value, DOOR_WINDOW_MAX);
	else if (strcmp(key, "rows") == 0)
		wants->looks.rows = (int)door_number_of(value, DOOR_WINDOW_MAX);
	else
		wants->good = false;
}

bool door_wants_read(struct door_said *said, struct door_wants *wants)
{
	const char *key, *value;

	wants->good = true;
	while (wants->good && door_next(said, &key, &value))
		take_field(wants, key, value);
	wants->names.scenarios = wants->scenarios;
	wants->names.environments = wants->environments;
	return wants->good;
}
