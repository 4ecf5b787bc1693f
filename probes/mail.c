/* Mail on the loop: one transfer of libcurl for each letter. */
#include "probes/mail.h"

#include <curl/curl.h>
#include <event2/event.h>
#include <stdlib.h>
#include <string.h>

#include "probes/http_multi.h"
#include "scenarios/config.h"
#include "src/base/mem.h"
#include "src/base/secret.h"

#define TIMEOUT_MS   30000L /* of the whole conversation */
#define ANSWER_SHOWN 100    /* bytes of what a server says of an address */

struct mail {
	struct http_multi *multi;      /* owned; of this letter alone */
	CURL *easy;                    /* owned; NULL: nothing can be sent */
	struct curl_slist *recipients; /* owned */
	struct buf message;
	size_t sent;
	struct event *over;      /* owned; tells the end from the loop */
	struct secrets *secrets; /* borrowed */
	char *server;            /* owned; "smtp://mail.example:587", for people */
	char detail[CURL_ERROR_SIZE];
	struct buf asked;    /* the address that the server is asked about; empty: none */
	struct buf left_out; /* those that it refused */
	CURLcode code;
	struct error refused; /* why nothing was sent; "" */
	mail_done_fn *done;
	void *arg; /* borrowed, for done */
};

static void mail_free(struct mail *mail)
{
	if (mail->easy != NULL) {
		http_multi_remove(mail->multi, mail->easy);
		curl_easy_cleanup(mail->easy);
	}
	http_multi_free(mail->multi);
	curl_slist_free_all(mail->recipients);
	event_free(mail->over);
	buf_done(&mail->message);
	buf_done(&mail->asked);
	buf_done(&mail->left_out);
	free(mail->server);
	free(mail);
}

/* What went wrong. */

static long status_of(const struct mail *mail)
{
	long status = 0;

	if (mail->easy != NULL)
		(void)curl_easy_getinfo(mail->easy, CURLINFO_RESPONSE_CODE, &status);
	return status;
}

/* A server's 5xx is final, RFC 5321, 4.2.1; a lost connection may carry the last one it said. */
static bool is_permanent(const struct mail *mail)
{
	switch (mail->code) {
	case CURLE_LOGIN_DENIED:
	case CURLE_USE_SSL_FAILED:
	case CURLE_PEER_FAILED_VERIFICATION:
	case CURLE_URL_MALFORMAT:
	case CURLE_UNSUPPORTED_PROTOCOL:
		return true;
	default:
		return mail->refused.text[0] != '\0' || status_of(mail) / 100 == 5;
	}
}

static const char *advice_of(const struct mail *mail)
{
	switch (mail->code) {
	case CURLE_LOGIN_DENIED:
		return "check user and password of report.second.mail";
	case CURLE_USE_SSL_FAILED:
		return "it offers no TLS, without which no password is sent; use its smtps:// port";
	case CURLE_PEER_FAILED_VERIFICATION:
		return "its certificate is not trusted; give it a valid one, or add its authority "
		       "to this machine's store or to the file in SSL_CERT_FILE";
	case CURLE_COULDNT_RESOLVE_HOST:
		return "check the name and the DNS of this machine";
	case CURLE_COULDNT_CONNECT:
	case CURLE_OPERATION_TIMEDOUT:
		return "check that the server runs there and that a firewall lets us pass";
	default:
		return "look at the log of that server";
	}
}

/* Owned by the caller; NULL: it was sent. */
static char *error_of(const struct mail *mail)
{
	char *error;

	if (mail->refused.text[0] != '\0')
		return mem_dup(mail->refused.text);
	if (mail->code == CURLE_OK)
		return NULL;
	error = mem_printf("%s: %s: %s", mail->server,
			   mail->detail[0] != '\0' ? mail->detail : curl_easy_strerror(mail->code),
			   advice_of(mail));
	secret_mask(mail->secrets, error);
	return error;
}

/* Owned by the caller; NULL: it refused none. */
static char *refused_of(const struct mail *mail)
{
	char *refused = mail->left_out.len > 0 ? mem_dup(buf_text(&mail->left_out)) : NULL;

	secret_mask(mail->secrets, refused);
	return refused;
}

/* Callbacks. */

static void on_over(evutil_socket_t fd, short what, void *arg)
{
	struct mail *mail = arg;
	char *error = error_of(mail);
	char *refused = refused_of(mail);
	const struct mail_answer answer = {
	    .error = error,
	    .permanent = error != NULL && is_permanent(mail),
	    .refused = error == NULL ? refused : NULL,
	};
	mail_done_fn *done = mail->done;
	void *done_arg = mail->arg;

	(void)fd;
	(void)what;
	mail_free(mail);
	done(done_arg, &answer);
	free(error);
	free(refused);
}

/* libcurl still looks for other finished transfers when this returns, so the end comes later. */
static void on_transfer(void *arg, CURLcode code)
{
	struct mail *mail = arg;

	mail->code = code;
	event_active(mail->over, EV_TIMEOUT, 1);
}

static size_t on_body(char *ret_data, size_t one, size_t room, void *arg)
{
	struct mail *mail = arg;
	size_t left = mail->message.len - mail->sent;
	size_t len = left < one * room ? left : one * room;

	memcpy(ret_data, buf_text(&mail->message) + mail->sent, len);
	mail->sent += len;
	return len;
}

static void note_question(struct mail *mail, const char *data, size_t len)
{
	static const char rcpt[] = "RCPT TO:<";
	size_t skip = sizeof rcpt - 1;

	buf_done(&mail->asked);
	if (len > skip && strncmp(data, rcpt, skip) == 0)
		buf_add(&mail->asked, data + skip, strcspn(data + skip, ">\r\n"));
}

static void note_answer(struct mail *mail, const char *data, size_t len)
{
	if (mail->asked.len == 0 || len == 0 || data[0] == '2')
		return;
	buf_addf(&mail->left_out, "%s%s (", mail->left_out.len > 0 ? ", " : "",
		 buf_text(&mail->asked));
	for (size_t i = 0; i < len && i < ANSWER_SHOWN && data[i] != '\r' && data[i] != '\n'; i++)
		buf_addf(&mail->left_out, "%c", data[i] >= ' ' && data[i] <= '~' ? data[i] : ' ');
	buf_adds(&mail->left_out, ")");
	buf_done(&mail->asked);
}

/* The conversation, passwords included: only the addresses and what is said of them is kept. libcurl
 * says only whether all of them were refused. */
static int on_talk(CURL *easy, curl_infotype type, char *data, size_t len, void *arg)
{
	(void)easy;
	if (type == CURLINFO_HEADER_OUT)
		note_question(arg, data, len);
	else if (type == CURLINFO_HEADER_IN)
		note_answer(arg, data, len);
	return 0;
}

/* What a server says is not wanted. */
static size_t on_answer(char *data, size_t one, size_t len, void *arg)
{
	(void)data;
	(void)arg;
	return one * len;
}

/* Setting up. */

/* Scheme, host and port, and nothing else: a path would be the name that we greet with. */
static bool check_server(struct mail *mail, const char *server)
{
	CURLU *url = curl_url();
	char *scheme = NULL, *host = NULL, *port = NULL, *path = NULL, *user = NULL;
	bool good = url != NULL && curl_url_set(url, CURLUPART_URL, server, 0) == CURLUE_OK;

	(void)curl_url_get(url, CURLUPART_SCHEME, &scheme, 0);
	(void)curl_url_get(url, CURLUPART_HOST, &host, 0);
	(void)curl_url_get(url, CURLUPART_PORT, &port, CURLU_DEFAULT_PORT);
	(void)curl_url_get(url, CURLUPART_PATH, &path, 0);
	(void)curl_url_get(url, CURLUPART_USER, &user, 0);
	good = good && scheme != NULL && host != NULL && user == NULL &&
	       (strcmp(scheme, "smtp") == 0 || strcmp(scheme, "smtps") == 0) &&
	       (path == NULL || strcmp(path, "/") == 0);
	mail->server = good ? mem_printf("%s://%s:%s", scheme, host, port) : mem_dup("mail");
	curl_free(scheme);
	curl_free(host);
	curl_free(port);
	curl_free(path);
	curl_free(user);
	curl_url_cleanup(url);
	return good ||
	       error_set(&mail->refused, "report.second.mail.server must be smtp://HOST:PORT or "
					 "smtps://HOST:PORT, without a user and a path");
}

static bool set_login(struct mail *mail, const struct mail_settings *settings)
{
	const char *password;

	if (settings->user == NULL && settings->password == NULL) {
		/* Encryption for what it is worth: whoever could show a wrong certificate could
		 * as well hide that TLS is offered. RFC 7435, 4.1 */
		curl_easy_setopt(mail->easy, CURLOPT_USE_SSL, (long)CURLUSESSL_TRY);
		if (strncmp(mail->server, "smtps", 5) != 0) {
			curl_easy_setopt(mail->easy, CURLOPT_SSL_VERIFYPEER, 0L);
			curl_easy_setopt(mail->easy, CURLOPT_SSL_VERIFYHOST, 0L);
		}
		return true;
	}
	if (settings->user == NULL || settings->password == NULL)
		return error_set(&mail->refused,
				 "report.second.mail needs both `user` and `password`, or neither");
	password = secret_resolve(mail->secrets, settings->password, &mail->refused);
	if (password == NULL)
		return false;
	curl_easy_setopt(mail->easy, CURLOPT_USE_SSL, (long)CURLUSESSL_ALL);
	curl_easy_setopt(mail->easy, CURLOPT_USERNAME, settings->user);
	curl_easy_setopt(mail->easy, CURLOPT_PASSWORD, password);
	return true;
}

static void set_limits(struct mail *mail)
{
	const char *authorities = getenv("SSL_CERT_FILE");

	curl_easy_setopt(mail->easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps");
	curl_easy_setopt(mail->easy, CURLOPT_PROXY, ""); /* of the web: none speaks SMTP */
	curl_easy_setopt(mail->easy, CURLOPT_TIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(mail->easy, CURLOPT_CONNECTTIMEOUT_MS, TIMEOUT_MS);
	curl_easy_setopt(mail->easy, CURLOPT_NOSIGNAL, 1L);
	curl_easy_setopt(mail->easy, CURLOPT_QUICK_EXIT, 1L);
	curl_easy_setopt(mail->easy, CURLOPT_ERRORBUFFER, mail->detail);
	curl_easy_setopt(mail->easy, CURLOPT_PRIVATE, mail);
	if (authorities != NULL && authorities[0] != '\0')
		curl_easy_setopt(mail->easy, CURLOPT_CAINFO, authorities);
}

static void set_message(struct mail *mail, const struct mail_settings *settings)
{
	for (size_t i = 0; i < settings->to.count; i++)
		mail->recipients = curl_slist_append(mail->recipients, settings->to.list[i]);
	curl_easy_setopt(mail->easy, CURLOPT_URL, mail->server);
	curl_easy_setopt(mail->easy, CURLOPT_MAIL_FROM, settings->from);
	curl_easy_setopt(mail->easy, CURLOPT_MAIL_RCPT, mail->recipients);
	/* one address that is wrong must not keep the others from being told */
	curl_easy_setopt(mail->easy, CURLOPT_MAIL_RCPT_ALLLOWFAILS, 1L);
	curl_easy_setopt(mail->easy, CURLOPT_DEBUGFUNCTION, on_talk);
	curl_easy_setopt(mail->easy, CURLOPT_DEBUGDATA, mail);
	curl_easy_setopt(mail->easy, CURLOPT_VERBOSE, 1L);
	curl_easy_setopt(mail->easy, CURLOPT_UPLOAD, 1L);
	curl_easy_setopt(mail->easy, CURLOPT_INFILESIZE_LARGE, (curl_off_t)mail->message.len);
	curl_easy_setopt(mail->easy, CURLOPT_READFUNCTION, on_body);
	curl_easy_setopt(mail->easy, CURLOPT_READDATA, mail);
	curl_easy_setopt(mail->easy, CURLOPT_WRITEFUNCTION, on_answer);
}

/* False: `refused` says why. */
static bool set_up(struct mail *mail, const struct mail_settings *settings,
		   const struct mail_letter *letter)
{
	if (!check_server(mail, settings->server) ||
	    !mail_write(&mail->message, settings, letter, &mail->refused) ||
	    !set_login(mail, settings))
		return false;
	set_limits(mail);
	set_message(mail, settings);
	return true;
}

struct mail *mail_start(struct event_base *base, struct secrets *secrets,
			const struct mail_settings *settings, const struct mail_letter *letter,
			mail_done_fn *done, void *arg)
{
	struct mail *mail = mem_zalloc(sizeof *mail);

	mail->secrets = secrets;
	mail->done = done;
	mail->arg = arg;
	mail->multi = http_multi_new(base, on_transfer);
	mail->over = event_new(base, -1, 0, on_over, mail);
	mail->easy = curl_easy_init();
	if (mail->easy == NULL || mail->over == NULL)
		abort(); /* out of memory, as in mem.h */
	if (set_up(mail, settings, letter)) {
		http_multi_add(mail->multi, mail->easy);
	} else {
		curl_easy_cleanup(mail->easy);
		mail->easy = NULL;
		event_active(mail->over, EV_TIMEOUT, 1);
	}
	return mail;
}

void mail_cancel(struct mail *mail)
{
	if (mail != NULL)
		mail_free(mail);
}
