/* Reports of a run that did not reach their channel. */
#include "src/program/untold.h"

#include <stdlib.h>
#include <string.h>

#include "probes/courier.h"
#include "reports/message.h"
#include "src/base/buf.h"
#include "src/base/mem.h"

#define TEXT_LIMIT 12000 /* bytes of all reports together */
#define MARK       "untold"

struct untold {
	struct courier *courier;       /* owned */
	struct message_writer *writer; /* owned */
	struct buf reports;
	char *first;   /* owned; why the first of them did not arrive */
	char *subject; /* owned; the headline of the last one */
	size_t count;
	char *text; /* owned */
};

static void set_text(struct untold *untold, const char *by, const char *trouble)
{
	free(untold->text);
	untold->text = mem_printf(
	    "%zu report%s did not reach the chat (%s); %s%s%s%s", untold->count,
	    untold->count == 1 ? "" : "s", untold->first,
	    by != NULL ? "told instead by " : "nor the second path: ", by != NULL ? by : trouble,
	    by != NULL && trouble != NULL ? "; " : "",
	    by != NULL && trouble != NULL ? trouble : "");
}

static void on_sent(void *arg, const struct courier_end *end)
{
	set_text(arg, end->by, end->trouble);
}

struct untold *untold_new(struct app *app)
{
	struct untold *untold = mem_zalloc(sizeof *untold);

	untold->courier = app_courier_new(app);
	untold->writer = message_writer_new();
	untold->reports.limit = TEXT_LIMIT;
	return untold;
}

void untold_free(struct untold *untold)
{
	if (untold == NULL)
		return;
	courier_free(untold->courier);
	message_writer_free(untold->writer);
	buf_done(&untold->reports);
	free(untold->subject);
	free(untold->first);
	free(untold->text);
	free(untold);
}

void untold_drill(struct untold *untold, const struct drill_record *record)
{
	struct chat_post post;

	if (record->report_problem == NULL)
		return;
	if (untold->count++ == 0)
		untold->first = mem_dup(record->report_problem);
	message_write(untold->writer, record, &post);
	buf_addf(&untold->reports, "%s\n%s%s%s\n\n", post.headline,
		 post.body != NULL ? post.body : "", post.body != NULL ? "\n" : "", post.footer);
	free(untold->subject);
	untold->subject = mem_dup(post.headline);
}

enum exit_code untold_send(struct untold *untold)
{
	struct courier_letter letter = {.mark = MARK};
	char *many = mem_printf("firedrill: %zu reports did not reach the chat", untold->count);
	/* The headline of a single one is the subject, which stands above the text anyway. */
	const char *reports =
	    buf_text(&untold->reports) + (untold->count == 1 ? strlen(untold->subject) + 1 : 0);
	char *text = mem_printf("%sWhy it comes this way: the chat could not be reached: %s.\n",
				reports, untold->first != NULL ? untold->first : "");

	letter.subject = untold->count == 1 ? untold->subject : many;
	letter.text = text;
	if (untold->count > 0) {
		set_text(untold, NULL, "not tried to its end");
		courier_send(untold->courier, &letter, on_sent, untold);
	}
	free(text);
	free(many);
	return untold->count > 0 ? EXIT_UNTOLD : EXIT_PASS;
}

bool untold_is_over(const struct untold *untold)
{
	return courier_is_idle(untold->courier);
}

const char *untold_text(const struct untold *untold)
{
	return untold->text;
}
