// Runs emulate's Slack on one port of 127.0.0.1.  Usage: node emulate.mjs API.JS PORT SEED-JSON
// emulate itself would listen on all interfaces.
import net from "node:net";
import { pathToFileURL } from "node:url";

const [api, port, seed] = process.argv.slice(2);
const listen = net.Server.prototype.listen;
net.Server.prototype.listen = function (port) {
    return listen.call(this, { port, host: "127.0.0.1" });
};

const { createEmulator } = await import(pathToFileURL(api));
await createEmulator({
    service: "slack",
    port: Number(port),
    baseUrl: `http://127.0.0.1:${port}`,
    seed: JSON.parse(seed),
});
