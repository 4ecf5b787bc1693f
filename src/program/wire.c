/* What firedrill and its guardian say to each other. */
#include "src/program/wire.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

bool wire_send(int fd, const struct wire_message *message)
{
	ssize_t sent;

	do
		sent = send(fd, message, sizeof *message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)sizeof *message;
}

static bool is_good(const struct wire_message *message)
{
	if (message->word < WIRE_HOLD || message->word > WIRE_REFUSED || message->lease_ms < 0 ||
	    memchr(message->text, '\0', sizeof message->text) == NULL)
		return false;
	if (message->word != WIRE_HOLD && message->word != WIRE_RELEASE)
		return true;
	return message->drill[ID_LEN] == '\0' && id_find(message->drill, ID_LEN) == message->drill;
}

enum wire_got wire_receive(int fd, struct wire_message *ret_message)
{
	struct wire_message message;
	ssize_t got;

	/* ECONNRESET: the other end closed with our words unread; its own may still be here. */
	do
		got = recv(fd, &message, sizeof message, MSG_DONTWAIT | MSG_TRUNC);
	while (got < 0 && (errno == EINTR || errno == ECONNRESET));
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return WIRE_NOTHING;
	if (got <= 0)
		return WIRE_END;
	if (got != (ssize_t)sizeof message || !is_good(&message))
		return WIRE_NONSENSE;
	*ret_message = message;
	return WIRE_MESSAGE;
}
