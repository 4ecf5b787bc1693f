/* What must fit together in who is told, and who may look: the second path, mail, the pages. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "scenarios/check.h"
#include "src/base/mem.h"

#define SECOND "report.second"
#define MAIL   SECOND ".mail"

/* What the rest of this machine sees only: RFC 1122, section 3.2.1.3, RFC 4291, section 2.5.3. */
static bool is_loopback(const char *address)
{
	size_t digits = strspn(address, "0123456789.");

	return (strncmp(address, "127.", 4) == 0 && address[digits] == ':') ||
	       strncasecmp(address, "localhost:", 10) == 0 || strncmp(address, "[::1]:", 6) == 0;
}

static void check_serve(struct pass *pass, const struct config *config)
{
	if (config->serve.listen == NULL || is_loopback(config->serve.listen) ||
	    (pass_has(pass, "serve.listen") && !pass_is_good(pass, "serve.listen")))
		return;
	if (!pass_has(pass, "serve.token"))
		pass_mistake(pass, "serve.listen",
			     "is open to other machines, and nobody is asked who they are: write "
			     "token = \"env:FIREDRILL_TOKEN\"; or listen on 127.0.0.1");
}

static void check_channel(struct pass *pass, struct config *config)
{
	struct second_settings *second = &config->report.second;
	bool chat = pass_has(pass, SECOND ".chat"), channel = pass_has(pass, SECOND ".channel");

	if (chat && !channel)
		pass_mistake(
		    pass, SECOND ".channel",
		    "is missing: write the channel, such as channel = \"#drills-second\";");
	if (!channel)
		return;
	if (!chat && config->chat_count == 1)
		second->chat = mem_dup(config->chats[0].name);
	else if (!chat && config->chat_count > 1)
		pass_mistake(pass, SECOND ".chat",
			     "is missing: there is more than one chat; say which one has the "
			     "channel");
	if (second->chat != NULL && second->channel != NULL && config->report.chat != NULL &&
	    config->report.channel != NULL && strcmp(second->chat, config->report.chat) == 0 &&
	    strcmp(second->channel, config->report.channel) == 0)
		pass_mistake(pass, SECOND ".channel",
			     "is the report channel itself, which is what may be broken: write "
			     "another one");
}

static void check_address(struct pass *pass, const char *path, const char *text)
{
	if (text != NULL && pass_is_good(pass, path) && !config_is_mail_address(text))
		pass_mistake(pass, path,
			     "\"%.80s\" is not an address of e-mail: write one such as "
			     "\"ops@mail.example\", without a name and brackets",
			     text);
}

static bool is_port(const char *text)
{
	size_t digits = strspn(text, "0123456789");
	int port = 0;

	for (size_t i = 0; i < digits && digits <= 5; i++)
		port = port * 10 + (text[i] - '0');
	return digits > 0 && digits <= 5 && port > 0 && port <= 65535 &&
	       (text[digits] == '\0' || strcmp(text + digits, "/") == 0);
}

/* "smtp://HOST", "smtps://HOST:PORT". */
static bool is_mail_server(const char *text)
{
	const char *host = strstr(text, "://");
	size_t len;

	if (strncmp(text, "smtp://", 7) != 0 && strncmp(text, "smtps://", 8) != 0)
		return false;
	host += 3;
	len = host[0] == '[' ? strcspn(host, "]") + 1
			     : strspn(host, "abcdefghijklmnopqrstuvwxyz"
					    "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_");
	if (len == 0 || len > strlen(host))
		return false;
	return host[len] == '\0' || strcmp(host + len, "/") == 0 ||
	       (host[len] == ':' && is_port(host + len + 1));
}

static void check_mail(struct pass *pass, const struct mail_settings *mail)
{
	bool user = pass_has(pass, MAIL ".user"), password = pass_has(pass, MAIL ".password");

	if (mail->server != NULL && pass_is_good(pass, MAIL ".server") &&
	    !is_mail_server(mail->server))
		pass_mistake(pass, MAIL ".server",
			     "is no mail server: write \"smtp://mail.example:587\" or "
			     "\"smtps://mail.example\", without a user and a path");
	if (user && !password)
		pass_mistake(
		    pass, MAIL ".password",
		    "is missing: the user needs one; write where it is, such as password = "
		    "\"env:MAIL_PASSWORD\";");
	if (password && !user)
		pass_mistake(pass, MAIL ".user",
			     "is missing: say whose password it is, or take the password out");
	check_address(pass, MAIL ".from", mail->from);
	for (size_t i = 0; i < mail->to.count; i++) {
		char path[64];

		(void)snprintf(path, sizeof path, MAIL ".to[%zu]", i);
		if (!config_is_mail_address(mail->to.list[i]))
			check_address(pass, pass_has(pass, path) ? path : MAIL ".to",
				      mail->to.list[i]);
	}
}

void check_told(struct pass *pass, struct config *config)
{
	check_serve(pass, config);
	if (!pass_has(pass, SECOND))
		return;
	check_channel(pass, config);
	if (pass_has(pass, MAIL))
		check_mail(pass, &config->report.second.mail);
	if (!pass_has(pass, SECOND ".chat") && !pass_has(pass, SECOND ".channel") &&
	    !pass_has(pass, SECOND ".webhook") && !pass_has(pass, MAIL))
		pass_mistake(pass, SECOND,
			     "tells nobody: write webhook = \"env:OTHER_CHAT_WEBHOOK\"; or channel "
			     "= \"#drills-second\"; or mail = { ... }; or take it out");
}
