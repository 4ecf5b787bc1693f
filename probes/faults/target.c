/* The line that names what a fault changes. */
#include "probes/faults/target.h"

#include <ctype.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/faults/recipe.h"
#include "probes/faults/text.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define TARGET_LIMIT  500 /* bytes */
#define COMMAND_LIMIT (256 * 1024)
#define SUM_LEN       17 /* "~" and 16 digits */
#define DRILL         "${drill}"

/* FNV-1a, 64 bits: http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t sum(const char *text)
{
	uint64_t hash = 0xcbf29ce484222325;

	for (; *text != '\0'; text++)
		hash = (hash ^ (unsigned char)*text) * 0x100000001b3;
	return hash;
}

static char *without_drill(const cJSON *recipe, const char *text)
{
	const char *drill = recipe_text(recipe, "drill"), *at;
	struct buf out = {0};
	char *copy;

	while (drill != NULL && drill[0] != '\0' && (at = strstr(text, drill)) != NULL) {
		buf_add(&out, text, (size_t)(at - text));
		buf_adds(&out, DRILL);
		text = at + strlen(drill);
	}
	buf_adds(&out, text);
	copy = mem_dup(buf_text(&out));
	buf_done(&out);
	return copy;
}

static char *bounded(char *text)
{
	size_t len = strlen(text), kept;
	uint64_t whole = sum(text);

	text_clean(text, len);
	if (len <= TARGET_LIMIT)
		return text;
	kept = text_cut(text, len, TARGET_LIMIT - SUM_LEN);
	(void)snprintf(text + kept, SUM_LEN + 1, "~%016llx", (unsigned long long)whole);
	return text;
}

char *target_text(const cJSON *recipe, const char *text)
{
	return bounded(without_drill(recipe, text));
}

static void lower_host(char *url)
{
	char *host = strstr(url, "://");
	size_t len;

	if (host == NULL)
		return;
	host += strlen("://");
	len = strcspn(host, "/?");
	for (size_t i = 0; i < len; i++)
		host[i] = (char)tolower((unsigned char)host[i]);
}

char *target_url(const cJSON *recipe, const char *url)
{
	char *plain = without_drill(recipe, url), *query, *line;

	plain[strcspn(plain, "#")] = '\0';
	lower_host(plain);
	query = strchr(plain, '?');
	if (query == NULL)
		return bounded(plain);
	*query++ = '\0';
	line = mem_printf("%s?~%016llx", plain, (unsigned long long)sum(query));
	free(plain);
	return bounded(line);
}

char *target_command(const cJSON *recipe, const char *kind, const char *key, const char *after)
{
	const char **argv = recipe_texts(recipe, key);
	struct buf line = {0};
	char *target;

	if (argv == NULL)
		return mem_dup("");
	buf_addf(&line, "%s ", kind);
	text_add_command(&line, (const char *const *)argv, COMMAND_LIMIT);
	buf_adds(&line, after);
	target = target_text(recipe, buf_text(&line));
	buf_done(&line);
	free(argv);
	return target;
}
