/* The messages that were read lately: to know an edit from a new message, and to serve those who
 * begin to watch late.  Part of channel.c. */
#ifndef PROBES_CHANNEL_RECENT_H
#define PROBES_CHANNEL_RECENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/queue.h>

#include "probes/chats/chat.h"

#define RECENT_MESSAGES 4096       /* kept at most, besides those that somebody follows */
#define RECENT_BYTES    (4U << 20) /* of text kept at most */

struct watch;

/* A watch that was handed a message: it gets its edits and the replies to it. */
struct follow {
	struct watch *watch;   /* borrowed */
	struct record *record; /* borrowed */
	uint64_t version;      /* of the message as it was handed over last */
	LIST_ENTRY(follow) of_record;
	LIST_ENTRY(follow) of_watch;
};

struct record {
	char ts[CHAT_TS_SIZE];
	char thread_ts[CHAT_TS_SIZE];    /* "": not a reply */
	char edited_ts[CHAT_TS_SIZE];    /* "": never edited */
	char latest_reply[CHAT_TS_SIZE]; /* as told by the chat; "": none, or it does not tell */
	char replies_read[CHAT_TS_SIZE]; /* latest_reply when the thread was read last */
	char *text;                      /* owned; NULL: dropped, it was too much */
	size_t text_len;
	char *mark;   /* owned; NULL: none */
	char *sender; /* owned */
	bool cut;
	bool in_channel; /* seen in the channel, not only in a thread */
	bool due;        /* its thread has to be read */
	int64_t wall_ms; /* posted, by the chat's clock */
	int64_t at_ms;   /* posted, by ours */
	int64_t read_ms;
	int64_t same_ms;             /* when the last read began that found it as it is now */
	int64_t before_ms;           /* ... and as it was before its last change; 0: none did */
	int64_t looked_ms;           /* when its thread was read last; 0: never */
	uint64_t version;            /* hash of what it says */
	LIST_HEAD(, follow) follows; /* owned */
};

struct recent {
	struct record **list; /* owned array of owned, by ts */
	size_t count, room;
	size_t bytes; /* of text */
	char
	    reach[CHAT_TS_SIZE]; /* all after this is in the list with its text; "": not read yet */
	char lost[CHAT_TS_SIZE]; /* the newest that was dropped; "": none */
};

void recent_done(struct recent *recent); /* frees the contents; reusable */

uint64_t recent_version(const struct chat_message *message);
struct record *recent_find(const struct recent *recent, const char *ts);
/* Index of the first record after ts. */
size_t recent_after(const struct recent *recent, const char *ts);
/* A copy of a message that is not in the list yet; its ts must be shorter than CHAT_TS_SIZE. */
struct record *recent_add(struct recent *recent, const struct chat_message *message);
void recent_change(struct recent *recent, struct record *record,
		   const struct chat_message *message);
/* The record as a message; borrows from the record. */
struct chat_message recent_message(const struct record *record);

/* Drops what nobody follows and is not after ts, and what is over the limits. */
void recent_trim(struct recent *recent, const char *ts);
/* Everything after ts has been read and added. */
void recent_reached(struct recent *recent, const char *ts);

void follow_add(struct record *record, struct watch *watch, struct follow *follow);
void follow_free(struct follow *follow);

/* Copies a time stamp; NULL or one that is too long becomes "". */
void recent_copy_ts(char ret_ts[CHAT_TS_SIZE], const char *ts);

#endif
