/* One pass over one file. */
#include "scenarios/pass.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define TEXT_LIMIT 2000 /* bytes of one message */

void pass_place(struct pass *pass, const char *path, int line)
{
	if (pass->place_count == pass->place_capacity) {
		pass->place_capacity = pass->place_capacity * 2 + 64;
		pass->places = mem_grow(pass->places, pass->place_capacity, sizeof *pass->places);
	}
	pass->places[pass->place_count++] = (struct place){mem_dup(path), line};
}

static const struct place *find(const struct pass *pass, const char *path, size_t len)
{
	for (size_t i = 0; i < pass->place_count; i++) {
		const struct place *place = &pass->places[i];

		if (strncmp(place->path, path, len) == 0 && place->path[len] == '\0')
			return place;
	}
	return NULL;
}

bool pass_has(const struct pass *pass, const char *path)
{
	return find(pass, path, strlen(path)) != NULL;
}

bool pass_is_good(const struct pass *pass, const char *path)
{
	for (size_t i = 0; i < pass->found.count; i++) {
		if (strcmp(pass->found.list[i].key, path) == 0)
			return false;
	}
	return pass_has(pass, path);
}

static int line_of(const struct pass *pass, const char *path)
{
	size_t len = strlen(path);

	while (len > 0) {
		const struct place *place = find(pass, path, len);

		if (place != NULL)
			return place->line;
		do
			len--;
		while (len > 0 && path[len] != '.' && path[len] != '[');
	}
	return 0;
}

void pass_mistake(struct pass *pass, const char *path, const char *format, ...)
{
	char text[TEXT_LIMIT];
	va_list args;

	if (found_is_full(&pass->found))
		return;
	va_start(args, format);
	(void)vsnprintf(text, sizeof text, format, args);
	va_end(args);
	found_add(&pass->found, line_of(pass, path), path, "%s", text);
}

bool pass_end(struct pass *pass, struct mistakes *mistakes)
{
	bool good = pass->found.count == 0;

	found_sort(&pass->found);
	for (size_t i = 0; i < pass->found.count; i++) {
		const struct found_mistake *found = &pass->found.list[i];

		mistakes_add(mistakes, source_file(&pass->source, found->line),
			     source_line(&pass->source, found->line), found->key, "%s",
			     found->text);
	}
	if (pass->found.cut)
		mistakes_add(mistakes, source_file(&pass->source, 0), 0, "",
			     "there are more mistakes than these: put them right first");
	for (size_t i = 0; i < pass->place_count; i++)
		free(pass->places[i].path);
	free(pass->places);
	found_done(&pass->found);
	source_done(&pass->source);
	*pass = (struct pass){0};
	return good;
}
