/* Everything that is known of one drill. */
#include "src/engine/record.h"

int64_t record_wall_ms(const struct drill_record *record, int64_t at_ms)
{
	return record->started_wall_ms + (at_ms - record->started_ms);
}
