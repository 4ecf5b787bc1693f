/* The two pure halves of http.c: checking what is asked, and putting into words what came of it. */
#ifndef PROBES_HTTP_PARTS_H
#define PROBES_HTTP_PARTS_H

#include <curl/curl.h>

#include "probes/http.h"
#include "src/base/error.h"

#define HTTP_ORIGIN_SIZE        300 /* bytes */
#define HTTP_TIMEOUT_DEFAULT_MS 10000
#define HTTP_MAX_BYTES_DEFAULT  (8U << 20)
#define HTTP_HEADER_LIMIT       (64U << 10) /* bytes of an answer's header lines together */

/* "https://host:port": all of a URL that error texts may show. A path can be a secret (webhooks),
 * and so can a query. */
struct http_origin {
	char text[HTTP_ORIGIN_SIZE];
	bool loopback;
};

/* True when every part of the ask is usable; else the sentence names the part, not its value. */
MUST_CHECK bool http_ask_check(const struct http_ask *ask, struct http_origin *ret_origin,
			       struct error *error);

/* The method that goes out: given, or GET, or POST when there is a body. Borrowed from the ask. */
const char *http_ask_method(const struct http_ask *ask);

/* The header lines of the request, owned by the caller (curl_slist_free_all). */
struct curl_slist *http_ask_headers(const struct http_ask *ask);

/* What http.c saw of a finished transfer. */
struct http_outcome {
	CURL *easy; /* borrowed */
	CURLcode code;
	bool body_too_large, head_too_large;
	const struct http_origin *origin; /* borrowed */
	int64_t timeout_ms;
	size_t max_bytes;
	const char *detail; /* libcurl's error buffer, borrowed */
};

/* Result, error text, status and the facts of the header lines; not the body. The reply borrows
 * from the easy handle and from *text. */
void http_outcome_tell(const struct http_outcome *outcome, struct http_reply *ret_reply,
		       struct error *text);

#endif
