/* Before a guest comes in. */
#include "src/program/serve/knock.h"

#include <errno.h>
#include <poll.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/base/utf8.h"
#include "src/program/serve/door.h"
#include "src/program/serve/door_wire.h"

#define LOOK_LIMIT_MS 2000

static enum knock_result fail_silent(struct error *error)
{
	(void)error_set(error, "the firedrill that runs with this state file does not answer: look "
			       "at its log, restart it, or run without it: --alone");
	return KNOCK_FAILED;
}

/* A full queue of a daemon that is stopped keeps us waiting; unix(7), SO_SNDTIMEO. */
static enum knock_result reach(const struct door_place *place, int fd, int64_t limit_ms,
			       struct error *error)
{
	const struct timeval limit = {.tv_sec = limit_ms / 1000, .tv_usec = limit_ms % 1000 * 1000};
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	int result;

	if (!door_place_address(place, address.sun_path, NULL))
		return KNOCK_NOBODY; /* nor could a daemon be there */
	(void)setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
	do
		result = connect(fd, (const struct sockaddr *)&address, sizeof address);
	while (result != 0 && errno == EINTR);
	if (result == 0)
		return KNOCK_OPEN;
	return errno == EAGAIN ? fail_silent(error) : KNOCK_NOBODY;
}

/* What we show, and what it is asked to break, is for nobody else's eyes. The kernel says who
 * listens there, whatever the file's owner is. */
static enum knock_result check_owner(int fd, int *ret_pid, struct error *error)
{
	struct ucred who = {.uid = (uid_t)-1};
	socklen_t len = sizeof who;
	struct passwd entry, *user = NULL;
	char texts[1024];

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	    (who.uid == geteuid() || who.uid == 0)) {
		*ret_pid = (int)who.pid;
		return KNOCK_OPEN;
	}
	(void)getpwuid_r(who.uid, &entry, texts, sizeof texts, &user);
	(void)error_set(
	    error,
	    "process %d of another user (%s) answers for this state file: run firedrill "
	    "as that user, or without it: --alone",
	    (int)who.pid, user != NULL ? user->pw_name : "without a name");
	return KNOCK_FAILED;
}

static bool await_packet(int fd, int64_t end_ms)
{
	struct pollfd poll_fd = {.fd = fd, .events = POLLIN};
	int64_t left_ms;
	int result;

	do {
		left_ms = end_ms - clock_ms();
		result = poll(&poll_fd, 1, left_ms > 0 ? (int)left_ms : 0);
	} while (result < 0 && errno == EINTR);
	return result > 0;
}

static void read_hello(struct door_said *said, struct knock_host *host)
{
	const char *key, *value;

	while (door_next(said, &key, &value)) {
		if (strcmp(key, "since") == 0) {
			host->since_wall_ms = door_number_of(value, INT64_MAX);
		} else if (strcmp(key, "loaded") == 0) {
			host->loaded_wall_ms = door_number_of(value, INT64_MAX);
		} else if (strcmp(key, "guests") == 0) {
			host->guests = (size_t)door_number_of(value, DOOR_GUESTS_MAX);
		} else if (strcmp(key, "config") == 0) {
			free(host->config);
			host->config = mem_dup(value);
		} else if (strcmp(key, "lost") == 0) {
			free(host->lost);
			host->lost = mem_dup(value);
			utf8_clean(host->lost, strlen(host->lost));
		}
	}
}

static enum knock_result fail_strange(const struct door_said *said, int pid, struct error *error)
{
	if (said->version > 0)
		(void)error_set(error,
				"the firedrill that runs as process %d is of another version "
				"(it speaks %d at its door): restart it (systemctl restart "
				"firedrill), or run without it: --alone",
				pid, said->version);
	else
		(void)error_set(error,
				"process %d, which answers for this state file, is no firedrill: "
				"end it, or run without it: --alone",
				pid);
	return KNOCK_FAILED;
}

/* It may have no room for us, and says so. */
static enum knock_result fail_told(struct door_said *said, int pid, struct error *error)
{
	const char *key, *value, *text = NULL;

	while (strcmp(said->word, "no") == 0 && door_next(said, &key, &value)) {
		if (strcmp(key, "text") == 0)
			text = value;
	}
	if (text == NULL) {
		said->version = 0;
		return fail_strange(said, pid, error);
	}
	(void)error_set(error, "%s", text);
	utf8_clean(error->text, strlen(error->text));
	return KNOCK_FAILED;
}

static enum knock_result greet(struct knock_host *host, int64_t end_ms, struct error *error)
{
	struct door_said said = {0};
	enum knock_result result = KNOCK_FAILED;
	enum door_got got = DOOR_NOTHING;

	while (got == DOOR_NOTHING && await_packet(host->fd, end_ms))
		got = door_receive(host->fd, &said);
	switch (got) {
	case DOOR_PACKET:
		if (strcmp(said.word, "hello") == 0) {
			read_hello(&said, host);
			result = KNOCK_OPEN;
		} else {
			result = fail_told(&said, host->pid, error);
		}
		break;
	case DOOR_NOTHING:
		result = fail_silent(error);
		break;
	case DOOR_END: /* it ends just now */
		result = KNOCK_NOBODY;
		break;
	case DOOR_STRANGE:
	case DOOR_NONSENSE:
		result = fail_strange(&said, host->pid, error);
		break;
	}
	door_said_done(&said);
	return result;
}

enum knock_result knock(const char *state, int64_t limit_ms, struct knock_host *ret_host,
			struct error *error)
{
	struct knock_host host = {.config = mem_dup("")};
	enum knock_result result = KNOCK_NOBODY;
	struct door_place place;
	int64_t end_ms = clock_ms() + limit_ms;

	host.fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (host.fd >= 0 && door_place_open(state, &place, NULL)) {
		result = reach(&place, host.fd, limit_ms, error);
		door_place_close(&place);
	}
	if (result == KNOCK_OPEN)
		result = check_owner(host.fd, &host.pid, error);
	if (result == KNOCK_OPEN)
		result = greet(&host, end_ms, error);
	if (result == KNOCK_OPEN)
		*ret_host = host;
	else
		knock_done(&host);
	return result;
}

void knock_done(struct knock_host *host)
{
	if (host->fd >= 0)
		(void)close(host->fd);
	free(host->config);
	free(host->lost);
	*host = (struct knock_host){.fd = -1};
}

bool door_look(const char *state, struct door_look *ret_look)
{
	struct knock_host host;
	struct error error;

	if (knock(state, LOOK_LIMIT_MS, &host, &error) != KNOCK_OPEN)
		return false;
	*ret_look = (struct door_look){host.pid, host.since_wall_ms, host.guests, host.lost};
	host.lost = NULL;
	knock_done(&host);
	return true;
}

void door_look_done(struct door_look *look)
{
	free(look->lost);
	*look = (struct door_look){0};
}
