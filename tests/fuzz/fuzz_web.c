/* Any bytes as a request to the web server: refused with a sentence, or a path that leads nowhere else;
 * and never another one when more of it comes. */
#include "tests/fuzz/fuzz.h"

#include <string.h>
#include <strings.h>

#include "src/base/utf8.h"
#include "src/program/serve/meter.h"
#include "src/program/serve/web_access.h"
#include "src/program/serve/web_request.h"

#define TOKEN "s3cret-token"

static void check_path(const char *path)
{
	size_t len = strlen(path);

	PROMISE(path[0] == '/');
	PROMISE(strstr(path, "/../") == NULL && strstr(path, "/./") == NULL);
	PROMISE(len < 3 || strcmp(path + len - 3, "/..") != 0);
	for (size_t i = 0, step; i < len; i += step) {
		step = utf8_length(path + i, len - i);
		PROMISE(step > 0 && (unsigned char)path[i] >= ' ' && path[i] != 0x7f);
	}
}

static void check_access(const struct web_request *request)
{
	const char *given = request->authorization;

	if (given != NULL && web_token_fits(TOKEN, given))
		PROMISE(strstr(given, TOKEN) != NULL || strncasecmp(given, "basic ", 6) == 0);
	PROMISE(!web_token_fits("", given));
	if (request->host != NULL && web_host_fits(request->host, "127.0.0.1:1", NULL))
		PROMISE(strncasecmp(request->host, "localhost", 9) == 0 ||
			strncmp(request->host, "127.0.0.1", 9) == 0 ||
			strncmp(request->host, "[::1]", 5) == 0);
	if (request->accept != NULL && meter_wants_open_metrics(request->accept))
		PROMISE(strcasestr(request->accept, "openmetrics") != NULL);
}

/* The status that these bytes get; 0: more has to come. */
static int read_as(const char *data, size_t len)
{
	struct web_request request = {0};
	int status = 0;

	if (web_request_read(&request, data, len)) {
		status = request.status;
		PROMISE(status == 200 || (status >= 400 && status < 600 && request.why != NULL));
		if (status == 200) {
			PROMISE(request.path != NULL && request.query != NULL);
			check_path(request.path);
			check_access(&request);
		}
	}
	web_request_done(&request);
	return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *bytes, size_t size)
{
	/* As the server does: so much and no more. */
	size_t len = size < WEB_HEAD_BYTES ? size : WEB_HEAD_BYTES;
	const char *data = (const char *)bytes;
	int status = read_as(data, len), before = read_as(data, len / 2);

	PROMISE(len < WEB_HEAD_BYTES || status != 0);
	PROMISE(before == 0 || status != 0);
	PROMISE(before != 200 || status == 200);
	return 0;
}
