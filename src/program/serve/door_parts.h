/* The inside of the door: shared by who comes in (door.c) and what a guest says and is shown
 * (door_guest.c) only. */
#ifndef PROGRAM_DOOR_PARTS_H
#define PROGRAM_DOOR_PARTS_H

#include <sys/types.h>

#include "src/base/words.h"
#include "src/program/serve/door.h"
#include "src/program/serve/door_wire.h"

struct event;
struct guest;

struct door {
	struct event_base *base; /* borrowed */
	struct door_hears hears;
	struct door_place place; /* owned */
	int listener;            /* owned */
	dev_t device;            /* of the socket file, to know it again */
	ino_t inode;
	struct event *arrivals; /* owned */
	struct event *rest;     /* owned; after which arrivals are looked at again */
	struct event *tick;     /* owned; runs while there are guests */
	char *config;           /* owned; the real path; NULL: not known yet */
	int64_t loaded_wall_ms, since_wall_ms;
	struct guest *guests; /* owned */
	size_t guest_count;
	uint64_t last_id;
	struct door_said said; /* owned; what is being read, of whichever guest */
};

/* Somebody came in: greeted, and listened to. Takes fd over. */
void guest_add(struct door *door, int fd);
/* NULL: gone, or has not wished yet. */
struct guest *guest_find(struct door *door, uint64_t id);

void guest_show(struct guest *guest, const struct drill_record *record);
void guest_finish(struct guest *guest, const struct drill_record *record);
void guest_drop(struct guest *guest, const char *why); /* a drill of it */
void guest_note(struct guest *guest, const char *text);
void guest_note_all(struct door *door, const char *text);

/* Each tenth of a second while there are guests: writes what waits, and lets go of those that are done,
 * or say nothing. The only place but door_free, and their own end, where a guest ends. */
void guests_tick(struct door *door);
void guests_free(struct door *door);

#endif
