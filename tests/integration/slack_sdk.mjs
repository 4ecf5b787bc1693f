// Slack's own client against our fake chat: what it expects of Slack, the fake must do.
// Usage: node slack_sdk.mjs WEB-API-MODULE CHAT-URL TOKEN CHANNEL
import assert from "node:assert/strict";
import { createRequire } from "node:module";
import test from "node:test";

const [module, url, token, channelName] = process.argv.slice(2);
const { WebClient, ErrorCode, LogLevel } = createRequire(import.meta.url)(module);
const client = (as = token) => new WebClient(as, {
    slackApiUrl: `${url}/api/`, logLevel: LogLevel.ERROR, retryConfig: { retries: 0 },
});
const slack = client();

async function channelId() {
    for await (const page of slack.paginate("conversations.list", { limit: 1 })) {
        const found = page.channels.find((channel) => channel.name === channelName);
        if (found) return found.id;
    }
    throw new Error(`no channel ${channelName}`);
}

async function refused(promise, code) {
    await assert.rejects(promise, (error) => {
        assert.equal(error.code, ErrorCode.PlatformError);
        assert.equal(error.data.error, code);
        return true;
    });
}

test("the token says whose it is", async () => {
    const said = await slack.auth.test();
    assert.ok(said.ok && said.user_id && said.bot_id && said.team_id && said.url);
});

test("channels are found page by page, and one by its id", async () => {
    const id = await channelId();
    const { channel } = await slack.conversations.info({ channel: id });
    assert.equal(channel.name, channelName);
    assert.equal(channel.is_member, true);
    assert.equal(channel.is_archived, false);
});

test("what is posted is read back, with attachments and blocks", async () => {
    const channel = await channelId();
    const posted = await slack.chat.postMessage({
        channel, text: "a < b & c",
        attachments: [{ color: "danger", title: "[FIRING:1] Sdk", text: "body", fallback: "f" }],
        blocks: [{ type: "section", block_id: "mine", text: { type: "mrkdwn", text: "*bold*" } }],
    });
    const { messages } = await slack.conversations.history({
        channel, latest: posted.ts, inclusive: true, limit: 1,
    });
    assert.equal(messages.length, 1);
    assert.equal(messages[0].ts, posted.ts);
    assert.equal(messages[0].attachments[0].title, "[FIRING:1] Sdk");
    assert.equal(messages[0].attachments[0].color, "a30200");
    assert.equal(messages[0].blocks[0].block_id, "mine");
    assert.ok(messages[0].bot_id);
});

test("history is paged to its end, newest first, and bounds are exclusive", async () => {
    const channel = await channelId();
    const sent = [];
    for (let i = 0; i < 7; i++)
        sent.push((await slack.chat.postMessage({ channel, text: `page ${i}` })).ts);
    const read = [];
    for await (const page of slack.paginate("conversations.history",
        { channel, oldest: sent[0], latest: sent[6], limit: 2 })) {
        assert.ok(page.messages.length <= 2);
        const stamps = page.messages.map((message) => message.ts);
        assert.deepEqual(stamps, [...stamps].sort().reverse());
        read.push(...stamps);
    }
    assert.deepEqual(read.sort(), sent.slice(1, 6));
});

test("a message is edited in place, and says so", async () => {
    const channel = await channelId();
    const { ts } = await slack.chat.postMessage({ channel, text: "before" });
    assert.equal((await slack.chat.update({ channel, ts, text: "after" })).text, "after");
    const { messages: [message] } = await slack.conversations.history({
        channel, oldest: ts, inclusive: true, limit: 1,
    });
    assert.equal(message.text, "after");
    assert.ok(message.edited.ts);
});

test("replies are in their thread and not in the channel", async () => {
    const channel = await channelId();
    const { ts } = await slack.chat.postMessage({ channel, text: "parent" });
    const reply = await slack.chat.postMessage({ channel, thread_ts: ts, text: "reply" });
    const { messages } = await slack.conversations.replies({ channel, ts });
    assert.deepEqual(messages.map((message) => message.ts), [ts, reply.ts]);
    assert.equal(messages[0].reply_count, 1);
    assert.equal(messages[0].latest_reply, reply.ts);
    const inChannel = await slack.conversations.history({ channel, oldest: ts });
    assert.equal(inChannel.messages.some((message) => message.ts === reply.ts), false);
});

test("a permalink leads to the message", async () => {
    const channel = await channelId();
    const { ts } = await slack.chat.postMessage({ channel, text: "linked" });
    const { permalink } = await slack.chat.getPermalink({ channel, message_ts: ts });
    assert.match(permalink, new RegExp(`/archives/${channel}/p${ts.replace(".", "")}`));
});

test("mistakes have Slack's own error codes", async () => {
    const channel = await channelId();
    await refused(client("xoxb-wrong").auth.test(), "invalid_auth");
    await refused(slack.conversations.history({ channel: "C0NOWHERE" }), "channel_not_found");
    await refused(slack.chat.postMessage({ channel: "C0NOWHERE", text: "x" }),
        "channel_not_found");
    await refused(slack.chat.postMessage({ channel }), "no_text");
    await refused(slack.chat.update({ channel, ts: "1.000001", text: "x" }), "message_not_found");
    await refused(slack.conversations.replies({ channel, ts: "1.000001" }), "thread_not_found");
    await refused(slack.apiCall("no.such_method"), "unknown_method");
});
