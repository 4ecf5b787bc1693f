/* What the text of a message says: is it the alert, has it all that it should, is it over? */
#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/engine/lookout.h"

bool lookout_matches(const struct expectation *expect, const char *drill, bool with_nonce,
		     const char *text)
{
	bool any = false;

	for (size_t i = 0; i < expect->match.count; i++) {
		const char *needle = expect->match.list[i];

		if (!with_nonce && strstr(needle, drill) != NULL)
			continue;
		if (strstr(text, needle) == NULL)
			return false;
		any = true;
	}
	return any;
}

static bool is_of_word(char c)
{
	return isalnum((unsigned char)c) || c == '_';
}

bool lookout_has_word(const char *text, const char *word)
{
	size_t len = strlen(word);

	for (const char *at = text; len > 0 && (at = strcasestr(at, word)) != NULL; at++) {
		if ((at == text || !is_of_word(at[-1])) && !is_of_word(at[len]))
			return true;
	}
	return false;
}

bool lookout_has_resolved_word(const struct expectation *expect, const char *text)
{
	for (size_t i = 0; i < expect->resolved_match.count; i++) {
		if (lookout_has_word(text, expect->resolved_match.list[i]))
			return true;
	}
	return false;
}

/* "[FIRING:1] DNS not resolved": what the mark says counts, whatever words follow it. */
static bool is_marked_firing(const struct expectation *expect, const char *text)
{
	const char *mark = strcasestr(text, "[firing");
	const char *end = mark != NULL ? strchr(mark, ']') : NULL;
	char *start = end != NULL ? mem_dup_n(text, (size_t)(end - text)) : NULL;
	bool marked = start != NULL && !lookout_has_resolved_word(expect, start);

	free(start);
	return marked;
}

bool lookout_is_resolved(const struct expectation *expect, const char *text)
{
	return lookout_has_resolved_word(expect, text) && !is_marked_firing(expect, text);
}

const char *lookout_first_lacking(const struct expectation *expect, const char *text)
{
	for (size_t i = 0; i < expect->contains.count; i++) {
		if (strstr(text, expect->contains.list[i]) == NULL)
			return expect->contains.list[i];
	}
	return NULL;
}
