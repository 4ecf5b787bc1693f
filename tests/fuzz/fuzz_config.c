/* Any bytes as firedrill.cfg: a configuration or mistakes, never both, and no secret repeated. */
#include "tests/fuzz/fuzz.h"

#include <string.h>

#include "scenarios/load.h"
#include "scenarios/secretlike.h"
#include "src/base/mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_dup_n((const char *)data, size);
	struct mistakes mistakes = {0};
	struct config *config = load_config_text("none/firedrill.cfg", text, &mistakes);

	PROMISE((config == NULL) == (mistakes.count > 0));
	for (size_t i = 0; i < mistakes.count; i++) {
		const struct mistake *mistake = &mistakes.list[i];

		PROMISE(secretlike_find(mistake->text, strlen(mistake->text), NULL, NULL) == NULL);
		/* syntax_check finds everything that libconfig would not read */
		PROMISE(strncmp(mistake->text, "libconfig:", 10) != 0);
	}
	if (config != NULL) {
		PROMISE(config->chat_count > 0 && config->environment_count > 0);
		PROMISE(config->state != NULL && config->scenarios != NULL);
		for (size_t i = 0; i < config->chat_count; i++)
			PROMISE(config->chats[i].token != NULL && config->chats[i].poll_ms > 0);
	}
	mistakes_done(&mistakes);
	config_free(config);
	free(text);
	return 0;
}
