/* libcurl on the loop.  Every wake-up may finish several transfers; each is handed to its owner. */
#include "probes/http_multi.h"

#include <event2/event.h>
#include <stdlib.h>

#include "src/base/mem.h"

#define CONNECTIONS_KEPT 128L /* in use or idle; above it a finished one is closed */

struct http_multi {
	struct event_base *base; /* borrowed */
	CURLM *curl;             /* owned */
	struct event *timer;     /* owned; armed and disarmed by libcurl only */
	http_multi_done_fn *done;
};

/* Drains every message. */
static void reap(struct http_multi *multi)
{
	CURLMsg *message;
	int left;

	while ((message = curl_multi_info_read(multi->curl, &left)) != NULL) {
		char *owner = NULL;
		CURLcode code = message->data.result;

		if (message->msg != CURLMSG_DONE)
			continue;
		(void)curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
		multi->done(owner, code);
	}
}

static void on_timer(evutil_socket_t fd, short what, void *arg)
{
	struct http_multi *multi = arg;
	int running;

	(void)fd;
	(void)what;
	(void)curl_multi_socket_action(multi->curl, CURL_SOCKET_TIMEOUT, 0, &running);
	reap(multi);
}

static void on_fd(evutil_socket_t fd, short what, void *arg)
{
	struct http_multi *multi = arg;
	int bits = ((what & EV_READ) != 0 ? CURL_CSELECT_IN : 0) |
		   ((what & EV_WRITE) != 0 ? CURL_CSELECT_OUT : 0);
	int running;

	(void)curl_multi_socket_action(multi->curl, fd, bits, &running);
	reap(multi);
}

/* https://curl.se/libcurl/c/CURLMOPT_SOCKETFUNCTION.html; also called from curl_multi_cleanup. */
static int on_curl_socket(CURL *easy, curl_socket_t fd, int what, void *arg, void *watching)
{
	struct http_multi *multi = arg;
	struct event *watch = watching;
	short bits = (short)(EV_PERSIST | ((what & CURL_POLL_IN) != 0 ? EV_READ : 0) |
			     ((what & CURL_POLL_OUT) != 0 ? EV_WRITE : 0));

	(void)easy;
	if (watch != NULL)
		event_free(watch);
	watch = NULL;
	if (what != CURL_POLL_REMOVE) {
		watch = event_new(multi->base, fd, bits, on_fd, multi);
		if (watch == NULL || event_add(watch, NULL) != 0)
			return -1;
	}
	(void)curl_multi_assign(multi->curl, fd, watch);
	return 0;
}

/* https://curl.se/libcurl/c/CURLMOPT_TIMERFUNCTION.html; must not call libcurl. */
static int on_curl_timer(CURLM *curl, long timeout_ms, void *arg)
{
	struct http_multi *multi = arg;
	const struct timeval wait = {timeout_ms / 1000, timeout_ms % 1000 * 1000};

	(void)curl;
	return timeout_ms < 0 ? event_del(multi->timer) : event_add(multi->timer, &wait);
}

struct http_multi *http_multi_new(struct event_base *base, http_multi_done_fn *done)
{
	struct http_multi *multi = mem_zalloc(sizeof *multi);

	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		abort();
	multi->base = base;
	multi->done = done;
	multi->curl = curl_multi_init();
	multi->timer = evtimer_new(base, on_timer, multi);
	if (multi->curl == NULL || multi->timer == NULL)
		abort();
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETFUNCTION, on_curl_socket);
	curl_multi_setopt(multi->curl, CURLMOPT_SOCKETDATA, multi);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERFUNCTION, on_curl_timer);
	curl_multi_setopt(multi->curl, CURLMOPT_TIMERDATA, multi);
	curl_multi_setopt(multi->curl, CURLMOPT_MAXCONNECTS, CONNECTIONS_KEPT);
	return multi;
}

void http_multi_free(struct http_multi *multi)
{
	if (multi == NULL)
		return;
	(void)curl_multi_cleanup(multi->curl); /* may still call on_curl_socket, on_curl_timer */
	event_free(multi->timer);
	free(multi);
	curl_global_cleanup();
}

void http_multi_add(struct http_multi *multi, CURL *easy)
{
	if (curl_multi_add_handle(multi->curl, easy) != CURLM_OK)
		abort();
}

void http_multi_remove(struct http_multi *multi, CURL *easy)
{
	(void)curl_multi_remove_handle(multi->curl, easy);
}
