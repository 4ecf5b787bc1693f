/* One request as it comes over the wire: HTTP/1.0 or 1.1, GET or HEAD, without a body.
 * https://www.rfc-editor.org/rfc/rfc9112  */
#ifndef PROGRAM_WEB_REQUEST_H
#define PROGRAM_WEB_REQUEST_H

#include <stdbool.h>
#include <stddef.h>

#define WEB_HEAD_BYTES 16384 /* line and headers together */
#define WEB_LINE_BYTES 4096
#define WEB_FIELDS     100 /* headers */

struct web_request {
	int status;          /* 200; else the refusal that it deserves */
	const char *why;     /* ... static: one sentence */
	bool head;           /* HEAD, not GET */
	char *path;          /* owned; decoded: printable UTF-8 without "." and ".." */
	char *query;         /* owned; behind '?', not decoded; "" */
	char *host;          /* owned; of the target, else of the header; NULL: not given */
	char *accept;        /* owned; NULL: not given */
	char *authorization; /* owned; NULL: not given */
	bool host_seen;      /* a header Host */
	bool has_length;     /* of a body */
	bool has_body;
};

/* Reads what has come so far. False: more must come. True: status says what it is; what follows the
 * headers is not looked at. request is zeroed before the first call; web_request_done frees it. */
bool web_request_read(struct web_request *request, const char *data, size_t len);
void web_request_done(struct web_request *request); /* wipes the authorization */

#endif
