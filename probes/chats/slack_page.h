/* Paging through a channel or thread, whichever way Slack does it.
 *
 * Slack pages with a cursor; with `oldest` alone it was seen to begin at either end of the time
 * asked for, so nothing here depends on the order.  Where it says has_more and gives no cursor, the
 * messages of the page split the time asked for, and the parts before and after them are asked for in
 * turn, until there is no more in any. */
#ifndef PROBES_SLACK_PAGE_H
#define PROBES_SLACK_PAGE_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stddef.h>

#include "probes/chats/chat.h"
#include "probes/chats/slack_answer.h"

#define SLACK_PAGE_LIMIT 200 /* messages asked for at once: what Slack recommends at most */
#define SLACK_PAGE_CAP   15 /* what it gives to apps that are neither its own customer's nor listed */

/* One page, as asked for by a driver call. */
struct slack_page {
	const char *cursor;        /* borrowed; NULL: none */
	char oldest[CHAT_TS_SIZE]; /* exclusive; "": from the beginning */
	char latest[CHAT_TS_SIZE]; /* exclusive; "": up to now */
	const char *rest; /* borrowed: the parts still to be read; "" when there are none */
};

/* From since_ts and the token of an earlier page (NULL: the first one). False: not one of ours. */
bool slack_page_parse(struct slack_page *ret_page, const char *since_ts, const char *token);

/*
 * The token of the page after this one, owned by the caller; NULL: all is read.  forward: pages
 * surely go on to newer messages (threads).  *ret_stuck is true when Slack says that there is more,
 * but gives nothing to go on with.
 */
char *slack_page_next(const struct slack_page *page, const cJSON *answer,
		      const struct slack_messages *messages, bool forward, bool *ret_stuck);

/* True for the page of an app that gets few messages and few calls. */
bool slack_page_is_capped(const cJSON *answer);

#endif
