/* Slack's texts: repaired before they are parsed, flattened and un-escaped after. */
#ifndef PROBES_SLACK_TEXT_H
#define PROBES_SLACK_TEXT_H

#include <cjson/cJSON.h>
#include <stddef.h>

#include "src/base/buf.h"

#define SLACK_TEXT_LIMIT (256U << 10) /* bytes of one message's text */

/*
 * The body of an answer as a JSON parser can take it: bytes that are not UTF-8 and escapes of half a
 * character (\ud800) become U+FFFD, NULs are dropped, written as bytes or as \u0000.  Owned by the
 * caller, NUL-terminated.
 */
char *slack_repair(const char *body, size_t len, size_t *ret_len);

/*
 * One text as a person reads it: `<url|label>` becomes "url label", `<@U1>` "@U1"; then &amp; &lt;
 * &gt; are un-escaped.  What only looks like markup ("a < b") stays.
 * https://docs.slack.dev/messaging/formatting-message-text
 */
void slack_plain(struct buf *buf, const char *text);

/* The same backwards: what goes to Slack from people or machines. */
void slack_escape(struct buf *buf, const char *text);

/*
 * All that can be read or searched in a message, one string per line: text, attachments, blocks.
 * The buffer's limit should be SLACK_TEXT_LIMIT; a text that is cut ends with a whole character.
 */
void slack_flatten(struct buf *buf, const cJSON *message);

/* The drill id when firedrill posted the message: a block_id of "firedrill:" and the id. Borrowed
 * from the message; NULL: somebody else's. */
const char *slack_mark(const cJSON *message);

/* A string member, borrowed; NULL when it is absent, empty or something else. */
const char *slack_string(const cJSON *object, const char *key);

#endif
