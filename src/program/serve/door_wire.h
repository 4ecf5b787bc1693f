/* What a guest and the door say to each other: packets over a SOCK_SEQPACKET socket, unix(7), each of
 * them texts that end with a NUL: "firedrill-door 1", a word, and fields "key=value".  The door speaks
 * first, so that both know each other's version before anything else is said. */
#ifndef PROGRAM_DOOR_WIRE_H
#define PROGRAM_DOOR_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "src/base/buf.h"
#include "src/base/error.h"

#define DOOR_PACKET_MAX (128 * 1024) /* bytes; a thousand scenarios by name */
#define DOOR_PIPES      2            /* that a packet may carry: of the view, of the JSON lines */

/* The door:  hello pid= since= loaded= guests= config= lost=     to everybody, at once
 *            go                                            with one or two pipes to read from
 *            no code= text=                                and the end
 *            over code= lost=                              and the end
 * The guest: wish scenario=... environment=... note=... all= allow-protected= json= live= colour=
 *            ascii= columns= rows=
 *            stop signal=
 *            size columns= rows= */

/* Makes one. */
void door_packet(struct buf *packet, const char *word); /* empties it first */
void door_field(struct buf *packet, const char *key, const char *value);
void door_number(struct buf *packet, const char *key, int64_t value);
/* With copies of these descriptors. Never waits. False: it did not go out, and never will. */
bool door_send(int fd, const struct buf *packet, const int *pipes, size_t pipe_count);

enum door_got {
	DOOR_PACKET,
	DOOR_NOTHING, /* now */
	DOOR_END,     /* the other end is closed */
	DOOR_STRANGE, /* another version than ours */
	DOOR_NONSENSE /* no packet of any version */
};

/* One that was received. */
struct door_said {
	char *data;            /* owned; DOOR_PACKET_MAX bytes; made by the first door_receive */
	size_t len;            /* bytes */
	const char *word;      /* borrowed from data */
	char *at;              /* the next field */
	int version;           /* of the other end */
	bool takes_pipes;      /* to be set before; else what comes is closed by the kernel */
	int pipes[DOOR_PIPES]; /* the receiver's from now on, close-on-exec; -1: none */
};

/* Never waits. Begin with {0}. */
enum door_got door_receive(int fd, struct door_said *ret_said);
/* The next field; false: there is none. Both are borrowed from the packet. */
bool door_next(struct door_said *said, const char **ret_key, const char **ret_value);
void door_said_done(struct door_said *said); /* the pipes stay open */

/* A field's value as a number from 0 to max; anything else is 0. */
int64_t door_number_of(const char *value, int64_t max);

/* The socket file, however long its path: in its folder, which is open. */
struct door_place {
	char *path; /* owned; of the socket */
	int folder; /* owned; O_PATH */
};
#define DOOR_ADDRESS_MAX 108 /* sizeof sun_path */
bool door_place_open(const char *state, struct door_place *ret_place, struct error *error);
void door_place_close(struct door_place *place);
/* Its name without folders. Borrowed. */
const char *door_place_name(const struct door_place *place);
/* What bind and connect take. False: the name alone is too long. */
bool door_place_address(const struct door_place *place, char ret_path[DOOR_ADDRESS_MAX],
			struct error *error);

#endif
