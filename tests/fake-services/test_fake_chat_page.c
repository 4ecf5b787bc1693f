/* The fake chat's page: people can read it, and no text can become more than text. */
#include <event2/event.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "fake-services/page/page.h"
#include "src/base/buf.h"
#include "src/base/mem.h"
#include "tests/fake-services/with_chat.h"

static void assert_html(const char *text, const char *expected)
{
	struct buf html = {0};

	fake_page_mrkdwn(&html, text);
	assert_string_equal(buf_text(&html), expected);
	buf_done(&html);
}

static void marks_become_bold_italic_struck_and_code(void **state)
{
	(void)state;
	assert_html("*b* _i_ ~s~ `c`", "<b>b</b> <i>i</i> <s>s</s> <code>c</code>");
	assert_html("*b _i_*", "<b>b <i>i</i></b>");
	assert_html("a*b* 2 * 3 * 4 snake_case_name", "a*b* 2 * 3 * 4 snake_case_name");
	assert_html("`*not bold*`", "<code>*not bold*</code>");
	assert_html("*open\n*", "*open<br>*");
	assert_html("```a\n<b>```\nc", "<pre>a\n&lt;b&gt;</pre>c");
}

static void links_are_links_only_to_the_web_and_mail(void **state)
{
	(void)state;
	assert_html("<https://x.example/a|the book>",
		    "<a rel=\"noopener noreferrer\" href=\"https://x.example/a\">the book</a>");
	assert_html("<https://x.example/?a=1&amp;b=2>",
		    "<a rel=\"noopener noreferrer\" href=\"https://x.example/?a=1&amp;b=2\">"
		    "https://x.example/?a=1&amp;b=2</a>");
	assert_html("<javascript:alert(1)|x>", "&lt;javascript:alert(1)|x&gt;");
	assert_html(
	    "<https://x.example/\"onclick=\"a|<b>",
	    "<a rel=\"noopener noreferrer\" href=\"https://x.example/&quot;onclick=&quot;a\">"
	    "&lt;b</a>");
	assert_html("<!channel> <@U1|ana> <#C1|ops>",
		    "<span class=\"at\">@channel</span> <span class=\"at\">@ana</span> "
		    "<span class=\"at\">#ops</span>");
}

static void escaped_text_is_not_escaped_twice_and_the_rest_always(void **state)
{
	(void)state;
	assert_html("&lt;b&gt; &amp; <b> & \"'", "&lt;b&gt; &amp; &lt;b&gt; &amp; &quot;&#39;");
	assert_html("&gt; quoted\n> too\nnot", "<blockquote>quoted<br>too</blockquote>not");
	assert_html("", "");
	assert_html("*", "*");
	assert_html("<", "&lt;");
	assert_html("``````", "<pre></pre>");
}

static void a_very_long_text_is_cut(void **state)
{
	char *text = mem_zalloc(1000001);
	struct buf html = {0};

	(void)state;
	memset(text, '*', 1000000);
	fake_page_mrkdwn(&html, text);
	assert_true(html.len < 100000);
	assert_non_null(strstr(buf_text(&html), "(cut)"));
	buf_done(&html);
	free(text);
}

static const char *page(struct with_chat *with, const char *path, int status)
{
	assert_int_equal(chat_ask(with, "GET", path, NULL, NULL, NULL)->status, status);
	return with->answer->body;
}

static void the_page_shows_channels_messages_threads_and_edits(void **state)
{
	struct with_chat *with = *state;
	const char *html;

	(void)fake_chat_add_channel(with->chat, "general", 0);
	(void)fake_chat_post(with->chat, "ops",
			     &(struct fake_post){.text = "first", .ts = "1700000000.000100"});
	(void)fake_chat_post(
	    with->chat, "ops",
	    &(struct fake_post){.text = "an answer", .thread_ts = "1700000000.000100"});
	(void)fake_chat_edit(with->chat, "ops", "1700000000.000100",
			     &(struct fake_post){.text = "*second*"});
	(void)fake_chat_post(
	    with->chat, "ops",
	    &(struct fake_post){.username = "Alertmanager",
				.json = "{\"attachments\":[{\"color\":\"danger\",\"title\":\"A\","
					"\"text\":\"runbook: https://x.example\"}]}"});
	html = page(with, "/", 200);
	assert_non_null(strstr(html, "# general"));
	assert_non_null(strstr(html, "<b>second</b>"));
	assert_non_null(strstr(html, "(edited)"));
	assert_non_null(strstr(html, "1 reply"));
	assert_non_null(strstr(html, "an answer"));
	assert_non_null(strstr(html, "--bar:#a30200"));
	assert_non_null(strstr(html, "href=\"https://x.example\""));
	assert_non_null(strstr(html, "datetime=\"2023-11-14T22:13:20.000Z\""));
	assert_non_null(strstr(html, "width=device-width"));
	assert_non_null(strstr(with->answer->policy, "script-src 'self'"));
	assert_null(strstr(page(with, "/channel/general", 200), "second"));
}

static void a_thread_is_folded_unless_the_link_leads_into_it(void **state)
{
	struct with_chat *with = *state;
	char *path =
	    mem_printf("/archives/%s/p1700000001000000?thread_ts=1700000000.000000", with->ops);

	(void)fake_chat_post(with->chat, "ops",
			     &(struct fake_post){.text = "p", .ts = "1700000000.000000"});
	(void)fake_chat_post(with->chat, "ops",
			     &(struct fake_post){.text = "r",
						 .ts = "1700000001.000000",
						 .thread_ts = "1700000000.000000"});
	assert_non_null(strstr(page(with, "/", 200), "id=\"t1700000000000000\">"));
	assert_non_null(strstr(page(with, path, 200), "id=\"t1700000000000000\" open>"));
	free(path);
}

static void a_permalink_marks_its_message(void **state)
{
	struct with_chat *with = *state;
	char *path = mem_printf("/archives/%s/p1700000000000100", with->ops);

	(void)fake_chat_post(with->chat, "ops",
			     &(struct fake_post){.text = "x", .ts = "1700000000.000100"});
	assert_non_null(strstr(page(with, path, 200), "message marked"));
	free(path);
	(void)page(with, "/archives/C9/p1", 404);
	(void)page(with, "/channel/nowhere", 404);
	(void)page(with, "/nothing", 404);
	assert_true(strlen(page(with, "/chat.css", 200)) > 1000);
	assert_true(strlen(page(with, "/chat.js", 200)) > 500);
}

static void hostile_texts_stay_texts(void **state)
{
	struct with_chat *with = *state;
	const char *html;

	(void)fake_chat_add_channel(with->chat, "x\"><script>1", 0);
	(void)fake_chat_post(
	    with->chat, "ops",
	    &(struct fake_post){
		.username = "<script>2",
		.json =
		    "{\"text\":\"<script>3\",\"attachments\":[{\"color\":\"0;}<script>4\","
		    "\"title\":\"<script>5\",\"title_link\":\"javascript:6\",\"text\":\"<script>7\","
		    "\"pretext\":\"<script>8\",\"footer\":\"<script>9\",\"fields\":[{\"title\":"
		    "\"<script>10\",\"value\":\"<script>11\"}]},{\"blocks\":[{\"type\":\"section\","
		    "\"text\":{\"type\":\"plain_text\",\"text\":\"<script>12\"}},{\"type\":\"actions\","
		    "\"elements\":[{\"type\":\"button\",\"style\":\"\\\"><script>13\",\"text\":"
		    "{\"type\":\"plain_text\",\"text\":\"<script>14\"}}]}]}]}"});
	html = page(with, "/", 200);
	assert_non_null(strstr(html, "&lt;script&gt;14"));
	assert_null(strstr(html, "<script>"));
	assert_null(strstr(html, "javascript:6"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, with_chat_setup, with_chat_teardown)
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(marks_become_bold_italic_struck_and_code),
	    cmocka_unit_test(links_are_links_only_to_the_web_and_mail),
	    cmocka_unit_test(escaped_text_is_not_escaped_twice_and_the_rest_always),
	    cmocka_unit_test(a_very_long_text_is_cut),
	    TEST(the_page_shows_channels_messages_threads_and_edits),
	    TEST(a_thread_is_folded_unless_the_link_leads_into_it),
	    TEST(a_permalink_marks_its_message),
	    TEST(hostile_texts_stay_texts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
