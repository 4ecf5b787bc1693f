/* Paging through a channel or thread, whichever way Slack does it.  A token is "c" and Slack's
 * cursor, or "t" and parts of time "OLDEST,LATEST;", of which the last is read next. */
#include "probes/chats/slack_page.h"

#include <string.h>

#include "src/base/buf.h"
#include "src/base/mem.h"

#define PARTS_LIMIT 20000 /* bytes of a token of parts: more is a chat that plays with us */

static bool copy_ts(char ret_ts[CHAT_TS_SIZE], const char *text, size_t len)
{
	if (len >= CHAT_TS_SIZE || strspn(text, "0123456789.") < len)
		return false;
	memcpy(ret_ts, text, len);
	ret_ts[len] = '\0';
	return true;
}

/* The last part; what stands before it stays in page->rest, up to where the part begins. */
static bool parse_parts(struct slack_page *page, const char *parts)
{
	const char *part = parts, *comma, *end;

	while ((end = strchr(part, ';')) != NULL && end[1] != '\0')
		part = end + 1;
	comma = strchr(part, ',');
	if (end == NULL || comma == NULL || comma > end)
		return false;
	page->rest = parts;
	return copy_ts(page->oldest, part, (size_t)(comma - part)) &&
	       copy_ts(page->latest, comma + 1, (size_t)(end - comma - 1));
}

bool slack_page_parse(struct slack_page *ret_page, const char *since_ts, const char *token)
{
	*ret_page = (struct slack_page){.rest = ""};
	if (!copy_ts(ret_page->oldest, since_ts, strlen(since_ts)))
		return false;
	if (token == NULL)
		return true;
	if (token[0] == 'c')
		ret_page->cursor = token + 1;
	return token[0] == 'c' || (token[0] == 't' && parse_parts(ret_page, token + 1));
}

/* What is left of the parts when the last one is done. */
static size_t rest_len(const char *rest)
{
	size_t len = strlen(rest);

	if (len > 0)
		len--;
	while (len > 0 && rest[len - 1] != ';')
		len--;
	return len;
}

static void find_ends(const struct slack_messages *messages, const char **ret_first,
		      const char **ret_last)
{
	*ret_first = *ret_last = messages->list[0].ts;
	for (size_t i = 1; i < messages->count; i++) {
		const char *ts = messages->list[i].ts;

		if (chat_ts_compare(ts, *ret_first) < 0)
			*ret_first = ts;
		if (chat_ts_compare(ts, *ret_last) > 0)
			*ret_last = ts;
	}
}

/* The page has cut a piece out of its part: what is before and after it may hold more. */
static void split(struct buf *parts, const struct slack_page *page,
		  const struct slack_messages *messages, bool forward)
{
	const char *first, *last;

	find_ends(messages, &first, &last);
	if (!forward)
		buf_addf(parts, "%s,%s;", page->oldest, first);
	buf_addf(parts, "%s,%s;", last, page->latest);
}

char *slack_page_next(const struct slack_page *page, const cJSON *answer,
		      const struct slack_messages *messages, bool forward, bool *ret_stuck)
{
	const char *cursor = slack_answer_cursor(answer);
	bool more = slack_answer_has_more(answer);
	struct buf parts = {0};

	*ret_stuck = false;
	if (page->rest[0] == '\0' && cursor != NULL)
		return mem_printf("c%s", cursor);
	*ret_stuck = more && messages->count == 0;
	if (*ret_stuck)
		return NULL;
	buf_add(&parts, "t", 1);
	buf_add(&parts, page->rest, rest_len(page->rest));
	if (more)
		split(&parts, page, messages, forward);
	*ret_stuck = parts.len > PARTS_LIMIT;
	if (parts.len > 1 && !*ret_stuck)
		return buf_take(&parts);
	buf_done(&parts);
	return NULL;
}

bool slack_page_is_capped(const cJSON *answer)
{
	const cJSON *messages = cJSON_GetObjectItemCaseSensitive(answer, "messages");

	return cJSON_GetArraySize(messages) == SLACK_PAGE_CAP && slack_answer_has_more(answer);
}
