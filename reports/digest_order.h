/* The order in which the digest tells. */
#ifndef REPORTS_DIGEST_ORDER_H
#define REPORTS_DIGEST_ORDER_H

#include "reports/digest_text.h"

/* Sorts each list: the oldest gap, the slowest, the most often skipped or flaky, the oldest proof first. */
void digest_order(struct digest *digest);

#endif
