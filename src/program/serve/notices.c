/* What people are told of the drills of a daemon. */
#include "src/program/serve/notices.h"

#include <stdlib.h>
#include <string.h>

#include "reports/digest_text.h"
#include "src/base/clock.h"
#include "src/base/mem.h"
#include "src/program/serve/digest.h"
#include "src/program/serve/digest_clock.h"
#include "src/program/serve/notices_parts.h"

/* What is known of a record. */

static int64_t ended_wall_ms(const struct drill_record *record)
{
	int64_t at_ms = record->phase_ms[PHASE_DONE];

	return at_ms != TIME_NEVER ? record_wall_ms(record, at_ms) : clock_wall_ms();
}

static const char *without_hash(const char *channel)
{
	return channel[0] == '#' ? channel + 1 : channel;
}

/* Messages of gaps, one after another. */

static void say_next(struct notices *notices, struct notices_gap *gap);

/* Recovery is told there as well, when the gap was; of a gap that goes on, people know. */
static void tell_beside(struct notices *notices, struct notices_gap *gap, const char *trouble)
{
	const struct chat_post *post = &gap->told.post;
	bool is_known = !gap->over && (gap->second || gap->ts[0] != '\0');
	char *why;

	if (trouble != NULL && !is_known) {
		why = mem_printf("the chat could not be reached: %s", trouble);
		notices_send_second(notices, gap, post, why, trouble);
		free(why);
	} else if (trouble == NULL && gap->over && gap->second) {
		notices_send_second(notices, gap, post, "you were told of the gap this way, too",
				    NULL);
	}
}

static void on_post(void *arg, const struct notices_post_end *end)
{
	struct notices_gap *gap = arg;
	struct notices *notices = gap->notices;

	gap->post = NULL;
	if (end->trouble == NULL) {
		notices_gap_set(&gap->channel_id, end->channel_id);
		notices_gap_set(&gap->ts, end->ts);
		free(gap->link);
		gap->link = mem_dup(end->link);
		notices_set_trouble(notices, NULL);
	}
	notices_hear(notices, "chat", end->trouble != NULL ? end->trouble : end->lost_reply);
	tell_beside(notices, gap, end->trouble);
	notices_words_done(&gap->told);
	if (gap->next.post.headline != NULL)
		say_next(notices, gap);
	else if (gap->over)
		notices_gaps_drop(notices->gaps, gap);
	else
		notices_gaps_changed(notices->gaps, gap);
}

static void say_next(struct notices *notices, struct notices_gap *gap)
{
	struct notices_post_ask ask = {
	    .app = notices->app,
	    .chat = gap->chat,
	    .channel = gap->channel,
	    .channel_id = gap->channel_id,
	    .ts = gap->ts,
	};

	notices_words_done(&gap->told);
	gap->told = gap->next;
	gap->next = (struct notices_words){0};
	ask.post = &gap->told.post;
	ask.reply =
	    gap->ts[0] != '\0' && gap->reply.post.headline != NULL ? &gap->reply.post : NULL;
	gap->post = notices_post_start(&ask, on_post, gap);
	notices_words_done(&gap->reply);
}

/* A message of its own mark, which no drill has. */
static void keep(const struct notices_gap *gap, struct notices_words *words, struct chat_post *post)
{
	char *mark = mem_printf("gap-%s", gap->first_drill);

	post->mark = mark;
	notices_words_set(words, post);
	free(mark);
}

/* What is newer took the place of what was not said yet. */
static void say(struct notices *notices, struct notices_gap *gap)
{
	if (gap->post == NULL)
		say_next(notices, gap);
}

/* Gaps. */

static const char *mention_of(const struct notices *notices, const struct drill_record *record)
{
	const struct owner_settings *owner =
	    record->scenario->owner != NULL
		? config_owner(app_config(notices->app), record->scenario->owner)
		: NULL;

	return owner != NULL ? owner->mention : NULL;
}

/* Owned by the caller; NULL: firedrill's pages are not reached by anybody. */
static char *page_of(const struct notices *notices, const char *drill)
{
	const char *url = app_config(notices->app)->serve.url;
	size_t len = url != NULL ? strlen(url) : 0;

	while (len > 0 && url[len - 1] == '/')
		len--;
	return len > 0 ? mem_printf("%.*s/drill/%s", (int)len, url, drill) : NULL;
}

/* Its chat is not configured any more. */
static bool is_gone(const struct notices *notices, const struct notices_gap *gap)
{
	return config_chat(app_config(notices->app), gap->chat) == NULL;
}

/* The report channel, else where the alert was expected. */
static void choose_place(struct notices *notices, struct notices_gap *gap,
			 const struct drill_record *record)
{
	const struct config *config = app_config(notices->app);
	const struct expectation *lost = notices_lost_one(record);

	notices_gap_set(&gap->channel_id, "");
	notices_gap_set(&gap->ts, "");
	if (config->report.channel != NULL) {
		notices_gap_set(&gap->chat, config->report.chat);
		notices_gap_set(&gap->channel, config->report.channel);
	} else if (lost != NULL) {
		notices_gap_set(&gap->chat, lost->chat);
		notices_gap_set(&gap->channel, lost->channel);
	}
}

static struct notice_gap view_of(const struct notices *notices, const struct notices_gap *gap,
				 const struct drill_record *record, const char *page)
{
	return (struct notice_gap){
	    .first_wall_ms = gap->first_wall_ms,
	    .last_wall_ms = gap->last_wall_ms,
	    .drills = gap->drills,
	    .text = gap->text,
	    .mention = mention_of(notices, record),
	    .link = record->report_permalink,
	    .page = page,
	};
}

static void note_gap(const struct notices *notices, struct notices_gap *gap,
		     const struct drill_record *record)
{
	char *text = notice_sentence(record);

	if (gap->drills == 0) {
		notices_gap_set(&gap->first_drill, record->id);
		gap->first_wall_ms = ended_wall_ms(record);
		notices_gaps_date(notices->gaps, gap, record->repeats);
	}
	gap->drills++;
	notices_gap_set(&gap->last_drill, record->id);
	gap->last_wall_ms = ended_wall_ms(record);
	notices_gap_set(&gap->finding, finding_name(record->judgement.gap.finding));
	notices_gap_set(&gap->text, text);
	free(text);
}

/* Lost on its way into the very channel by which people are told of it. */
static bool is_lost_here(const struct notices_gap *gap, const struct drill_record *record)
{
	const struct expectation *lost = notices_lost_one(record);

	return record->judgement.gap.found && lost != NULL &&
	       strcmp(record->judgement.gap.before, hop_name(HOP_CHAT)) == 0 &&
	       strcmp(lost->chat, gap->chat) == 0 &&
	       strcmp(without_hash(lost->channel), without_hash(gap->channel)) == 0;
}

static void gap_is_there(struct notices *notices, const struct drill_record *record)
{
	struct notices_gap *gap =
	    notices_gaps_find(notices->gaps, record->scenario->name, record->environment->name);
	bool is_new = gap == NULL;
	char *page = page_of(notices, record->id);
	struct chat_post post;
	struct notice_gap view;

	if (is_new)
		gap = notices_gaps_add(notices->gaps, record->scenario->name,
				       record->environment->name);
	if (gap->ts[0] == '\0' || is_gone(notices, gap))
		choose_place(notices, gap, record);
	note_gap(notices, gap, record);
	notices_gaps_changed(notices->gaps, gap);
	view = view_of(notices, gap, record, page);
	view.is_new = is_new;
	if (!is_new) {
		notice_write_again(notices->writer, record, &view, &post);
		keep(gap, &gap->reply, &post);
	}
	notice_write_gap(notices->writer, record, &view, &post);
	keep(gap, &gap->next, &post);
	if (is_new && is_lost_here(gap, record) && courier_has_ways(notices->courier))
		notices_send_second(notices, gap, &gap->next.post,
				    "the alert was lost on its last step into the channel in which "
				    "firedrill tells of gaps",
				    NULL);
	say(notices, gap);
	free(page);
}

static void gap_is_over(struct notices *notices, const struct drill_record *record)
{
	struct notices_gap *gap =
	    notices_gaps_find(notices->gaps, record->scenario->name, record->environment->name);
	char *page = gap != NULL ? page_of(notices, record->id) : NULL;
	struct chat_post post;
	struct notice_gap view;

	if (gap == NULL)
		return;
	gap->over = true;
	if (is_gone(notices, gap))
		choose_place(notices, gap, record);
	view = view_of(notices, gap, record, page);
	notice_write_recovery(notices->writer, record, &view, &post);
	keep(gap, &gap->reply, &post);
	notice_write_recovered(notices->writer, record, &view, &post);
	keep(gap, &gap->next, &post);
	say(notices, gap);
	free(page);
}

/* The digest. */

static void on_digest(void *arg, const struct notices_post_end *end)
{
	struct notices *notices = arg;
	char *why;

	notices->digest = NULL;
	notices_hear(notices, "chat", end->trouble != NULL ? end->trouble : end->lost_reply);
	if (end->trouble != NULL) {
		why = mem_printf("the chat could not be reached: %s", end->trouble);
		notices_send_second(notices, NULL, &notices->digest_words.post, why, end->trouble);
		free(why);
	}
	notices_words_done(&notices->digest_words);
}

static void post_digest(struct notices *notices, const struct chat_post *post,
			const struct chat_post *details)
{
	const struct config *config = app_config(notices->app);
	const struct notices_post_ask ask = {
	    .app = notices->app,
	    .chat = config->report.chat,
	    .channel = config->report.channel,
	    .channel_id = "",
	    .ts = "",
	    .post = post,
	    .reply = details->headline != NULL ? details : NULL,
	};

	if (config->report.channel == NULL) {
		notices_send_second(notices, NULL, post,
				    "there is no report channel (report.channel)",
				    "there is no report channel for the digest (report.channel)");
		return;
	}
	notices_post_cancel(notices->digest); /* the newer one says more */
	notices_words_set(&notices->digest_words, post);
	notices->digest = notices_post_start(&ask, on_digest, notices);
}

void notices_digest(struct notices *notices, const struct digest_due *due)
{
	struct digest_writer *writer = digest_writer_new();
	const struct config *config = app_config(notices->app);
	struct digest digest = {0};
	struct chat_post post, details;

	digest_fill(&digest, &(struct digest_ask){.history = notices->history,
						  .config = config,
						  .scenarios = app_scenarios(notices->app),
						  .due = due,
						  .now_wall_ms = clock_wall_ms()});
	digest_write(writer, &digest, &post, &details);
	post_digest(notices, &post, &details);
	digest_done(&digest);
	digest_writer_free(writer);
}

/* Public. */

struct notices *notices_new(struct app *app, struct history *history,
			    const struct notices_hears *hears)
{
	struct notices *notices = mem_zalloc(sizeof *notices);
	struct error error = {""};

	*notices = (struct notices){
	    .app = app,
	    .history = history,
	    .courier = app_courier_new(app),
	    .writer = notice_writer_new(),
	};
	if (hears != NULL)
		notices->hears = *hears;
	notices->gaps = notices_gaps_new(history, notices, &error);
	if (error.text[0] != '\0')
		notices_set_trouble(notices, mem_printf("open gaps are not known: %s", error.text));
	return notices;
}

void notices_free(struct notices *notices)
{
	if (notices == NULL)
		return;
	notices_gaps_free(notices->gaps);
	courier_free(notices->courier);
	notices_drop_second(notices);
	notices_post_cancel(notices->digest);
	notices_words_done(&notices->digest_words);
	notice_writer_free(notices->writer);
	free(notices->trouble);
	free(notices);
}

void notices_set_history(struct notices *notices, struct history *history)
{
	notices->history = history;
	notices_gaps_set_history(notices->gaps, history);
}

void notices_take_over(struct notices *notices, struct notices *older)
{
	notices_gaps_take_over(notices->gaps, older->gaps);
	notices_take_second(notices, older);
}

bool notices_uses(const struct notices *notices, const struct app *app)
{
	return notices_gaps_use(notices->gaps, app);
}

void notices_drill(struct notices *notices, const struct drill_record *record)
{
	notices_look_at_chats(notices, record);
	if (notices_is_gap(record) && !record->repeatable)
		gap_is_there(notices, record);
	else if (notices_has_passed(record))
		gap_is_over(notices, record);
}

char *notices_open_gap(const struct notices *notices, const char *scenario, const char *environment)
{
	const struct notices_gap *gap = notices_gaps_find(notices->gaps, scenario, environment);

	if (gap == NULL)
		return NULL;
	return gap->link != NULL ? mem_dup(gap->link)
				 : mem_printf("the message in %s", gap->channel);
}

bool notices_is_idle(const struct notices *notices)
{
	return notices_gaps_are_quiet(notices->gaps) && courier_is_idle(notices->courier) &&
	       notices->digest == NULL;
}

const char *notices_trouble(const struct notices *notices)
{
	return notices->trouble;
}
