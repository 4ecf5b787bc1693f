/* A client of the web server in tests: says any bytes, and reads to the end. */
#ifndef TESTS_PROGRAM_VISITOR_H
#define TESTS_PROGRAM_VISITOR_H

#include <stdbool.h>
#include <stddef.h>

#include "src/base/buf.h"

struct visitor {
	int fd;
	struct buf got;
	bool ended; /* the server sends no more */
	bool reset; /* ... or has cut the connection */
};

/* address as of web_address. Connects, which takes nobody to accept. */
void visitor_come(struct visitor *visitor, const char *address);
void visitor_say(struct visitor *visitor, const char *bytes, size_t len);
/* Reads what is there. True when the server has ended; as a condition for loops. */
bool visitor_has_all(void *visitor);
void visitor_go(struct visitor *visitor);

int visitor_status(const struct visitor *visitor);       /* of the answer; 0: none came */
const char *visitor_body(const struct visitor *visitor); /* borrowed; "": none */
/* Is this line among the headers? */
bool visitor_has_header(const struct visitor *visitor, const char *line);

#endif
