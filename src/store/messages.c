/* The durable record of the messages in chat that say that a drill is running. */
#include "src/store/messages.h"

#include <stdlib.h>
#include <string.h>

#include "src/base/mem.h"
#include "src/store/ledger_parts.h"

#define LETTERS    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
#define DIGITS     "0123456789"
#define NAME_LIMIT 256 /* bytes */
#define ID_LIMIT   64  /* bytes of a channel's id */
#define TS_LIMIT   31  /* bytes of a time stamp */

/* What a message may consist of, as it goes into the file and as it comes from one that may be
 * damaged. */

static bool is_name(const char *text)
{
	return text != NULL && text[0] != '\0' && strnlen(text, NAME_LIMIT + 1) <= NAME_LIMIT;
}

static bool is_made_of(const char *text, const char *allowed, size_t limit)
{
	return strnlen(text, limit + 1) <= limit && strspn(text, allowed) == strlen(text);
}

static bool is_place(const struct ledger_message *message)
{
	return is_made_of(message->channel_id, LETTERS DIGITS "_-:", ID_LIMIT) &&
	       is_made_of(message->ts, DIGITS ".", TS_LIMIT) &&
	       (message->ts[0] == '\0' || message->channel_id[0] != '\0');
}

static bool is_whole(const struct ledger_message *message)
{
	return is_name(message->drill) && is_name(message->scenario) &&
	       is_name(message->environment) && is_name(message->chat) &&
	       is_name(message->channel) && is_place(message) && message->posted_wall_ms >= 0;
}

static bool check(bool good, const struct ledger_message *message, struct error *error)
{
	return good ||
	       error_set(error,
			 "the message of %.64s in %.64s cannot be noted: one of its names "
			 "is empty, over %d bytes or not what a chat gives",
			 message->drill != NULL ? message->drill : "a drill",
			 message->channel != NULL ? message->channel : "a channel", NAME_LIMIT);
}

/* Writing. */

static bool write_row(struct ledger *ledger, const char *sql, const char *const *texts,
		      size_t count, int64_t number, struct error *error)
{
	sqlite3_stmt *statement;

	if (!ledger_begin(ledger, error))
		return false;
	statement = database_prepare(ledger->database, sql, texts, count, error);
	if (statement != NULL)
		(void)sqlite3_bind_int64(statement, (int)count + 1, number); /* if it has it */
	return database_end(
	    ledger->database,
	    statement != NULL && database_finish(ledger->database, statement, error), error);
}

bool messages_note(struct ledger *ledger, const struct ledger_message *message, struct error *error)
{
	static const char sql[] =
	    "INSERT INTO message (drill, chat, channel, scenario, environment, channel_id, ts, "
	    "posted_wall_ms) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8) "
	    "ON CONFLICT DO UPDATE SET posted_wall_ms = excluded.posted_wall_ms";
	const char *const texts[] = {message->drill,    message->chat,        message->channel,
				     message->scenario, message->environment, message->channel_id,
				     message->ts};

	return check(is_whole(message), message, error) &&
	       write_row(ledger, sql, texts, sizeof texts / sizeof texts[0],
			 message->posted_wall_ms, error);
}

bool messages_place(struct ledger *ledger, const struct ledger_message *message,
		    struct error *error)
{
	static const char sql[] = "UPDATE message SET channel_id = ?4, ts = ?5 "
				  "WHERE drill = ?1 AND chat = ?2 AND channel = ?3";
	const char *const texts[] = {message->drill, message->chat, message->channel,
				     message->channel_id, message->ts};

	return check(is_place(message), message, error) &&
	       write_row(ledger, sql, texts, sizeof texts / sizeof texts[0], 0, error);
}

bool messages_forget(struct ledger *ledger, const struct ledger_message *message,
		     struct error *error)
{
	static const char sql[] =
	    "DELETE FROM message WHERE drill = ?1 AND chat = ?2 AND channel = ?3";
	const char *const texts[] = {message->drill, message->chat, message->channel};

	return write_row(ledger, sql, texts, sizeof texts / sizeof texts[0], 0, error);
}

/* Reading. */

static void add(struct message_list *messages, const struct ledger_message *message)
{
	messages->list = mem_grow(messages->list, messages->count + 1, sizeof messages->list[0]);
	messages->list[messages->count++] = (struct ledger_message){
	    .drill = mem_dup(message->drill),
	    .scenario = mem_dup(message->scenario),
	    .environment = mem_dup(message->environment),
	    .chat = mem_dup(message->chat),
	    .channel = mem_dup(message->channel),
	    .channel_id = mem_dup(message->channel_id),
	    .ts = mem_dup(message->ts),
	    .posted_wall_ms = message->posted_wall_ms,
	};
}

bool messages_read(struct ledger *ledger, const char *drill, struct message_list *ret_messages,
		   struct error *error)
{
	static const char sql[] = "SELECT drill, chat, channel, scenario, environment, channel_id, "
				  "ts, posted_wall_ms FROM message WHERE ?1 IS NULL OR drill = ?1 "
				  "ORDER BY drill, chat, channel LIMIT 1000";
	sqlite3_stmt *row = database_prepare(ledger->database, sql, &drill, 1, error);
	int rc;

	*ret_messages = (struct message_list){0};
	if (row == NULL)
		return false;
	while ((rc = sqlite3_step(row)) == SQLITE_ROW) {
		const struct ledger_message message = {
		    .drill = database_text(row, 0),
		    .chat = database_text(row, 1),
		    .channel = database_text(row, 2),
		    .scenario = database_text(row, 3),
		    .environment = database_text(row, 4),
		    .channel_id = database_text(row, 5),
		    .ts = database_text(row, 6),
		    .posted_wall_ms = sqlite3_column_int64(row, 7),
		};

		if (is_whole(&message))
			add(ret_messages, &message);
	}
	if (rc != SQLITE_DONE) {
		(void)database_fail(ledger->database, error);
		message_list_done(ret_messages);
	}
	(void)sqlite3_finalize(row);
	return rc == SQLITE_DONE;
}

static void drop(const char *text)
{
	free((char *)(uintptr_t)text);
}

void message_list_done(struct message_list *messages)
{
	for (size_t i = 0; i < messages->count; i++) {
		const struct ledger_message *message = &messages->list[i];

		drop(message->drill);
		drop(message->scenario);
		drop(message->environment);
		drop(message->chat);
		drop(message->channel);
		drop(message->channel_id);
		drop(message->ts);
	}
	free(messages->list);
	*messages = (struct message_list){0};
}
