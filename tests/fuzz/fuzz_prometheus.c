/* Any bytes as Prometheus' answer: one of three findings, with a bounded sentence that can be shown;
 * met and calm only when it says "success" with a 2xx. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "probes/conditions/prometheus.h"
#include "src/base/mem.h"

static void check_answer(int status, const char *body, size_t len)
{
	struct buf text = {0};
	enum condition_answer answer = prometheus_read(status, body, len, NULL, &text);

	PROMISE(answer == CONDITION_CALM || answer == CONDITION_MET || answer == CONDITION_UNASKED);
	PROMISE(answer == CONDITION_UNASKED || status / 100 == 2);
	PROMISE(answer == CONDITION_UNASKED || memmem(body, len, "result", 6) != NULL ||
		memchr(body, '\\', len) != NULL);
	PROMISE(text.len > 0 && text.len < 512 && strlen(text.data) == text.len);
	for (size_t i = 0; i < text.len; i++)
		PROMISE((unsigned char)text.data[i] >= ' ');
	buf_done(&text);
}

static void check_url(const char *query)
{
	char *url = prometheus_url("http://prometheus.example/prefix/", query);

	PROMISE(url != NULL &&
		strncmp(url, "http://prometheus.example/prefix/api/v1/query?", 46) == 0);
	PROMISE(strspn(url, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			    "-._~%:/?&=") == strlen(url));
	free(url);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *body = mem_dup_n((const char *)data, size);

	check_answer(200, body, size);
	check_answer(503, body, size);
	check_url(body);
	free(body);
	return 0;
}
