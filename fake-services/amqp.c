/* The real broker: RabbitMQ over AMQP 0-9-1.  A message for a queue that does not exist goes to the
 * default exchange, is not routed, and comes back because it is mandatory.
 * https://www.rabbitmq.com/docs/publishers#unroutable, https://www.rabbitmq.com/docs/confirms */
#include <amqp.h>
#include <amqp_tcp_socket.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/time.h>

#include "fake-services/broker.h"
#include "src/base/mem.h"

#define CHANNEL   1
#define PATIENCE  ((struct timeval){.tv_sec = 5})
#define MAX_FRAME 131072

struct rabbit {
	struct broker broker;
	char *url;                          /* owned; info points into it */
	char *queue;                        /* owned; declared at every connection */
	struct amqp_connection_info info;   /* borrowed from url */
	amqp_connection_state_t connection; /* owned; NULL: not connected */
};

static void disconnect(struct rabbit *rabbit)
{
	if (rabbit->connection == NULL)
		return;
	(void)amqp_destroy_connection(rabbit->connection);
	rabbit->connection = NULL;
}

/* What the server answered, as text. */
static bool check(struct rabbit *rabbit, amqp_rpc_reply_t reply, const char *what,
		  struct error *error)
{
	const amqp_connection_close_t *closed = reply.reply.decoded;

	if (reply.reply_type == AMQP_RESPONSE_NORMAL)
		return true;
	if (reply.reply_type == AMQP_RESPONSE_LIBRARY_EXCEPTION)
		(void)error_set(error, "%s: %s", what, amqp_error_string2(reply.library_error));
	else if (reply.reply_type == AMQP_RESPONSE_SERVER_EXCEPTION && closed != NULL)
		(void)error_set(error, "%s: %.*s", what, (int)closed->reply_text.len,
				(const char *)closed->reply_text.bytes);
	else
		(void)error_set(error, "%s: no answer", what);
	disconnect(rabbit);
	return false;
}

static bool connect_to(struct rabbit *rabbit, struct error *error)
{
	struct timeval patience = PATIENCE;
	amqp_socket_t *socket;
	int result;

	rabbit->connection = amqp_new_connection();
	socket = amqp_tcp_socket_new(rabbit->connection);
	(void)amqp_set_rpc_timeout(rabbit->connection, &patience);
	result = amqp_socket_open_noblock(socket, rabbit->info.host, rabbit->info.port, &patience);
	if (result != AMQP_STATUS_OK) {
		(void)error_set(error, "cannot connect to %s:%d: %s; is RabbitMQ running there?",
				rabbit->info.host, rabbit->info.port, amqp_error_string2(result));
		disconnect(rabbit);
		return false;
	}
	return check(rabbit,
		     amqp_login(rabbit->connection, rabbit->info.vhost, 0, MAX_FRAME, 0,
				AMQP_SASL_METHOD_PLAIN, rabbit->info.user, rabbit->info.password),
		     "cannot log in", error);
}

/* Connected, the channel open, the queue declared, confirms on. */
static bool prepare(struct rabbit *rabbit, struct error *error)
{
	amqp_connection_state_t connection;

	if (rabbit->connection != NULL)
		return true;
	if (!connect_to(rabbit, error))
		return false;
	connection = rabbit->connection;
	(void)amqp_channel_open(connection, CHANNEL);
	if (!check(rabbit, amqp_get_rpc_reply(connection), "cannot open a channel", error))
		return false;
	(void)amqp_queue_declare(connection, CHANNEL, amqp_cstring_bytes(rabbit->queue), 0, 1, 0, 0,
				 amqp_empty_table);
	if (!check(rabbit, amqp_get_rpc_reply(connection), "cannot declare the queue", error))
		return false;
	(void)amqp_confirm_select(connection, CHANNEL);
	return check(rabbit, amqp_get_rpc_reply(connection), "cannot ask for confirms", error);
}

/* Takes the returned message off the connection. */
static void read_return(struct rabbit *rabbit, const amqp_basic_return_t *returned,
			const char *queue, struct error *error)
{
	amqp_message_t message;

	(void)error_set(error, "%d %.*s - no queue '%s' in vhost '%s'", returned->reply_code,
			(int)returned->reply_text.len, (const char *)returned->reply_text.bytes,
			queue, rabbit->info.vhost);
	if (amqp_read_message(rabbit->connection, CHANNEL, &message, 0).reply_type ==
	    AMQP_RESPONSE_NORMAL)
		amqp_destroy_message(&message);
	else
		disconnect(rabbit);
}

/* The server returns an unroutable message first and then confirms it. */
static bool await_confirm(struct rabbit *rabbit, const char *queue, struct error *error)
{
	bool returned = false;

	while (rabbit->connection != NULL) {
		struct timeval patience = PATIENCE;
		amqp_frame_t frame;
		int result = amqp_simple_wait_frame_noblock(rabbit->connection, &frame, &patience);

		if (result != AMQP_STATUS_OK) {
			(void)error_set(error, "the broker is gone: %s",
					amqp_error_string2(result));
			break;
		}
		if (frame.frame_type != AMQP_FRAME_METHOD)
			continue;
		if (frame.payload.method.id == AMQP_BASIC_ACK_METHOD)
			return !returned;
		if (frame.payload.method.id == AMQP_BASIC_RETURN_METHOD) {
			returned = true;
			read_return(rabbit, frame.payload.method.decoded, queue, error);
		} else {
			(void)error_set(error, "the broker refused the message");
			break;
		}
	}
	disconnect(rabbit);
	return false;
}

static bool rabbit_publish(struct broker *broker, const char *queue, const char *body,
			   struct error *error)
{
	struct rabbit *rabbit = (struct rabbit *)broker;
	int result;

	if (!prepare(rabbit, error))
		return false;
	amqp_maybe_release_buffers(rabbit->connection);
	result =
	    amqp_basic_publish(rabbit->connection, CHANNEL, amqp_empty_bytes,
			       amqp_cstring_bytes(queue), 1, 0, NULL, amqp_cstring_bytes(body));
	if (result != AMQP_STATUS_OK) {
		disconnect(rabbit);
		return error_set(error, "cannot publish: %s", amqp_error_string2(result));
	}
	return await_confirm(rabbit, queue, error);
}

static void rabbit_free(struct broker *broker)
{
	struct rabbit *rabbit = (struct rabbit *)broker;

	if (rabbit->connection != NULL)
		(void)amqp_connection_close(rabbit->connection, AMQP_REPLY_SUCCESS);
	disconnect(rabbit);
	free(rabbit->url);
	free(rabbit->queue);
	free(rabbit);
}

static const struct broker_kind kind = {.publish = rabbit_publish, .free = rabbit_free};

struct broker *fake_broker_new_amqp(const char *url, const char *queue, struct error *error)
{
	struct rabbit *rabbit = mem_zalloc(sizeof *rabbit);

	rabbit->broker.kind = &kind;
	rabbit->url = mem_dup(url);
	rabbit->queue = mem_dup(queue);
	if (amqp_parse_url(rabbit->url, &rabbit->info) != AMQP_STATUS_OK || rabbit->info.ssl)
		(void)error_set(error,
				"\"%s\" is no address of a broker; "
				"write amqp://USER:PASSWORD@HOST:PORT/VHOST",
				url);
	else if (prepare(rabbit, error))
		return &rabbit->broker;
	rabbit_free(&rabbit->broker);
	return NULL;
}
