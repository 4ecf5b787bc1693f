/* What firedrill and its guardian say to each other: packets of one fixed shape over a
 * SOCK_SEQPACKET socket pair.  Both ends are the same program file. unix(7) */
#ifndef PROGRAM_WIRE_H
#define PROGRAM_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "src/base/id.h"

/* Descriptors of the guardian. */
#define WIRE_SOCKET 3
#define WIRE_LOCKS  4

#define WIRE_HOLDS_MAX 128  /* faults in place at once; all of their HOLDs fit into the socket */
#define WIRE_TICK_MS   1000 /* between two signs of life while something is held */

enum wire_word {
	WIRE_HOLD = 1, /* firedrill: a fault will be in place for at most lease_ms from now */
	WIRE_RELEASE,  /* firedrill: it is over */
	WIRE_TICK,     /* firedrill: I am alive */
	WIRE_BYE,      /* firedrill: all is over, do not take my end for a death */
	WIRE_READY,    /* guardian: I could put things right now */
	WIRE_TOCK,     /* guardian: so am I */
	WIRE_REFUSED   /* guardian: I could not, and why; it ends */
};

struct wire_message {
	uint32_t word;          /* enum wire_word */
	char drill[ID_LEN + 1]; /* HOLD and RELEASE; else "" */
	int64_t lease_ms;       /* HOLD */
	char text[256];         /* REFUSED */
};

/* Never waits. False: the other end is gone, or does not listen any more. */
bool wire_send(int fd, const struct wire_message *message);

enum wire_got {
	WIRE_MESSAGE,
	WIRE_NOTHING, /* now */
	WIRE_END,     /* the other end is closed */
	WIRE_NONSENSE /* a packet that is no message; it is gone */
};
/* Never waits. */
enum wire_got wire_receive(int fd, struct wire_message *ret_message);

#endif
