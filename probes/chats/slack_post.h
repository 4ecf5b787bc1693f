/* Our own messages, as Slack wants them. */
#ifndef PROBES_SLACK_POST_H
#define PROBES_SLACK_POST_H

#include "probes/chats/chat.h"

/*
 * The JSON body of chat.postMessage (ts NULL) or chat.update (ts of the message). thread_ts NULL: not
 * a reply. Owned by the caller.
 *
 * Everything sits in one attachment, for its bar of colour; a body that is longer than Slack takes is
 * cut at the end of a line and says so.  The headline is the attachment's fallback, which Slack uses
 * for notifications: as top-level text it would be shown a second time above the attachment.
 */
char *slack_post_write(const char *channel_id, const char *thread_ts, const char *ts,
		       const struct chat_post *post);

#endif
