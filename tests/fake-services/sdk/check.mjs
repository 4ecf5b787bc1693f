// Slack's own clients against our fake chat: what they expect of Slack, the fake must do.
// Usage: node check.mjs FOLDER-WITH-NODE_MODULES FAKE-SERVICES-PROGRAM
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import path from "node:path";
import readline from "node:readline";
import test, { after } from "node:test";

const [modules, program] = process.argv.slice(2);
const require = createRequire(path.join(path.resolve(modules), "package.json"));
const { ErrorCode, LogLevel, WebClient, WebClientEvent } = require("@slack/web-api");
const { IncomingWebhook } = require("@slack/webhook");

// ---- the fake chat as a child; it ends with us ------------------------------------------------

const token = "xoxb-official-client";
const child = spawn(program, ["chat", "--control", "--channel", "sdk"], {
	env: { ...process.env, FAKE_CHAT_TOKEN: token }, stdio: ["ignore", "pipe", "inherit"],
});
const line = await new Promise((found, failed) => {
	readline.createInterface({ input: child.stdout }).once("line", found);
	child.once("exit", (code) => failed(new Error(`fake-services ended with ${code}`)));
});
const said = JSON.parse(line);
const channel = said.channels.sdk;
after(() => child.kill());
process.on("exit", () => child.kill());

async function control(verb, what, body) {
	const answer = await fetch(`${said.url}/control/${what}`, {
		method: verb, body: body && JSON.stringify(body),
	});
	assert.equal(answer.status, 200);
}

// Misbehaves during `work` only.
async function whileWrong(wrong, work) {
	await control("PUT", "wrong", wrong);
	try {
		return await work();
	} finally {
		await control("DELETE", "wrong");
	}
}

function client(as = token, options = {}) {
	return new WebClient(as, {
		slackApiUrl: `${said.api}/`, logLevel: LogLevel.ERROR, retryConfig: { retries: 0 },
		...options,
	});
}

const slack = client();

async function refused(promise, code) {
	let caught;
	await assert.rejects(promise, (error) => {
		caught = error;
		assert.equal(error.code, ErrorCode.PlatformError);
		assert.equal(error.data.ok, false);
		assert.equal(error.data.error, code);
		return true;
	});
	return caught;
}

async function post(text, more = {}) {
	return (await slack.chat.postMessage({ channel, text, ...more })).ts;
}

const stamps = (page) => page.messages.map((message) => message.ts);
const ascending = (list) => [...list].sort();

// ---- who and where ---------------------------------------------------------------------------

test("auth.test says whose token it is, and its scopes come with every answer", async () => {
	const answer = await slack.auth.test();
	assert.equal(answer.user, "firedrill");
	assert.match(answer.bot_id, /^B/);
	assert.match(answer.user_id, /^U/);
	assert.match(answer.team_id, /^T/);
	assert.equal(answer.url, `${said.url}/`);
	assert.ok(answer.response_metadata.scopes.includes("channels:history"));
});

test("api.test gives the arguments back", async () => {
	const answer = await slack.api.test({ foo: "bar" });
	assert.equal(answer.args.foo, "bar");
	await refused(slack.api.test({ error: "my_error" }), "my_error");
});

test("channels are listed to their end by the pagination iterator", async () => {
	const names = [];
	for await (const page of slack.paginate("conversations.list", { limit: 1 })) {
		assert.ok(page.channels.length <= 1);
		names.push(...page.channels.map((one) => one.name));
	}
	assert.deepEqual(names, ["ops-staging", "ops", "general", "drills", "sdk"]);
	const { channels } = await slack.users.conversations({ types: "public_channel" });
	assert.ok(channels.every((one) => one.is_member === true));
});

test("conversations.info describes a channel", async () => {
	const { channel: one } = await slack.conversations.info({ channel });
	assert.equal(one.name, "sdk");
	assert.equal(one.is_archived, false);
	assert.equal(one.is_private, false);
});

// ---- posting ---------------------------------------------------------------------------------

test("attachments and blocks are posted, normalised and read back", async () => {
	const { ts, message } = await slack.chat.postMessage({
		channel: "#sdk", text: "a &lt; b & https://x.example/a.",
		attachments: [
			{ color: "danger", title: "[FIRING:1] Sdk", text: "", fallback: "see http://am.example" },
			{ color: "#d1242f", blocks: [
				{ type: "section", block_id: "firedrill:fd-k3q9x2m7",
					text: { type: "mrkdwn", text: "*bold*" } },
			] },
		],
		blocks: [{ type: "divider" }],
		metadata: { event_type: "drill", event_payload: { id: "fd-k3q9x2m7" } },
	});
	assert.equal(message.text, "a &lt; b & <https://x.example/a>.");
	const { messages: [read] } = await slack.conversations.history({
		channel, latest: ts, inclusive: true, limit: 1,
	});
	assert.equal(read.ts, ts);
	assert.equal(read.type, "message");
	assert.equal(read.subtype, undefined);
	assert.equal(read.bot_profile.name, "firedrill");
	assert.equal(read.metadata, undefined);
	const [first, second] = read.attachments;
	assert.deepEqual([first.id, first.color, first.text], [1, "a30200", undefined]);
	assert.equal(first.fallback, "see <http://am.example>");
	assert.deepEqual([second.id, second.color], [2, "d1242f"]);
	assert.equal(second.blocks[0].block_id, "firedrill:fd-k3q9x2m7");
	assert.ok(read.blocks[0].block_id);
	const { messages: [full] } = await slack.conversations.history({
		channel, oldest: ts, inclusive: true, limit: 1, include_all_metadata: true,
	});
	assert.equal(full.metadata.event_payload.id, "fd-k3q9x2m7");
});

test("a message is edited in place and deleted", async () => {
	const ts = await post("before", { attachments: [{ text: "stays" }] });
	const updated = await slack.chat.update({ channel, ts, text: "after" });
	assert.equal(updated.text, "after");
	assert.equal(updated.ts, ts);
	const { messages: [read] } = await slack.conversations.history({
		channel, oldest: ts, inclusive: true, limit: 1,
	});
	assert.equal(read.text, "after");
	assert.equal(read.attachments[0].text, "stays");
	assert.ok(read.edited.ts && read.edited.user);
	await slack.chat.delete({ channel, ts });
	await refused(slack.chat.getPermalink({ channel, message_ts: ts }), "message_not_found");
});

test("text over 40,000 characters is cut, and the client is warned", async () => {
	const answer = await slack.chat.postMessage({ channel, text: "x".repeat(40001) });
	assert.deepEqual(answer.response_metadata.warnings, ["message_truncated"]);
	assert.equal(answer.message.text.length, 40000);
});

test("a permalink opens the page that shows the message", async () => {
	const ts = await post("linked <script>");
	const { permalink } = await slack.chat.getPermalink({ channel, message_ts: ts });
	assert.ok(permalink.endsWith(`/archives/${channel}/p${ts.replace(".", "")}`));
	const page = await fetch(permalink);
	assert.equal(page.status, 200);
	const html = await page.text();
	assert.ok(html.includes("linked &lt;script&gt;"));
});

test("an ephemeral message is in no history", async () => {
	const { message_ts: ts } = await slack.chat.postEphemeral({ channel, user: "U1", text: "x" });
	const { messages } = await slack.conversations.history({
		channel, latest: ts, inclusive: true, limit: 1,
	});
	assert.notEqual(messages[0]?.ts, ts);
});

// ---- reading ---------------------------------------------------------------------------------

test("history with both bounds comes backwards, page by page, bounds left out", async () => {
	const sent = [];
	for (let i = 0; i < 7; i++) sent.push(await post(`both ${i}`));
	const pages = [];
	for await (const page of slack.paginate("conversations.history",
		{ channel, oldest: sent[0], latest: sent[6], limit: 2 })) {
		assert.deepEqual(stamps(page), ascending(stamps(page)).reverse());
		pages.push(stamps(page));
	}
	assert.deepEqual(pages, [[sent[5], sent[4]], [sent[3], sent[2]], [sent[1]]]);
	const inclusive = await slack.conversations.history({
		channel, oldest: sent[0], latest: sent[6], inclusive: true,
	});
	assert.equal(inclusive.messages.length, 7);
	assert.equal(inclusive.has_more, false);
});

test("history with oldest alone comes forwards, page by page", async () => {
	const sent = [];
	for (let i = 0; i < 5; i++) sent.push(await post(`oldest ${i}`));
	const pages = [];
	for await (const page of slack.paginate("conversations.history",
		{ channel, oldest: sent[0], limit: 2 }))
		pages.push(stamps(page));
	assert.deepEqual(pages, [[sent[2], sent[1]], [sent[4], sent[3]]]);
	await whileWrong({ page_backwards: true }, async () => {
		const { messages } = await slack.conversations.history({
			channel, oldest: sent[0], limit: 2,
		});
		assert.deepEqual(stamps({ messages }), [sent[4], sent[3]]);
	});
});

test("replies are in their thread, not in the channel, and their parent tells of them", async () => {
	const parent = await post("parent");
	const one = await post("one", { thread_ts: parent });
	const two = await post("two", { thread_ts: parent, reply_broadcast: true });
	const pages = [];
	for await (const page of slack.paginate("conversations.replies",
		{ channel, ts: parent, limit: 2 }))
		pages.push(stamps(page));
	assert.deepEqual(pages, [[parent, one], [two]]);
	const { messages } = await slack.conversations.history({
		channel, oldest: parent, inclusive: true,
	});
	assert.deepEqual(stamps({ messages }), [two, parent]);
	const told = messages[1];
	assert.equal(told.thread_ts, parent);
	assert.equal(told.reply_count, 2);
	assert.equal(told.latest_reply, two);
	assert.equal(messages[0].subtype, "thread_broadcast");
});

// ---- mistakes --------------------------------------------------------------------------------

test("mistakes have Slack's own error codes", async () => {
	const theirs = await new IncomingWebhook(said.webhooks.sdk).send("theirs");
	assert.equal(theirs.text, "ok");
	const { messages: [hooked] } = await slack.conversations.history({ channel, limit: 1 });
	await refused(client("xoxb-wrong").auth.test(), "invalid_auth");
	await refused(client(null).auth.test(), "not_authed");
	await refused(slack.apiCall("no.such_method"), "unknown_method");
	await refused(slack.conversations.history({ channel: "C0NOWHERE" }), "channel_not_found");
	await refused(slack.conversations.history({ channel, limit: 1000 }), "invalid_limit");
	await refused(slack.conversations.history({ channel, cursor: "x" }), "invalid_cursor");
	await refused(slack.conversations.history({ channel, oldest: "x" }), "invalid_ts_oldest");
	await refused(slack.conversations.replies({ channel, ts: "1.000001" }), "thread_not_found");
	await refused(slack.chat.postMessage({ channel: "C0NOWHERE", text: "x" }), "channel_not_found");
	await refused(slack.chat.postMessage({ channel, text: "" }), "no_text");
	await refused(slack.chat.update({ channel, ts: "1.000001", text: "x" }), "message_not_found");
	await refused(slack.chat.update({ channel, ts: hooked.ts, text: "x" }), "cant_update_message");
	await refused(slack.chat.update({ channel, ts: await post("x"), text: "x".repeat(4001) }),
		"msg_too_long");
});

test("a block that is too long is refused with the place of the mistake", async () => {
	const error = await refused(slack.chat.postMessage({ channel, text: "x", blocks: [
		{ type: "section", text: { type: "mrkdwn", text: "x".repeat(3001) } },
	] }), "invalid_blocks");
	assert.match(error.data.response_metadata.messages[0], /3001.*\/blocks\/0\/text/);
});

test("rights are checked: scopes, membership, archived, revoked", async () => {
	await control("PUT", "token", { token: "xoxb-poor", name: "poor", scopes: "chat:write" });
	await control("PUT", "token", { token: "xoxb-old", revoked: true });
	await control("PUT", "channel", { name: "far" });
	await control("PUT", "channel", { name: "dusty", member: true, archived: true });
	const { channels } = await slack.conversations.list();
	const id = (name) => channels.find((one) => one.name === name).id;
	const poor = client("xoxb-poor");
	const error = await refused(poor.conversations.history({ channel }), "missing_scope");
	assert.equal(error.data.needed, "channels:history");
	assert.equal(error.data.provided, "chat:write");
	await refused(poor.chat.postMessage({ channel: "far", text: "x" }), "not_in_channel");
	await refused(client("xoxb-old").auth.test(), "token_revoked");
	await refused(slack.conversations.history({ channel: id("far") }), "not_in_channel");
	await refused(slack.chat.postMessage({ channel: id("dusty"), text: "x" }), "is_archived");
	await refused(slack.conversations.join({ channel: id("dusty") }), "is_archived");
	await slack.conversations.join({ channel: id("far") });
	assert.ok((await slack.conversations.history({ channel: id("far") })).ok);
});

// ---- limits and failures ---------------------------------------------------------------------

test("a rate limit is understood: told, waited for, and then the call succeeds", async () => {
	await whileWrong({ rate_limited: true, retry_after_s: 1, times: 1 }, async () => {
		const patient = client(token, { retryConfig: { retries: 1 } });
		const waits = [];
		patient.on(WebClientEvent.RATE_LIMITED, (seconds) => waits.push(seconds));
		assert.ok((await patient.auth.test()).ok);
		assert.deepEqual(waits, [1]);
	});
});

test("a client that does not wait is told when to come back", async () => {
	await whileWrong({ rate_limited: true, retry_after_s: 30 }, async () => {
		const hasty = client(token, { rejectRateLimitedCalls: true });
		await assert.rejects(hasty.conversations.history({ channel }), (error) => {
			assert.equal(error.code, ErrorCode.RateLimitedError);
			assert.equal(error.retryAfter, 30);
			return true;
		});
	});
});

test("the capped tier gives 15 messages and then a rate limit of its own", async () => {
	for (let i = 0; i < 16; i++) await post(`capped ${i}`);
	await whileWrong({ capped_tier: true }, async () => {
		const hasty = client(token, { rejectRateLimitedCalls: true });
		const page = await hasty.conversations.history({ channel, limit: 200 });
		assert.equal(page.messages.length, 15);
		assert.equal(page.has_more, true);
		await assert.rejects(hasty.conversations.history({ channel }),
			(error) => error.retryAfter > 0 && error.retryAfter <= 60);
	});
});

test("server errors are retried by the client's own rules", async () => {
	await whileWrong({ status: 503, times: 1 }, async () => {
		const patient = client(token, { retryConfig: { retries: 2, minTimeout: 1, maxTimeout: 1 } });
		assert.ok((await patient.auth.test()).ok);
	});
	await whileWrong({ status: 500 }, async () => {
		await assert.rejects(slack.auth.test(), (error) => error.code === ErrorCode.HTTPError);
	});
});

// ---- webhooks --------------------------------------------------------------------------------

test("the official webhook client posts attachments", async () => {
	const hook = new IncomingWebhook(said.webhooks.sdk);
	assert.equal((await hook.send({ attachments: [{ color: "good", title: "[RESOLVED] Sdk" }] })).text,
		"ok");
	const { messages: [read] } = await slack.conversations.history({ channel, limit: 1 });
	assert.equal(read.subtype, "bot_message");
	assert.equal(read.user, undefined);
	assert.equal(read.text, "");
	assert.equal(read.username, "Alertmanager");
	assert.equal(read.attachments[0].color, "2eb886");
});

test("the official webhook client is refused with a status and a word", async () => {
	const refusedHook = (url, message, status, body) =>
		assert.rejects(new IncomingWebhook(url).send(message), (error) => {
			assert.equal(error.code, "slack_webhook_http_error");
			assert.equal(error.statusCode, status);
			assert.equal(error.body, body);
			return true;
		});
	await refusedHook(`${said.url}/services/T/B/none`, "x", 404, "no_service");
	await refusedHook(said.webhooks.sdk, { text: "" }, 400, "no_text");
	await whileWrong({ rate_limited: true }, () =>
		refusedHook(said.webhooks.sdk, "x", 429, "rate_limited"));
});
