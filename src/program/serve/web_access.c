/* Who may read the pages. */
#include "src/program/serve/web_access.h"

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "src/base/mem.h"

#define LOCAL_NAME "localhost"

/* The token. */

/* Looks at all of `given`, however much of it is wrong. */
static bool is_equal(const char *token, const char *given, size_t given_len)
{
	size_t len = strlen(token);
	volatile unsigned char differs = len != given_len || len == 0;

	for (size_t i = 0; i < given_len && len > 0; i++)
		differs |= (unsigned char)(given[i] ^ token[i % len]);
	return differs == 0;
}

static int sextet_of(char c)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *found = c != '\0' ? strchr(digits, c) : NULL;

	return found != NULL ? (int)(found - digits) : -1;
}

/* https://www.rfc-editor.org/rfc/rfc4648#section-4; padding may be left out. What follows a foreign
 * character is left out. Owned by the caller. */
static char *decode_base64(const char *text, size_t *ret_len)
{
	char *bytes = mem_zalloc(strlen(text) + 1);
	uint32_t held = 0;
	int bits = 0;

	*ret_len = 0;
	for (int sextet; (sextet = sextet_of(*text)) >= 0; text++) {
		held = (held << 6 | (uint32_t)sextet) & 0xffffff;
		bits += 6;
		if (bits >= 8) {
			bits -= 8;
			bytes[(*ret_len)++] = (char)(held >> bits & 0xff);
		}
	}
	return bytes;
}

static bool password_fits(const char *token, const char *credentials)
{
	size_t len = 0;
	char *pair = decode_base64(credentials, &len);
	const char *colon = memchr(pair, ':', len);
	bool fits = colon != NULL && is_equal(token, colon + 1, len - (size_t)(colon + 1 - pair));

	explicit_bzero(pair, len);
	free(pair);
	return fits;
}

bool web_token_fits(const char *token, const char *authorization)
{
	static const char bearer[] = "Bearer ", basic[] = "Basic ";

	if (authorization == NULL)
		return false;
	if (strncasecmp(authorization, bearer, strlen(bearer)) == 0) {
		authorization += strlen(bearer);
		authorization += strspn(authorization, " ");
		return is_equal(token, authorization, strlen(authorization));
	}
	if (strncasecmp(authorization, basic, strlen(basic)) == 0) {
		authorization += strlen(basic);
		return password_fits(token, authorization + strspn(authorization, " "));
	}
	return false;
}

/* The host. */

/* How much of "HOST:PORT" is the host, without the dot that ends a full name. */
static size_t host_length(const char *text)
{
	size_t len = text[0] == '[' ? strcspn(text, "]") + 1 : strcspn(text, ":/?");

	if (len > strlen(text))
		return strlen(text);
	return len > 1 && text[len - 1] == '.' ? len - 1 : len;
}

static bool is_same_host(const char *host, const char *other)
{
	size_t len = host_length(other);

	return len > 0 && host_length(host) == len && strncasecmp(host, other, len) == 0;
}

bool web_host_fits(const char *host, const char *address, const char *url)
{
	const char *named = url != NULL ? strstr(url, "://") : NULL;

	return host == NULL || is_same_host(host, LOCAL_NAME) || is_same_host(host, "127.0.0.1") ||
	       is_same_host(host, "[::1]") || is_same_host(host, address) ||
	       (named != NULL && is_same_host(host, named + 3));
}
