/* What a guest and the door say to each other: packets of texts. */
#include "src/program/serve/door_wire.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "src/base/mem.h"

#define GREETING "firedrill-door " /* and the version */
#define VERSION  1

/* Making. */

void door_packet(struct buf *packet, const char *word)
{
	buf_done(packet);
	packet->limit = DOOR_PACKET_MAX;
	buf_addf(packet, GREETING "%d", VERSION);
	buf_add(packet, "", 1);
	buf_add(packet, word, strlen(word) + 1);
}

void door_field(struct buf *packet, const char *key, const char *value)
{
	buf_adds(packet, key);
	buf_adds(packet, "=");
	buf_add(packet, value, strlen(value) + 1);
}

void door_number(struct buf *packet, const char *key, int64_t value)
{
	buf_addf(packet, "%s=%lld", key, (long long)value);
	buf_add(packet, "", 1);
}

bool door_send(int fd, const struct buf *packet, const int *pipes, size_t pipe_count)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(DOOR_PIPES * sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = packet->data, .iov_len = packet->len};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t sent;

	if (packet->full)
		return false;
	if (pipe_count > 0) {
		message.msg_control = control.room;
		message.msg_controllen = CMSG_SPACE(pipe_count * sizeof(int));
		control.header = (struct cmsghdr){.cmsg_len = CMSG_LEN(pipe_count * sizeof(int)),
						  .cmsg_level = SOL_SOCKET,
						  .cmsg_type = SCM_RIGHTS};
		memcpy(CMSG_DATA(&control.header), pipes, pipe_count * sizeof(int));
	}
	do
		sent = sendmsg(fd, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
	while (sent < 0 && errno == EINTR);
	return sent == (ssize_t)packet->len;
}

/* Reading. */

/* Descriptors of whoever sends more than it should are closed, those of whom we want none never
 * come to be: without room for them the kernel drops them. */
static void take_pipes(struct msghdr *message, struct door_said *said)
{
	size_t taken = 0;

	for (struct cmsghdr *at = CMSG_FIRSTHDR(message); at != NULL;
	     at = CMSG_NXTHDR(message, at)) {
		size_t count = (at->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (at->cmsg_level != SOL_SOCKET || at->cmsg_type != SCM_RIGHTS)
			continue;
		for (size_t i = 0; i < count; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(at) + i * sizeof fd, sizeof fd);
			if (taken < DOOR_PIPES)
				said->pipes[taken++] = fd;
			else
				(void)close(fd);
		}
	}
}

static ssize_t receive(int fd, struct door_said *said, bool *ret_cut)
{
	union {
		struct cmsghdr header;
		char room[CMSG_SPACE(DOOR_PIPES * sizeof(int))];
	} control = {0};
	struct iovec part = {.iov_base = said->data, .iov_len = DOOR_PACKET_MAX};
	struct msghdr message = {.msg_iov = &part, .msg_iovlen = 1};
	ssize_t got;

	if (said->takes_pipes) {
		message.msg_control = control.room;
		message.msg_controllen = sizeof control.room;
	}
	do
		got = recvmsg(fd, &message, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	while (got < 0 && errno == EINTR);
	if (got >= 0 && said->takes_pipes)
		take_pipes(&message, said);
	*ret_cut = (message.msg_flags & MSG_TRUNC) != 0;
	return got;
}

/* The text that begins there, and where the next one does. */
static const char *next_text(struct door_said *said)
{
	char *text = said->at;

	if (text >= said->data + said->len)
		return NULL;
	said->at = text + strlen(text) + 1;
	return text;
}

static enum door_got parse(struct door_said *said)
{
	const char *greeting;
	int64_t version;

	said->at = said->data;
	if (said->len == 0 || said->data[said->len - 1] != '\0')
		return DOOR_NONSENSE;
	greeting = next_text(said);
	if (strncmp(greeting, GREETING, strlen(GREETING)) != 0)
		return DOOR_NONSENSE;
	version = door_number_of(greeting + strlen(GREETING), INT16_MAX);
	if (version == 0)
		return DOOR_NONSENSE;
	said->version = (int)version;
	if (version != VERSION)
		return DOOR_STRANGE;
	said->word = next_text(said);
	return said->word != NULL ? DOOR_PACKET : DOOR_NONSENSE;
}

enum door_got door_receive(int fd, struct door_said *said)
{
	bool cut;
	ssize_t got;

	if (said->data == NULL)
		said->data = mem_zalloc(DOOR_PACKET_MAX);
	for (size_t i = 0; i < DOOR_PIPES; i++)
		said->pipes[i] = -1;
	got = receive(fd, said, &cut);
	if (got < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
		return DOOR_NOTHING;
	if (got <= 0)
		return DOOR_END;
	said->len = (size_t)got;
	return cut ? DOOR_NONSENSE : parse(said);
}

bool door_next(struct door_said *said, const char **ret_key, const char **ret_value)
{
	const char *text = next_text(said);
	char *equals = text != NULL ? strchr(text, '=') : NULL;

	if (equals == NULL)
		return false;
	*equals = '\0';
	*ret_key = text;
	*ret_value = equals + 1;
	return true;
}

void door_said_done(struct door_said *said)
{
	free(said->data);
	*said = (struct door_said){0};
}

int64_t door_number_of(const char *value, int64_t max)
{
	int64_t number = 0;

	for (const char *at = value; *at != '\0'; at++) {
		if (*at < '0' || *at > '9' || number > (max - (*at - '0')) / 10)
			return 0;
		number = number * 10 + (*at - '0');
	}
	return number;
}
