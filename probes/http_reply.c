/* What came of a transfer, as one result and one sentence that says what to do. */
#include "probes/http_parts.h"

#include <inttypes.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include "src/base/clock.h"
#include "src/base/duration.h"

#define RETRY_AFTER_LIMIT_S INT64_C(604800) /* a week: more is taken for that */

#define BROKE "the connection to %s broke: look at that service, then try again"

/* Sentences get the origin, then libcurl's own words.  Codes that are not listed are HTTP_BROKEN:
 * the careful reading, since that one says that the request may have been carried out. */
static const struct telling {
	CURLcode code;
	enum http_result result;
	const char *format;
} tellings[] = {
    {CURLE_COULDNT_RESOLVE_HOST, HTTP_UNREACHABLE,
     "the name in %s is not known: check the spelling and the DNS of this machine"},
    {CURLE_COULDNT_RESOLVE_PROXY, HTTP_UNREACHABLE,
     "the name of the proxy for %s is not known: check http_proxy, https_proxy and no_proxy"},
    {CURLE_COULDNT_CONNECT, HTTP_UNREACHABLE,
     "no connection to %s (%s): check that the service runs there and that a firewall lets us "
     "pass"},
    {CURLE_PROXY, HTTP_UNREACHABLE,
     "the proxy for %s refused: check http_proxy, https_proxy and no_proxy (%s)"},
    {CURLE_PEER_FAILED_VERIFICATION, HTTP_UNREACHABLE,
     "the certificate of %s is not trusted (%s): give the service a valid one for this name, or "
     "add its authority to this machine's certificate store or to the file in SSL_CERT_FILE"},
    {CURLE_SSL_CONNECT_ERROR, HTTP_UNREACHABLE,
     "no TLS with %s (%s): check that the port speaks https"},
    {CURLE_SSL_CACERT_BADFILE, HTTP_UNREACHABLE,
     "the certificate store for %s cannot be read (%s): install ca-certificates, or check "
     "SSL_CERT_FILE"},
    {CURLE_SSL_ISSUER_ERROR, HTTP_UNREACHABLE, "the certificate of %s is not trusted (%s)"},
    {CURLE_SSL_CIPHER, HTTP_UNREACHABLE, "no TLS cipher in common with %s (%s)"},
    {CURLE_SSL_CERTPROBLEM, HTTP_UNREACHABLE, "our own certificate for %s is unusable (%s)"},
    {CURLE_UNSUPPORTED_PROTOCOL, HTTP_BROKEN,
     "the answer of %s is not HTTP: check the port and the scheme"},
    {CURLE_WEIRD_SERVER_REPLY, HTTP_BROKEN,
     "the answer of %s is not HTTP: check the port and the scheme"},
    {CURLE_GOT_NOTHING, HTTP_BROKEN, "%s closed the connection without an answer"},
    {CURLE_PARTIAL_FILE, HTTP_BROKEN, "%s closed the connection in the middle of its answer"},
    {CURLE_RECV_ERROR, HTTP_BROKEN, BROKE},
    {CURLE_SEND_ERROR, HTTP_BROKEN, BROKE},
    {CURLE_SEND_FAIL_REWIND, HTTP_BROKEN, BROKE}, /* it would have been sent a second time */
    {CURLE_URL_MALFORMAT, HTTP_BAD_ASK, "the URL for %s cannot be read: check its characters"},
};

static const struct telling other = {
    .result = HTTP_BROKEN,
    .format = "the connection to %s broke (%s): look at that service and try again",
};

static const struct telling *find(CURLcode code)
{
	for (size_t i = 0; i < sizeof tellings / sizeof tellings[0]; i++) {
		if (tellings[i].code == code)
			return &tellings[i];
	}
	return &other;
}

/* The details of TLS ("certificate has expired") and of the system help, and hold nothing of ours;
 * the details of other failures may quote the URL. */
static const char *reason(const struct http_outcome *outcome)
{
	bool tls = outcome->code == CURLE_PEER_FAILED_VERIFICATION ||
		   outcome->code == CURLE_SSL_CONNECT_ERROR ||
		   outcome->code == CURLE_SSL_CACERT_BADFILE;
	long number = 0;

	(void)curl_easy_getinfo(outcome->easy, CURLINFO_OS_ERRNO, &number);
	if (tls && outcome->detail[0] != '\0')
		return outcome->detail;
	if (outcome->code == CURLE_COULDNT_CONNECT && number > 0)
		return strerror((int)number);
	return curl_easy_strerror(outcome->code);
}

static enum http_result tell_timeout(const struct http_outcome *outcome, struct error *text)
{
	char limit[32];
	long sent = 0;

	duration_format(outcome->timeout_ms, limit, sizeof limit);
	(void)curl_easy_getinfo(outcome->easy, CURLINFO_REQUEST_SIZE, &sent);
	if (sent == 0) {
		(void)error_set(text,
				"no connection to %s within %s: check that the service runs "
				"there and that a firewall lets us pass",
				outcome->origin->text, limit);
		return HTTP_UNREACHABLE;
	}
	(void)error_set(text, "no complete answer from %s within %s: look at that service",
			outcome->origin->text, limit);
	return HTTP_TIMEOUT;
}

static enum http_result tell_size(const struct http_outcome *outcome, struct error *text)
{
	if (outcome->body_too_large || outcome->code == CURLE_FILESIZE_EXCEEDED)
		(void)error_set(text,
				"the answer of %s is over %zu bytes: check that this is the right "
				"address",
				outcome->origin->text, outcome->max_bytes);
	else
		(void)error_set(text,
				"the header lines of %s are over %u bytes: check that this is the "
				"right address",
				outcome->origin->text, HTTP_HEADER_LIMIT);
	return HTTP_TOO_LARGE;
}

/* libcurl itself refuses a single line of more than 100 KiB, by this code. */
static bool is_too_large(const struct http_outcome *outcome)
{
	return outcome->body_too_large || outcome->head_too_large ||
	       outcome->code == CURLE_FILESIZE_EXCEEDED || outcome->code == CURLE_OUT_OF_MEMORY;
}

static enum http_result tell_result(const struct http_outcome *outcome, struct error *text)
{
	const struct telling *telling = find(outcome->code);

	if (outcome->code == CURLE_OK)
		return HTTP_ANSWERED;
	if (outcome->code == CURLE_OPERATION_TIMEDOUT)
		return tell_timeout(outcome, text);
	if (is_too_large(outcome))
		return tell_size(outcome, text);
		/* every format takes the origin first and, some of them, the reason second */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
	(void)error_set(text, telling->format, outcome->origin->text, reason(outcome));
#pragma GCC diagnostic pop
	return telling->result;
}

static const char *header(CURL *easy, const char *name)
{
	struct curl_header *found = NULL;

	if (curl_easy_header(easy, name, 0, CURLH_HEADER, -1, &found) != CURLHE_OK)
		return NULL;
	return found->value;
}

static int64_t tell_date(CURL *easy)
{
	const char *text = header(easy, "Date");
	time_t seconds = text != NULL ? curl_getdate(text, NULL) : -1;

	return seconds > 0 ? (int64_t)seconds * 1000 : -1;
}

/* Seconds, or a date: https://www.rfc-editor.org/rfc/rfc9110#section-10.2.3
 * A date is measured from the answer's own Date, because the two clocks may differ. */
static int64_t tell_retry_after(CURL *easy, int64_t date_ms)
{
	const char *text = header(easy, "Retry-After");
	int64_t seconds;

	if (text == NULL || text[0] == '\0')
		return -1;
	if (text[strspn(text, "0123456789")] == '\0') {
		seconds = strlen(text) > 9 ? RETRY_AFTER_LIMIT_S : strtoll(text, NULL, 10);
	} else {
		time_t until = curl_getdate(text, NULL);

		if (until <= 0)
			return -1;
		seconds = (int64_t)until - (date_ms >= 0 ? date_ms : clock_wall_ms()) / 1000;
	}
	if (seconds < 0)
		seconds = 0;
	return (seconds < RETRY_AFTER_LIMIT_S ? seconds : RETRY_AFTER_LIMIT_S) * 1000;
}

void http_outcome_tell(const struct http_outcome *outcome, struct http_reply *ret_reply,
		       struct error *text)
{
	const char *content_type = NULL;
	long status = 0;

	ret_reply->result = tell_result(outcome, text);
	ret_reply->date_ms = -1;
	ret_reply->retry_after_ms = -1;
	ret_reply->content_type = "";
	if (ret_reply->result != HTTP_ANSWERED) {
		ret_reply->error = text->text;
		return;
	}
	(void)curl_easy_getinfo(outcome->easy, CURLINFO_RESPONSE_CODE, &status);
	(void)curl_easy_getinfo(outcome->easy, CURLINFO_CONTENT_TYPE, &content_type);
	ret_reply->status = (int)status;
	if (content_type != NULL)
		ret_reply->content_type = content_type;
	ret_reply->date_ms = tell_date(outcome->easy);
	ret_reply->retry_after_ms = tell_retry_after(outcome->easy, ret_reply->date_ms);
	ret_reply->oauth_scopes = header(outcome->easy, "X-OAuth-Scopes");
}
