/* libcurl on the loop: libcurl says which sockets and which timer it waits for, libevent waits.  Used
 * by http.c and mail.c only.  https://curl.se/libcurl/c/curl_multi_socket_action.html */
#ifndef PROBES_HTTP_MULTI_H
#define PROBES_HTTP_MULTI_H

#include <curl/curl.h>

struct event_base;
struct http_multi;

/* A transfer is over; arg: its CURLOPT_PRIVATE. From the loop; it is to be removed inside, and others
 * may be added and removed. */
typedef void http_multi_done_fn(void *arg, CURLcode code);

struct http_multi *http_multi_new(struct event_base *base, http_multi_done_fn *done);
void http_multi_free(
    struct http_multi *multi); /* its transfers are removed by then; NULL is fine */

/* Sets libcurl's timer to 0 ms only: nothing happens before the loop turns. */
void http_multi_add(struct http_multi *multi, CURL *easy);
void http_multi_remove(struct http_multi *multi, CURL *easy);

#endif
