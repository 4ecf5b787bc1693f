/* What a delivered alert has proven. */
#include "src/engine/proof.h"

#include <stdlib.h>

const char *proof_kind_name(enum hop_item_kind kind)
{
	switch (kind) {
	case HOP_ITEM_RULE:
		return "rule";
	case HOP_ITEM_RECEIVER:
		return "receiver";
	}
	return "";
}

void proof_done(struct proof *proof)
{
	free(proof->station);
	free(proof->name);
	free(proof->detail);
	*proof = (struct proof){0};
}
