/* The door of a running daemon: the socket, who comes in, and whose drill it is. */
#include "src/program/serve/door.h"

#include <errno.h>
#include <event2/event.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/door_parts.h"
#include "src/store/folders.h"

#define ACCEPTS_A_TURN 16

/* Who comes in. */

static void note_refused(struct door *door, const struct ucred *who)
{
	char *text;

	if (door->hears.note == NULL)
		return;
	text = mem_printf("process %d of user %u was turned away: only user %u and root may "
			  "hand in drills",
			  (int)who->pid, (unsigned)who->uid, (unsigned)geteuid());
	door->hears.note(door->hears.arg, text);
	free(text);
}

static void let_in(struct door *door, int fd)
{
	struct ucred who = {.uid = (uid_t)-1};
	socklen_t len = sizeof who;

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) == 0 &&
	    (who.uid == geteuid() || who.uid == 0)) {
		guest_add(door, fd);
		return;
	}
	(void)close(fd);
	note_refused(door, &who);
}

/* Without a descriptor for it an arrival stays at the door; looking at it all the time is no help. */
static void take_a_rest(struct door *door)
{
	static const struct timeval second = {.tv_sec = 1};

	(void)event_del(door->arrivals);
	(void)event_add(door->rest, &second);
}

static void on_arrival(evutil_socket_t listener, short what, void *arg)
{
	struct door *door = arg;

	(void)what;
	for (int i = 0; i < ACCEPTS_A_TURN; i++) {
		int fd = accept4(listener, NULL, NULL, SOCK_NONBLOCK | SOCK_CLOEXEC);

		if (fd >= 0)
			let_in(door, fd);
		else if (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM)
			take_a_rest(door);
		if (fd < 0)
			return;
	}
}

static void on_rest(evutil_socket_t fd, short what, void *arg)
{
	struct door *door = arg;

	(void)fd;
	(void)what;
	(void)event_add(door->arrivals, NULL);
}

static void on_tick(evutil_socket_t fd, short what, void *arg)
{
	(void)fd;
	(void)what;
	guests_tick(arg);
}

/* The socket. */

/* A dead daemon's; anything else that has the name is somebody's. */
static bool remove_stale(const struct door *door, struct error *error)
{
	const char *name = door_place_name(&door->place);
	struct stat about;

	if (fstatat(door->place.folder, name, &about, AT_SYMLINK_NOFOLLOW) != 0)
		return true;
	if (S_ISSOCK(about.st_mode) && unlinkat(door->place.folder, name, 0) == 0)
		return true;
	return error_set(error, "%s is in the way of the daemon's socket: move it away",
			 door->place.path);
}

/* Its mode is set before it has a name: nobody else can come in between. unix(7): what the socket
 * has when it is bound, less the umask. */
static bool bind_socket(struct door *door, struct error *error)
{
	struct sockaddr_un address = {.sun_family = AF_UNIX};
	struct stat about;

	if (!door_place_address(&door->place, address.sun_path, error))
		return false;
	if (fchmod(door->listener, 0600) != 0 ||
	    bind(door->listener, (const struct sockaddr *)&address, sizeof address) != 0 ||
	    fchmodat(door->place.folder, door_place_name(&door->place), 0600, 0) != 0 ||
	    listen(door->listener, DOOR_GUESTS_MAX) != 0 ||
	    fstatat(door->place.folder, door_place_name(&door->place), &about,
		    AT_SYMLINK_NOFOLLOW) != 0)
		return error_set(error,
				 "the socket %s cannot be made (%s): check the owner and the mode "
				 "of its folder",
				 door->place.path, strerror(errno));
	door->device = about.st_dev;
	door->inode = about.st_ino;
	return true;
}

static bool open_door(struct door *door, const char *state, struct error *error)
{
	if (!folders_make(state, "state file", error) ||
	    !door_place_open(state, &door->place, error))
		return false;
	door->listener = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (door->listener < 0)
		return error_set(error,
				 "there is no descriptor for a socket (%s): raise `ulimit -n`",
				 strerror(errno));
	return remove_stale(door, error) && bind_socket(door, error);
}

/* Public. */

struct door *door_new(struct event_base *base, const char *state, const struct door_hears *hears,
		      struct error *error)
{
	struct door *door = mem_zalloc(sizeof *door);

	*door = (struct door){.base = base,
			      .hears = *hears,
			      .place.folder = -1,
			      .listener = -1,
			      .since_wall_ms = clock_wall_ms()};
	if (!open_door(door, state, error)) {
		door_free(door);
		return NULL;
	}
	door->arrivals = event_new(base, door->listener, EV_READ | EV_PERSIST, on_arrival, door);
	door->rest = evtimer_new(base, on_rest, door);
	door->tick = event_new(base, -1, EV_PERSIST, on_tick, door);
	return door;
}

/* Only what is ours: a daemon that came after us may have put its own there. */
static void remove_socket(const struct door *door)
{
	const char *name = door->inode != 0 ? door_place_name(&door->place) : NULL;
	struct stat about;

	if (name != NULL && fstatat(door->place.folder, name, &about, AT_SYMLINK_NOFOLLOW) == 0 &&
	    about.st_dev == door->device && about.st_ino == door->inode)
		(void)unlinkat(door->place.folder, name, 0);
}

void door_free(struct door *door)
{
	if (door == NULL)
		return;
	remove_socket(door);
	guests_free(door);
	if (door->arrivals != NULL)
		event_free(door->arrivals);
	if (door->rest != NULL)
		event_free(door->rest);
	if (door->tick != NULL)
		event_free(door->tick);
	if (door->listener >= 0)
		(void)close(door->listener);
	door_place_close(&door->place);
	door_said_done(&door->said);
	free(door->config);
	free(door);
}

void door_loaded(struct door *door, const char *config, int64_t wall_ms)
{
	free(door->config);
	door->config = realpath(config, NULL);
	door->loaded_wall_ms = wall_ms;
	(void)event_add(door->arrivals, NULL); /* until now they queue outside */
}

void door_show(struct door *door, const struct drill_record *record)
{
	struct guest *guest = guest_find(door, record->ask);

	if (guest != NULL)
		guest_show(guest, record);
}

void door_finish(struct door *door, const struct drill_record *record)
{
	struct guest *guest = guest_find(door, record->ask);

	if (guest != NULL)
		guest_finish(guest, record);
}

void door_drop(struct door *door, uint64_t guest_id, const char *why)
{
	struct guest *guest = guest_find(door, guest_id);

	if (guest != NULL)
		guest_drop(guest, why);
}

void door_note(struct door *door, uint64_t guest_id, const char *text)
{
	struct guest *guest = guest_find(door, guest_id);

	if (guest_id == 0)
		guest_note_all(door, text);
	else if (guest != NULL)
		guest_note(guest, text);
}
