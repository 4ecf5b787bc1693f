/* The parts of the chat page that are files of their own, built in; NUL-terminated. */
#ifndef FAKE_SERVICES_PAGE_H
#define FAKE_SERVICES_PAGE_H

extern const char fake_page_css[];
extern const char fake_page_js[];

struct buf;

/* Text as Slack's mrkdwn turned into HTML: nothing in it can become markup of its own.  At most
 * 8,000 bytes are shown. https://docs.slack.dev/messaging/formatting-message-text */
void fake_page_mrkdwn(struct buf *html, const char *text);

/* The same without formatting: "&amp;", "&lt;", "&gt;" are resolved, everything is escaped. */
void fake_page_plain(struct buf *html, const char *text);

/* For attributes and foreign names: every special character is escaped, as it stands. */
void fake_page_escape(struct buf *html, const char *text);

#endif
