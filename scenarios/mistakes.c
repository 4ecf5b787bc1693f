/* Collecting and printing mistakes. */
#include "scenarios/mistakes.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "scenarios/secretlike.h"
#include "src/base/mem.h"

#define FOUND_LIMIT 200  /* mistakes of one pass: nobody reads more */
#define TEXT_LIMIT  2000 /* bytes of one message */

static char *message(const char *format, va_list args) __attribute__((format(printf, 1, 0)));

static char *message(const char *format, va_list args)
{
	char text[TEXT_LIMIT];

	(void)vsnprintf(text, sizeof text, format, args);
	secretlike_hide(text);
	for (char *c = text; *c != '\0'; c++) {
		if ((unsigned char)*c < ' ')
			*c = ' '; /* one mistake, one line, no control codes on a terminal */
	}
	return mem_dup(text);
}

bool found_is_full(struct found *found)
{
	found->cut = found->cut || found->count == FOUND_LIMIT;
	return found->cut;
}

void found_add(struct found *found, int line, const char *key, const char *format, ...)
{
	va_list args;
	char *text;

	if (found_is_full(found))
		return;
	va_start(args, format);
	text = message(format, args);
	va_end(args);
	for (size_t i = 0; i < found->count; i++) {
		const struct found_mistake *other = &found->list[i];

		if (other->line == line && strcmp(other->text, text) == 0 &&
		    strcmp(other->key, key) == 0) {
			free(text);
			return;
		}
	}
	found->list = mem_grow(found->list, found->count + 1, sizeof *found->list);
	found->list[found->count] = (struct found_mistake){line, mem_dup(key), text};
	secretlike_hide(found->list[found->count].key);
	found->count++;
}

void found_sort(struct found *found)
{
	for (size_t i = 1; i < found->count; i++) { /* few, and the order of equals must stay */
		struct found_mistake moved = found->list[i];
		size_t at = i;

		for (; at > 0 && found->list[at - 1].line > moved.line; at--)
			found->list[at] = found->list[at - 1];
		found->list[at] = moved;
	}
}

void found_done(struct found *found)
{
	for (size_t i = 0; i < found->count; i++) {
		free(found->list[i].key);
		free(found->list[i].text);
	}
	free(found->list);
	*found = (struct found){0};
}

void mistakes_add(struct mistakes *mistakes, const char *file, int line, const char *key,
		  const char *format, ...)
{
	struct mistake *added;
	va_list args;

	mistakes->list = mem_grow(mistakes->list, mistakes->count + 1, sizeof *mistakes->list);
	added = &mistakes->list[mistakes->count++];
	va_start(args, format);
	*added = (struct mistake){mem_dup(file), line, mem_dup(key), message(format, args)};
	va_end(args);
}

void mistakes_done(struct mistakes *mistakes)
{
	for (size_t i = 0; i < mistakes->count; i++) {
		free(mistakes->list[i].file);
		free(mistakes->list[i].key);
		free(mistakes->list[i].text);
	}
	free(mistakes->list);
	*mistakes = (struct mistakes){0};
}

void mistakes_print(const struct mistakes *mistakes, FILE *out)
{
	for (size_t i = 0; i < mistakes->count; i++) {
		const struct mistake *mistake = &mistakes->list[i];

		(void)fputs(mistake->file, out);
		if (mistake->line > 0)
			(void)fprintf(out, ":%d", mistake->line);
		if (mistake->key[0] != '\0')
			(void)fprintf(out, ": %s", mistake->key);
		(void)fprintf(out, ": %s\n", mistake->text);
	}
}
