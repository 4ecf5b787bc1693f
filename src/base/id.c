/* Drill ids. */
#include "src/base/id.h"

#include <ctype.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

#define PREFIX     "fd-"
#define PREFIX_LEN 3

static bool is_word(char c)
{
	return isalnum((unsigned char)c) != 0;
}

static bool is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
}

void id_new(char ret_id[ID_LEN + 1])
{
	static const char alphabet[] = "abcdefghijklmnopqrstuvwxyz0123456789";
	uint32_t random[ID_LEN - PREFIX_LEN];

	if (getrandom(random, sizeof random, 0) != (ssize_t)sizeof random)
		abort(); /* no randomness: two drills could be taken for one */
	memcpy(ret_id, PREFIX, PREFIX_LEN);
	for (size_t i = PREFIX_LEN; i < ID_LEN; i++)
		ret_id[i] = alphabet[random[i - PREFIX_LEN] % (sizeof alphabet - 1)];
	ret_id[ID_LEN] = '\0';
}

static bool is_id(const char *at)
{
	for (size_t i = PREFIX_LEN; i < ID_LEN; i++) {
		if (!is_id_char(at[i]))
			return false;
	}
	return true;
}

bool id_has_probe(const char *text)
{
	for (const char *at = text; (at = strstr(at, PREFIX)) != NULL; at++) {
		const char *end = at + ID_LEN;

		if (strnlen(at, ID_PROBE_LEN) == ID_PROBE_LEN && is_id(at) && end[0] == '-' &&
		    end[1] == 'p' && isdigit((unsigned char)end[2]) != 0 && !is_word(end[3]))
			return true;
	}
	return false;
}

const char *id_find(const char *text, size_t len)
{
	const char *at = text, *end = text + len;

	while ((at = memmem(at, (size_t)(end - at), PREFIX, PREFIX_LEN)) != NULL) {
		if (end - at < ID_LEN)
			return NULL;
		if ((at == text || !is_word(at[-1])) && is_id(at) &&
		    (end - at == ID_LEN || !is_word(at[ID_LEN])))
			return at;
		at += PREFIX_LEN;
	}
	return NULL;
}
