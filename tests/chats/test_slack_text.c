/* Slack's texts: repair, un-escaping, flattening, marks, and our own posts. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "probes/chats/slack_post.h"
#include "probes/chats/slack_text.h"
#include "src/base/mem.h"

/* Repair. */

static void assert_repaired(const char *body, size_t len, const char *wanted)
{
	size_t repaired_len;
	char *repaired = slack_repair(body, len, &repaired_len);

	assert_string_equal(repaired, wanted);
	assert_int_equal(repaired_len, strlen(wanted));
	free(repaired);
}

#define REPAIRED(body, wanted) assert_repaired(body, sizeof(body) - 1, wanted)

static void good_text_is_not_changed(void **state)
{
	(void)state;
	REPAIRED("", "");
	REPAIRED("{\"text\":\"plain \\\"quoted\\\" \\\\ \\n \\u00e9 \xc3\xa9 \xf0\x9f\x94\xa5\"}",
		 "{\"text\":\"plain \\\"quoted\\\" \\\\ \\n \\u00e9 \xc3\xa9 \xf0\x9f\x94\xa5\"}");
	REPAIRED("\\ud83d\\udd25 \\uD83D\\uDD25", "\\ud83d\\udd25 \\uD83D\\uDD25");
}

static void bytes_that_are_not_utf8_become_replacement_characters(void **state)
{
	(void)state;
	REPAIRED("a\xff z", "a\xef\xbf\xbd z");
	REPAIRED("a\xc3", "a\xef\xbf\xbd");
	REPAIRED("\xc0\xaf", "\xef\xbf\xbd\xef\xbf\xbd");                 /* overlong */
	REPAIRED("\xed\xa0\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd"); /* half a pair */
	REPAIRED("\xf4\x90\x80\x80", "\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd");
	REPAIRED("\xe2\x82 x", "\xef\xbf\xbd\xef\xbf\xbd x");
	REPAIRED("\\\xff", "\\\xef\xbf\xbd");
}

static void nuls_are_dropped_and_half_characters_replaced(void **state)
{
	(void)state;
	REPAIRED("a\0b", "ab");
	REPAIRED("a\\u0000b", "ab");
	REPAIRED("a\\\\u0000b", "a\\\\u0000b"); /* an escaped backslash, then letters */
	REPAIRED("\\ud800 x", "\\ufffd x");
	REPAIRED("\\udc00", "\\ufffd");
	REPAIRED("\\ud800\\ud800\\udc00", "\\ufffd\\ud800\\udc00");
	REPAIRED("\\ud8", "\\ud8");
	REPAIRED("\\", "\\");
}

/* Un-escaping. */

static void assert_plain(const char *text, const char *wanted)
{
	struct buf buf = {0};

	slack_plain(&buf, text);
	assert_string_equal(buf_text(&buf), wanted);
	buf_done(&buf);
}

static void links_become_address_and_label(void **state)
{
	(void)state;
	assert_plain("see <https://wiki.example/q?a=1&amp;b=2|the runbook> now",
		     "see https://wiki.example/q?a=1&b=2 the runbook now");
	assert_plain("<http://a.example>", "http://a.example");
	assert_plain("<mailto:a@b.example|a@b.example>", "mailto:a@b.example a@b.example");
	assert_plain("<@U123> <@U123|bob> <#C1|ops> <!here> <!subteam^S1|@team>",
		     "@U123 @U123 bob #C1 ops !here !subteam^S1 @team");
}

static void what_only_looks_like_markup_stays(void **state)
{
	(void)state;
	assert_plain("a < b and b > a", "a < b and b > a");
	assert_plain("<x> & y <", "<x> & y <");
	assert_plain("<<http://a.example>", "<http://a.example");
	assert_plain("<not a link>", "<not a link>");
	assert_plain("<>", "<>");
}

static void entities_are_unescaped_once(void **state)
{
	(void)state;
	assert_plain("&lt;b&gt; &amp; &amp;lt; &quot; &", "<b> & &lt; &quot; &");
	assert_plain("&lt;http://a.example&gt;", "<http://a.example>");
}

static void escaping_is_undone_by_unescaping(void **state)
{
	static const char *const texts[] = {"a & b", "<!channel>", "&lt;", "x < y > z && \"q\"",
					    ""};
	(void)state;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		struct buf buf = {0};

		slack_escape(&buf, texts[i]);
		assert_null(strpbrk(buf_text(&buf), "<>"));
		assert_plain(buf_text(&buf), texts[i]);
		buf_done(&buf);
	}
}

/* Flattening. */

static char *flat(const char *json)
{
	struct buf buf = {.limit = SLACK_TEXT_LIMIT};
	cJSON *message = cJSON_Parse(json);

	assert_non_null(message);
	slack_flatten(&buf, message);
	cJSON_Delete(message);
	return buf_take(&buf);
}

static void assert_flat(const char *json, const char *wanted)
{
	char *text = flat(json);

	assert_string_equal(text, wanted);
	free(text);
}

static void an_alertmanager_message_is_read_from_its_attachment(void **state)
{
	(void)state;
	assert_flat("{\"text\":\"\",\"attachments\":[{\"id\":1,\"color\":\"a30200\",\"fallback\":"
		    "\"[FIRING:1] QueueMissing (fd-k3q9x2m7) | <http://am.example/#/alerts>\","
		    "\"title\":\"[FIRING:1] QueueMissing (fd-k3q9x2m7)\",\"title_link\":"
		    "\"http://am.example/#/alerts\",\"mrkdwn_in\":[\"text\"]}]}",
		    "[FIRING:1] QueueMissing (fd-k3q9x2m7)\nhttp://am.example/#/alerts\n"
		    "[FIRING:1] QueueMissing (fd-k3q9x2m7) | http://am.example/#/alerts");
}

static void every_part_of_an_attachment_is_read(void **state)
{
	char *text =
	    flat("{\"text\":\"t1\",\"attachments\":[{\"pretext\":\"t2\",\"author_name\":\"t3\","
		 "\"title\":\"t4\",\"text\":\"t5\",\"fields\":[{\"title\":\"t6\",\"value\":\"t7\","
		 "\"short\":true},{\"value\":\"t8\"}],\"footer\":\"t9\",\"title_link\":\"t10\","
		 "\"fallback\":\"t11\",\"actions\":[{\"type\":\"button\",\"text\":\"t12\",\"url\":"
		 "\"t13\"}],\"author_link\":\"t14\"},{\"text\":\"t15\"},17,null]}");

	(void)state;
	for (int i = 1; i <= 15; i++) {
		char *word = mem_printf("t%d", i);

		assert_non_null(strstr(text, word));
		free(word);
	}
	free(text);
}

static void a_fallback_that_says_the_same_is_left_out(void **state)
{
	(void)state;
	assert_flat("{\"attachments\":[{\"title\":\"T\",\"text\":\"x\",\"fallback\":\"x\"}]}",
		    "T\nx");
}

static void blocks_are_read_however_they_nest(void **state)
{
	(void)state;
	assert_flat(
	    "{\"text\":\"\",\"blocks\":[{\"type\":\"header\",\"text\":{\"type\":\"plain_text\","
	    "\"text\":\"Down\"}},{\"type\":\"section\",\"block_id\":\"b1\",\"fields\":[{\"type\":"
	    "\"mrkdwn\",\"text\":\"*Host*\\nweb-1\"}],\"accessory\":{\"type\":\"button\","
	    "\"text\":{\"type\":\"plain_text\",\"text\":\"Open\"},\"url\":\"https://u.example\","
	    "\"value\":\"v1\",\"action_id\":\"a1\"}},{\"type\":\"image\",\"alt_text\":\"graph\","
	    "\"image_url\":\"https://i.example\"},{\"type\":\"context\",\"elements\":[{\"type\":"
	    "\"mrkdwn\",\"text\":\"small &amp; fine\"}]}]}",
	    "Down\n*Host*\nweb-1\nOpen\nhttps://u.example\nv1\ngraph\nsmall & fine");
}

static void pieces_of_rich_text_are_one_line(void **state)
{
	(void)state;
	assert_flat(
	    "{\"blocks\":[{\"type\":\"rich_text\",\"elements\":[{\"type\":\"rich_text_section\","
	    "\"elements\":[{\"type\":\"text\",\"text\":\"orders-\"},{\"type\":\"text\",\"text\":"
	    "\"fd-k3q9x2m7\",\"style\":{\"bold\":true}},{\"type\":\"text\",\"text\":\" see \"},"
	    "{\"type\":\"link\",\"url\":\"https://w.example\",\"text\":\"wiki\"}]},{\"type\":"
	    "\"rich_text_list\",\"elements\":[{\"type\":\"rich_text_section\",\"elements\":"
	    "[{\"type\":\"text\",\"text\":\"one\"}]},{\"type\":\"rich_text_section\","
	    "\"elements\":[{\"type\":\"text\",\"text\":\"two\"}]}]}]}]}",
	    "orders-fd-k3q9x2m7 see https://w.example wiki\none\ntwo");
}

static void odd_types_are_not_read(void **state)
{
	(void)state;
	assert_flat("{\"text\":17,\"attachments\":\"x\",\"blocks\":{\"type\":[]}}", "");
	assert_flat("{\"text\":null,\"attachments\":[[{\"text\":\"x\"}]],\"blocks\":[1,true,null]}",
		    "");
	assert_flat("[]", "");
}

/* Nested `depth` deep, with a word at the bottom. */
static char *nested(int depth)
{
	struct buf json = {0};

	buf_adds(&json, "{\"text\":\"top\",\"blocks\":");
	for (int i = 0; i < depth; i++)
		buf_adds(&json, "[");
	buf_adds(&json, "{\"text\":\"bottom\"}");
	for (int i = 0; i < depth; i++)
		buf_adds(&json, "]");
	buf_adds(&json, "}");
	return buf_take(&json);
}

static void deep_nesting_is_not_followed_to_the_end(void **state)
{
	char *json = nested(900), *text = flat(json);

	(void)state;
	assert_string_equal(text, "top");
	free(text);
	free(json);
	json = nested(5);
	text = flat(json);
	assert_string_equal(text, "top\nbottom");
	free(text);
	free(json);
}

static void a_long_text_is_cut_at_a_whole_character(void **state)
{
	struct buf json = {0}, text = {.limit = SLACK_TEXT_LIMIT};
	cJSON *message;

	(void)state;
	buf_adds(&json, "{\"text\":\"x");
	for (int i = 0; i < 1000000 / 3; i++)
		buf_adds(&json, "\xe2\x82\xac");
	buf_adds(&json, "\",\"attachments\":[{\"text\":\"not any more\"}]}");
	message = cJSON_ParseWithLength(buf_text(&json), json.len);
	slack_flatten(&text, message);
	assert_true(text.full);
	assert_true(text.len <= SLACK_TEXT_LIMIT && text.len > SLACK_TEXT_LIMIT - 8);
	assert_int_equal((text.len - 1) % 3, 0);
	assert_null(strstr(buf_text(&text), "not any more"));
	cJSON_Delete(message);
	buf_done(&text);
	buf_done(&json);
}

/* Marks and posts. */

static void assert_mark(const char *json, const char *wanted)
{
	cJSON *message = cJSON_Parse(json);
	const char *mark = slack_mark(message);

	if (wanted == NULL)
		assert_null(mark);
	else
		assert_string_equal(mark, wanted);
	cJSON_Delete(message);
}

static void our_mark_is_found_in_blocks_and_in_attachments(void **state)
{
	(void)state;
	assert_mark("{\"blocks\":[{\"block_id\":\"x\"},{\"block_id\":\"firedrill:fd-k3q9x2m7\"}]}",
		    "fd-k3q9x2m7");
	assert_mark(
	    "{\"attachments\":[{},{\"blocks\":[{\"block_id\":\"firedrill:fd-k3q9x2m7\"}]}]}",
	    "fd-k3q9x2m7");
	assert_mark("{\"blocks\":[{\"block_id\":\"firedrills\"}],\"text\":\"firedrill:x\"}", NULL);
	assert_mark("{\"blocks\":17}", NULL);
	assert_mark("{}", NULL);
}

static cJSON *posted(const struct chat_post *post, cJSON **ret_blocks)
{
	char *text = slack_post_write("C1", "1700000000.000001", NULL, post);
	cJSON *json = cJSON_Parse(text);
	const cJSON *attachment;

	assert_non_null(json);
	attachment = cJSON_GetArrayItem(cJSON_GetObjectItem(json, "attachments"), 0);
	*ret_blocks = cJSON_GetObjectItem(attachment, "blocks");
	free(text);
	return json;
}

static const char *block_text(const cJSON *block)
{
	return cJSON_GetObjectItem(cJSON_GetObjectItem(block, "text"), "text")->valuestring;
}

static void a_post_carries_its_mark_colour_and_texts(void **state)
{
	const struct chat_post post = {.mark = "fd-k3q9x2m7",
				       .tone = CHAT_BAD,
				       .headline = "*GAP* <!channel> & more",
				       .body = "one\ntwo",
				       .footer = "small print"};
	cJSON *blocks, *json = posted(&post, &blocks);
	struct buf text = {0};

	(void)state;
	assert_string_equal(slack_mark(json), "fd-k3q9x2m7");
	slack_flatten(&text, json);
	assert_string_equal(buf_text(&text), "*GAP* <!channel> & more\none\ntwo\nsmall print");
	assert_string_equal(block_text(cJSON_GetArrayItem(blocks, 0)),
			    "*GAP* &lt;!channel&gt; &amp; more");
	assert_int_equal(cJSON_GetArraySize(blocks), 3);
	assert_string_equal(cJSON_GetObjectItem(json, "channel")->valuestring, "C1");
	assert_string_equal(cJSON_GetObjectItem(json, "thread_ts")->valuestring,
			    "1700000000.000001");
	assert_true(cJSON_IsFalse(cJSON_GetObjectItem(json, "unfurl_links")));
	assert_null(cJSON_GetObjectItem(json, "text")); /* would be shown twice */
	buf_done(&text);
	cJSON_Delete(json);
}

/* The top-level text: what calls people, and what their telephones show. */
static void assert_loud(const char *mention, const char *expected)
{
	const struct chat_post post = {.mark = "gap-fd-k3q9x2m7",
				       .headline = "ALERT GAP & more",
				       .body = "*Since*: now\ntwo",
				       .loud = true,
				       .mention = mention};
	cJSON *blocks, *json = posted(&post, &blocks);

	assert_string_equal(cJSON_GetObjectItem(json, "text")->valuestring, expected);
	assert_string_equal(slack_mark(json), "gap-fd-k3q9x2m7");
	assert_string_equal(block_text(cJSON_GetArrayItem(blocks, 0)), "*Since*: now");
	assert_string_equal(block_text(cJSON_GetArrayItem(blocks, 1)), "two");
	assert_int_equal(cJSON_GetArraySize(blocks), 2);
	assert_null(cJSON_GetObjectItem(json, "reply_broadcast"));
	cJSON_Delete(json);
}

static void a_loud_post_calls_people_outside_the_attachment(void **state)
{
	(void)state;
	assert_loud(NULL, "*ALERT GAP &amp; more*");
	assert_loud("U024BE7LH", "<@U024BE7LH> *ALERT GAP &amp; more*");
	assert_loud("W024BE7LH", "<@W024BE7LH> *ALERT GAP &amp; more*");
	assert_loud("S0614TZR7", "<!subteam^S0614TZR7> *ALERT GAP &amp; more*");
	assert_loud("here", "<!here> *ALERT GAP &amp; more*");
	assert_loud("channel", "<!channel> *ALERT GAP &amp; more*");
	assert_loud("U1> <!channel", "U1&gt; &lt;!channel *ALERT GAP &amp; more*");
	assert_loud("@payments", "@payments *ALERT GAP &amp; more*");
	assert_loud("", " *ALERT GAP &amp; more*");
}

static void a_reply_can_be_shown_in_the_channel_too(void **state)
{
	const struct chat_post post = {.mark = "x", .headline = "done", .broadcast = true};
	char *reply = slack_post_write("C1", "1700000000.000001", NULL, &post);
	char *edit = slack_post_write("C1", NULL, "1700000000.000001", &post);

	(void)state;
	assert_non_null(strstr(reply, "\"reply_broadcast\":true"));
	assert_null(strstr(edit, "reply_broadcast"));
	free(reply);
	free(edit);
}

static void an_edit_names_the_message(void **state)
{
	const struct chat_post post = {.mark = "fd-k3q9x2m7", .headline = "done"};
	char *text = slack_post_write("C1", NULL, "1700000000.000002", &post);

	(void)state;
	assert_non_null(strstr(text, "\"ts\":\"1700000000.000002\""));
	assert_null(strstr(text, "thread_ts"));
	assert_null(strstr(text, "unfurl"));
	free(text);
}

static void a_long_body_is_split_at_the_ends_of_lines(void **state)
{
	struct buf body = {0}, joined = {0};
	struct chat_post post = {.mark = "fd-k3q9x2m7", .headline = "long"};
	cJSON *blocks, *json;

	(void)state;
	for (int i = 0; i < 180; i++)
		buf_addf(&body, "line %d with <some> text & more of it\n", i);
	post.body = buf_text(&body);
	json = posted(&post, &blocks);
	assert_true(cJSON_GetArraySize(blocks) >= 4);
	for (int i = 1; i < cJSON_GetArraySize(blocks); i++) {
		const char *text = block_text(cJSON_GetArrayItem(blocks, i));

		assert_true(strlen(text) <= 2900);
		assert_memory_equal(text, "line ", 5);
		buf_addf(&joined, "%s\n", text);
	}
	assert_non_null(strstr(buf_text(&joined), "line 179 with &lt;some&gt; text &amp;"));
	cJSON_Delete(json);
	buf_done(&body);
	buf_done(&joined);
}

static void a_body_that_is_too_long_is_cut_and_says_so(void **state)
{
	struct buf body = {0};
	struct chat_post post = {.mark = "fd-k3q9x2m7", .headline = "long"};
	size_t sum = 0;
	cJSON *blocks, *json;

	(void)state;
	for (int i = 0; i < 100000; i++)
		buf_adds(&body, i % 2 == 0 ? "<" : "\xe2\x82\xac");
	post.body = buf_text(&body);
	json = posted(&post, &blocks);
	for (int i = 1; i < cJSON_GetArraySize(blocks); i++) {
		const char *text = block_text(cJSON_GetArrayItem(blocks, i));
		size_t len = strlen(text), repaired_len;
		char *repaired = slack_repair(text, len, &repaired_len);
		struct buf plain = {0};

		assert_true(len > 0 && len <= 2900);
		assert_string_equal(repaired, text); /* no character was cut */
		slack_plain(&plain, text);
		assert_null(strchr(buf_text(&plain), '&')); /* nor an entity */
		sum += len;
		buf_done(&plain);
		free(repaired);
	}
	assert_true(sum < 13000 && sum > 8000);
	assert_non_null(
	    strstr(block_text(cJSON_GetArrayItem(blocks, cJSON_GetArraySize(blocks) - 1)), "cut"));
	cJSON_Delete(json);
	buf_done(&body);
}

static void empty_texts_make_no_empty_blocks(void **state)
{
	const struct chat_post post = {
	    .mark = "fd-k3q9x2m7", .headline = "", .body = "\n \n", .footer = " "};
	cJSON *blocks, *json = posted(&post, &blocks);

	(void)state;
	assert_int_equal(cJSON_GetArraySize(blocks), 1);
	assert_string_equal(block_text(cJSON_GetArrayItem(blocks, 0)), "-");
	cJSON_Delete(json);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(good_text_is_not_changed),
	    cmocka_unit_test(bytes_that_are_not_utf8_become_replacement_characters),
	    cmocka_unit_test(nuls_are_dropped_and_half_characters_replaced),
	    cmocka_unit_test(links_become_address_and_label),
	    cmocka_unit_test(what_only_looks_like_markup_stays),
	    cmocka_unit_test(entities_are_unescaped_once),
	    cmocka_unit_test(escaping_is_undone_by_unescaping),
	    cmocka_unit_test(an_alertmanager_message_is_read_from_its_attachment),
	    cmocka_unit_test(every_part_of_an_attachment_is_read),
	    cmocka_unit_test(a_fallback_that_says_the_same_is_left_out),
	    cmocka_unit_test(blocks_are_read_however_they_nest),
	    cmocka_unit_test(pieces_of_rich_text_are_one_line),
	    cmocka_unit_test(odd_types_are_not_read),
	    cmocka_unit_test(deep_nesting_is_not_followed_to_the_end),
	    cmocka_unit_test(a_long_text_is_cut_at_a_whole_character),
	    cmocka_unit_test(our_mark_is_found_in_blocks_and_in_attachments),
	    cmocka_unit_test(a_post_carries_its_mark_colour_and_texts),
	    cmocka_unit_test(a_loud_post_calls_people_outside_the_attachment),
	    cmocka_unit_test(a_reply_can_be_shown_in_the_channel_too),
	    cmocka_unit_test(an_edit_names_the_message),
	    cmocka_unit_test(a_long_body_is_split_at_the_ends_of_lines),
	    cmocka_unit_test(a_body_that_is_too_long_is_cut_and_says_so),
	    cmocka_unit_test(empty_texts_make_no_empty_blocks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
