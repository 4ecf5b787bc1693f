/* A small service on loopback with switches of its own: what the fault drivers are tried on.
 *
 *   GET/PUT /value             one text; PUT stores what it is sent
 *   GET /api/queues/...        404, or 200 when has_queue
 *   GET /api/exchanges/...     404, or 200 when has_exchange
 *   POST .../publish           what RabbitMQ 3.10 answers
 * It is well-behaved; every misbehaviour is a field. */
#ifndef TESTS_FAULTS_SERVICE_H
#define TESTS_FAULTS_SERVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SERVICE_LOG_SIZE 64

struct event_base;
struct evhttp;

struct service {
	struct evhttp *server; /* owned */
	uint16_t port;
	char url[64]; /* "http://127.0.0.1:PORT" */
	char value[2048];

	int get_status, put_status;      /* 0: 200 */
	bool ignores_put;                /* says 200 and changes nothing */
	size_t put_takes_effect_after;   /* reads until a PUT shows */
	bool hangs_on_put, hangs_on_get; /* never answers */
	bool stores_then_hangs;          /* a PUT is carried out, its answer never comes */
	const char *get_body;            /* instead of the value */
	size_t get_body_len;

	bool has_queue, has_exchange, has_no_vhost;
	bool queue_appears; /* between the question and the publishing */
	int publish_status; /* 0: as RabbitMQ */
	int api_status;     /* of every GET below /api; 0: as RabbitMQ */
	bool hangs_on_publish;

	char log[SERVICE_LOG_SIZE][256]; /* "PUT /value orders" */
	size_t log_count;
	char token[128];         /* the last X-Token header */
	char authorization[128]; /* the last Authorization header */
	char content_type[64];   /* the last Content-Type header of a request */
	char pending[2048];
	size_t reads_left;
};

void service_start(struct service *service, struct event_base *base);
void service_stop(struct service *service);

size_t service_count(const struct service *service, const char *prefix); /* logged requests */

#endif
