/* What goes back over the wire: one answer, and the connection's end. */
#ifndef PROGRAM_WEB_ANSWER_H
#define PROGRAM_WEB_ANSWER_H

#include <stdbool.h>

#include "src/program/serve/web.h"

struct evbuffer;

/* Says no: the status, and one sentence as plain text. */
void web_answer_refuse(struct web_answer *answer, int status, const char *why);

/* The line, the headers and, unless only they were asked for, the body, which is taken over. */
void web_answer_write(struct web_answer *answer, bool head, struct evbuffer *output);

#endif
