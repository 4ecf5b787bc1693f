/* The text format in which programs show their counters. */
#include "probes/hops/exposition.h"

#include <ctype.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define LINE_LIMIT  4096 /* bytes */
#define LABEL_LIMIT 16

static bool in_name(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == ':';
}

static char *skip_blanks(char *at)
{
	while (*at == ' ' || *at == '\t')
		at++;
	return at;
}

/* Ends the name at `at` and returns what follows; NULL when there is none. */
static char *take_name(char *at)
{
	char *end = at;

	while (in_name(*end))
		end++;
	return end > at ? end : NULL;
}

/* Unescapes in place from behind the opening quote; returns what follows the closing one. */
static char *take_value(char *at)
{
	char *to = at;

	for (; *at != '\0' && *at != '"'; at++) {
		if (*at == '\\' && at[1] != '\0') {
			at++;
			*to++ = (char)(*at == 'n' ? '\n' : *at);
		} else {
			*to++ = *at;
		}
	}
	if (*at != '"')
		return NULL;
	*to = '\0';
	return at + 1;
}

/* From behind the brace to behind its end; NULL when it cannot be read. */
static char *take_labels(char *at, struct exposition_label *labels, size_t *count)
{
	for (;;) {
		char *name = skip_blanks(at), *end;

		if (*name == '}')
			return name + 1;
		end = take_name(name);
		if (end == NULL || *count == LABEL_LIMIT)
			return NULL;
		at = skip_blanks(end);
		if (*at != '=')
			return NULL;
		at = skip_blanks(at + 1);
		if (*at != '"')
			return NULL;
		*end = '\0'; /* where the equals sign or a blank was */
		labels[*count] = (struct exposition_label){name, at + 1};
		at = take_value(at + 1);
		if (at == NULL)
			return NULL;
		(*count)++;
		at = skip_blanks(at);
		if (*at == ',')
			at++;
		else if (*at != '}')
			return NULL;
	}
}

static bool read_line(char *line, exposition_fn *tell, void *arg)
{
	struct exposition_label labels[LABEL_LIMIT];
	struct exposition_sample sample = {.name = line, .labels = labels};
	char *at = take_name(line), *end, *number;

	if (at == NULL)
		return false;
	end = at;
	at = skip_blanks(at);
	if (*at == '{')
		at = take_labels(at + 1, labels, &sample.label_count);
	if (at == NULL)
		return false;
	number = skip_blanks(at);
	if (number == end) /* nothing between the name and the number */
		return false;
	*end = '\0';
	sample.value = strtod(number, &at);
	if (at == number || (*at != '\0' && *at != ' ' && *at != '\t' && *at != '\r') ||
	    !isfinite(sample.value))
		return false;
	tell(arg, &sample);
	return true;
}

size_t exposition_read(const char *text, size_t len, const char *prefix, exposition_fn *tell,
		       void *arg)
{
	const char *end = text + len;
	size_t told = 0, prefix_len = strlen(prefix);

	while (text < end) {
		const char *newline = memchr(text, '\n', (size_t)(end - text));
		size_t line_len = (size_t)((newline != NULL ? newline : end) - text);

		if (line_len >= prefix_len && line_len <= LINE_LIMIT &&
		    memcmp(text, prefix, prefix_len) == 0) {
			char *line = mem_dup_n(text, line_len);

			told += read_line(line, tell, arg);
			free(line);
		}
		text += line_len + 1;
	}
	return told;
}

const char *exposition_label(const struct exposition_sample *sample, const char *name)
{
	for (size_t i = 0; i < sample->label_count; i++)
		if (strcmp(sample->labels[i].name, name) == 0)
			return sample->labels[i].value;
	return "";
}
