/* The messages that were read lately. */
#include "probes/chats/channel_recent.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"

void recent_copy_ts(char ret_ts[CHAT_TS_SIZE], const char *ts)
{
	size_t len = ts != NULL ? strlen(ts) : 0;

	if (len >= CHAT_TS_SIZE)
		len = 0;
	if (len > 0)
		memcpy(ret_ts, ts, len);
	ret_ts[len] = '\0';
}

/* FNV-1a, http://www.isthe.com/chongo/tech/comp/fnv/ */
static uint64_t hash(uint64_t sum, const char *data, size_t len)
{
	for (size_t i = 0; i < len; i++)
		sum = (sum ^ (unsigned char)data[i]) * UINT64_C(0x100000001b3);
	return sum;
}

uint64_t recent_version(const struct chat_message *message)
{
	uint64_t sum = hash(UINT64_C(0xcbf29ce484222325), message->text, message->text_len);

	if (message->edited_ts != NULL)
		sum = hash(sum, message->edited_ts, strlen(message->edited_ts));
	return sum;
}

/* Records. */

static void drop_text(struct recent *recent, struct record *record)
{
	if (record->text == NULL)
		return;
	recent->bytes -= record->text_len;
	free(record->text);
	record->text = NULL;
}

static void free_record(struct recent *recent, struct record *record)
{
	while (!LIST_EMPTY(&record->follows))
		follow_free(LIST_FIRST(&record->follows));
	drop_text(recent, record);
	free(record->mark);
	free(record->sender);
	free(record);
}

void recent_done(struct recent *recent)
{
	for (size_t i = 0; i < recent->count; i++)
		free_record(recent, recent->list[i]);
	free(recent->list);
	*recent = (struct recent){0};
}

void follow_add(struct record *record, struct watch *watch, struct follow *follow)
{
	*follow = (struct follow){.watch = watch, .record = record, .version = record->version};
	LIST_INSERT_HEAD(&record->follows, follow, of_record);
}

void follow_free(struct follow *follow)
{
	LIST_REMOVE(follow, of_record);
	LIST_REMOVE(follow, of_watch);
	free(follow);
}

/* The list. */

size_t recent_after(const struct recent *recent, const char *ts)
{
	size_t low = 0, high = recent->count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (chat_ts_compare(recent->list[middle]->ts, ts) <= 0)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

struct record *recent_find(const struct recent *recent, const char *ts)
{
	size_t after = recent_after(recent, ts);
	struct record *record = after > 0 ? recent->list[after - 1] : NULL;

	return record != NULL && chat_ts_compare(record->ts, ts) == 0 ? record : NULL;
}

void recent_change(struct recent *recent, struct record *record, const struct chat_message *message)
{
	drop_text(recent, record);
	free(record->mark);
	free(record->sender);
	record->text = mem_dup_n(message->text, message->text_len);
	record->text_len = message->text_len;
	record->cut = message->cut;
	record->mark = mem_dup(message->mark);
	record->sender = mem_dup(message->sender != NULL ? message->sender : "");
	record->version = recent_version(message);
	recent->bytes += record->text_len;
	recent_copy_ts(record->thread_ts, message->thread_ts);
	recent_copy_ts(record->edited_ts, message->edited_ts);
}

struct record *recent_add(struct recent *recent, const struct chat_message *message)
{
	size_t at = recent_after(recent, message->ts);
	struct record *record = mem_zalloc(sizeof *record);

	recent_copy_ts(record->ts, message->ts);
	record->wall_ms = message->wall_ms;
	LIST_INIT(&record->follows);
	recent_change(recent, record, message);
	if (recent->count == recent->room) {
		recent->room = recent->room > 0 ? recent->room * 2 : 64;
		recent->list = mem_grow(recent->list, recent->room, sizeof *recent->list);
	}
	memmove(recent->list + at + 1, recent->list + at,
		(recent->count - at) * sizeof *recent->list);
	recent->list[at] = record;
	recent->count++;
	return record;
}

struct chat_message recent_message(const struct record *record)
{
	return (struct chat_message){
	    .ts = record->ts,
	    .thread_ts = record->thread_ts[0] != '\0' ? record->thread_ts : NULL,
	    .edited_ts = record->edited_ts[0] != '\0' ? record->edited_ts : NULL,
	    .latest_reply_ts = record->latest_reply[0] != '\0' ? record->latest_reply : NULL,
	    .text = record->text,
	    .text_len = record->text_len,
	    .cut = record->cut,
	    .mark = record->mark,
	    .sender = record->sender,
	    .wall_ms = record->wall_ms,
	};
}

static void forget_up_to(struct recent *recent, const char *ts)
{
	if (chat_ts_compare(recent->lost, ts) < 0)
		recent_copy_ts(recent->lost, ts);
	if (recent->reach[0] != '\0' && chat_ts_compare(recent->reach, ts) < 0)
		recent_copy_ts(recent->reach, ts);
}

void recent_reached(struct recent *recent, const char *ts)
{
	if (recent->reach[0] == '\0' || chat_ts_compare(ts, recent->reach) < 0)
		recent_copy_ts(recent->reach, ts);
	if (chat_ts_compare(recent->reach, recent->lost) < 0)
		recent_copy_ts(recent->reach, recent->lost);
}

/* Oldest first: what is not wanted goes; of what is followed only the text may go. */
void recent_trim(struct recent *recent, const char *ts)
{
	size_t wanted = recent_after(recent, ts);
	size_t surplus = recent->count > RECENT_MESSAGES ? recent->count - RECENT_MESSAGES : 0;
	size_t kept = 0;

	for (size_t i = 0; i < recent->count; i++) {
		struct record *record = recent->list[i];
		bool too_much = i < surplus || recent->bytes > RECENT_BYTES;

		if (i < wanted || too_much)
			forget_up_to(recent, record->ts);
		if ((i < wanted || too_much) && LIST_EMPTY(&record->follows)) {
			free_record(recent, record);
			continue;
		}
		if (too_much)
			drop_text(recent, record);
		recent->list[kept++] = record;
	}
	recent->count = kept;
}
