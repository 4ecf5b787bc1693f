/* What must be true of every text that is shown to people. */
#ifndef TESTS_REPORTS_CHECK_TEXT_H
#define TESTS_REPORTS_CHECK_TEXT_H

#include <stdbool.h>
#include <stddef.h>

/* Valid UTF-8, by somebody else's judgement: iconv's. */
bool text_is_utf8(const char *text);

/* A control character, C1 as UTF-8 included; line ends are allowed when `lines`. */
bool text_has_control(const char *text, bool lines);

/* Characters after a chat's escaping of '&', '<' and '>'. */
size_t text_escaped_len(const char *text);

#endif
