/* Checks what is asked before libcurl sees it, so that nothing can be smuggled into a request. */
#include "probes/http_parts.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

#define URL_LIMIT    8192  /* bytes */
#define HEADER_LIMIT 16384 /* bytes of one value */
#define METHOD_LIMIT 32    /* bytes */

/* https://www.rfc-editor.org/rfc/rfc9110#section-5.6.2 */
static bool is_token(const char *text, size_t limit)
{
	static const char allowed[] = "!#$%&'*+-.^_`|~0123456789abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	size_t len = strspn(text, allowed);

	return len > 0 && len <= limit && text[len] == '\0';
}

/* No control characters but tab: https://www.rfc-editor.org/rfc/rfc9110#section-5.5 */
static bool is_value(const char *text)
{
	size_t len = strnlen(text, HEADER_LIMIT + 1);

	for (size_t i = 0; i < len; i++) {
		if (((unsigned char)text[i] < ' ' && text[i] != '\t') || text[i] == 0x7f)
			return false;
	}
	return len <= HEADER_LIMIT;
}

/* libcurl has written numbers out by now: "127.1" is 127.0.0.1 here. */
static bool is_loopback(const char *host)
{
	return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
	       (strncmp(host, "127.", 4) == 0 && host[strspn(host, "0123456789.")] == '\0');
}

static void tell_origin(CURLU *url, struct http_origin *ret_origin)
{
	char *scheme = NULL, *host = NULL, *port = NULL;

	(void)curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
	(void)curl_url_get(url, CURLUPART_HOST, &host, 0);
	(void)curl_url_get(url, CURLUPART_PORT, &port, 0);
	(void)snprintf(ret_origin->text, sizeof ret_origin->text, "%s://%s%s%s",
		       scheme != NULL ? scheme : "", host != NULL ? host : "",
		       port != NULL ? ":" : "", port != NULL ? port : "");
	ret_origin->loopback = host != NULL && is_loopback(host);
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
}

static bool check_parts(CURLU *url, const char *text, struct http_origin *ret_origin,
			struct error *error)
{
	char *user = NULL;

	if (strnlen(text, URL_LIMIT + 1) > URL_LIMIT)
		return error_set(error, "the URL is longer than %d bytes: shorten it", URL_LIMIT);
	if (curl_url_set(url, CURLUPART_URL, text, CURLU_NON_SUPPORT_SCHEME) != CURLUE_OK)
		return error_set(error, "the URL cannot be read: write it as http://host:port/path "
					"or https://host/path");
	if (curl_url_get(url, CURLUPART_USER, &user, 0) == CURLUE_OK) {
		curl_free(user);
		return error_set(error, "the URL holds a user name: give user and password by "
					"themselves, not in the URL");
	}
	tell_origin(url, ret_origin);
	if (strncmp(ret_origin->text, "http://", 7) != 0 &&
	    strncmp(ret_origin->text, "https://", 8) != 0)
		return error_set(error, "only http:// and https:// URLs can be asked");
	return true;
}

static bool check_url(const char *text, struct http_origin *ret_origin, struct error *error)
{
	CURLU *url;
	bool ok;

	if (text == NULL || text[0] == '\0')
		return error_set(error, "there is no URL to ask");
	url = curl_url();
	if (url == NULL)
		return error_set(error, "out of memory");
	ok = check_parts(url, text, ret_origin, error);
	curl_url_cleanup(url);
	return ok;
}

bool http_ask_check(const struct http_ask *ask, struct http_origin *ret_origin, struct error *error)
{
	if (!check_url(ask->url, ret_origin, error))
		return false;
	if (ask->method != NULL && !is_token(ask->method, METHOD_LIMIT))
		return error_set(error, "the method is not a word such as GET or PUT");
	for (size_t i = 0; i < ask->header_count; i++) {
		const struct http_header *header = &ask->headers[i];

		if (!is_token(header->name, HEADER_LIMIT))
			return error_set(error, "the name of header %zu is not one word", i + 1);
		if (!is_value(header->value))
			return error_set(error,
					 "the header %.100s holds a line break or another "
					 "control character, or is over %d bytes",
					 header->name, HEADER_LIMIT);
	}
	if (ask->bearer != NULL && (ask->bearer[0] == '\0' || !is_value(ask->bearer)))
		return error_set(error, "the token is empty or holds a line break: check the "
					"variable or file that it comes from");
	return true;
}

const char *http_ask_method(const struct http_ask *ask)
{
	if (ask->method != NULL)
		return ask->method;
	return ask->body != NULL ? "POST" : "GET";
}

static struct curl_slist *add(struct curl_slist *list, const char *line)
{
	struct curl_slist *longer = curl_slist_append(list, line);

	return longer != NULL ? longer : list;
}

struct curl_slist *http_ask_headers(const struct http_ask *ask)
{
	struct curl_slist *list = add(NULL, "Expect:"); /* no second round trip for a body */
	bool typed = false;
	char *line;

	for (size_t i = 0; i < ask->header_count; i++) {
		const struct http_header *header = &ask->headers[i];

		/* "Name;" is how libcurl is asked for a header without a value */
		line = mem_printf(header->value[0] != '\0' ? "%s: %s" : "%s;%s", header->name,
				  header->value);
		list = add(list, line);
		free(line);
		typed = typed || strcasecmp(header->name, "Content-Type") == 0;
	}
	if (!typed)
		list = add(list, "Content-Type:"); /* libcurl would claim a form */
	if (ask->bearer != NULL) {
		line = mem_printf("Authorization: Bearer %s", ask->bearer);
		list = add(list, line);
		explicit_bzero(line, strlen(line));
		free(line);
	}
	return list;
}
