/* Messages as they are posted. */
#include "tests/reports/posted.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "reports/message.h"
#include "src/base/mem.h"
#include "tests/reports/check_text.h"

#define BODY_MAX     2500
#define HEADLINE_MAX 400
#define FOOTER_MAX   300 /* of Slack's attachments */

void posted_done(struct posted *posted)
{
	free(posted->headline);
	free(posted->body);
	free(posted->footer);
}

struct posted write_post(const struct made *made, bool details)
{
	struct message_writer *writer = message_writer_new();
	struct chat_post post = {0};
	struct posted posted;

	if (details)
		assert_true(message_write_details(writer, &made->record, &post));
	else
		message_write(writer, &made->record, &post);
	assert_string_equal(post.mark, made->record.id);
	posted = (struct posted){
	    .tone = post.tone,
	    .headline = mem_dup(post.headline),
	    .body = mem_dup(post.body),
	    .footer = mem_dup(post.footer != NULL ? post.footer : ""),
	};
	message_writer_free(writer);
	assert_int_equal(strncmp(posted.headline, "[DRILL] ", strlen("[DRILL] ")), 0);
	assert_null(strpbrk(posted.headline, "*`"));
	assert_false(text_has_control(posted.headline, false));
	assert_false(text_has_control(posted.footer, false));
	assert_false(text_has_control(posted.body, true));
	assert_true(text_is_utf8(posted.headline));
	assert_true(text_is_utf8(posted.body));
	assert_true(text_is_utf8(posted.footer));
	assert_in_range(text_escaped_len(posted.headline), 1, HEADLINE_MAX);
	assert_in_range(text_escaped_len(posted.body), 1, BODY_MAX);
	assert_in_range(text_escaped_len(posted.footer), 0, FOOTER_MAX);
	return posted;
}

void assert_line(const struct made *made, bool details, const char *line)
{
	struct posted posted = write_post(made, details);
	char *lines = mem_printf("\n%s\n", posted.body), *wanted = mem_printf("\n%s\n", line);

	if (strstr(lines, wanted) == NULL)
		fail_msg("no line \"%s\" in:\n%s", line, posted.body);
	free(lines);
	free(wanted);
	posted_done(&posted);
}

struct made *make_missing(void)
{
	struct made *made = make_running();

	make_over(made, VERDICT_GAP,
		  "OrdersQueueMissing never arrived in #ops, nor in any other channel that can be "
		  "read");
	(void)make_finding(made, 0, FINDING_MISSING, TIME_NEVER,
			   "never arrived in #ops, nor in any other channel that can be read");
	make_gap(made, "emission", "chat",
		 "the queue orders-fd-k3q9x2m7 does not exist; OrdersQueueMissing never arrived in "
		 "#ops, nor in any other channel that can be read");
	return made;
}
