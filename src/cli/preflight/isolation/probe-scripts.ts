/**
 * The programs of the isolation probe, for `node -e` in the probe's image. They leave their result as JSON in the container's termination
 * message, so neither logs nor exec rights are needed. PROBE holds a client's task; PROBE_PORT and PROBE_RESULT are there for tests.
 */

/** What a client is to try. */
export interface ProbeTask {
  readonly targets: readonly {
    readonly host: string;
    readonly port: number;
    /** Only the probe's own server counts as reached: something between that answers for everybody does not. */
    readonly isServer: boolean;
    /** The client tries again until this is so, or its time is over: policies take a moment to come into force. */
    readonly awaited?: "open" | "closed";
  }[];
  readonly seconds: number;
}

export const serverPort = 8080;

/** Tells the pod's addresses, link-local ones too: `{ addresses: string[] }`. */
export const addressesScript = `
const { networkInterfaces } = require("node:os");
const addresses = Object.values(networkInterfaces()).flat().filter((one) => !one.internal).map((one) => one.address);
require("node:fs").writeFileSync(process.env.PROBE_RESULT ?? "/dev/termination-log", JSON.stringify({ addresses }));
`;

/** Greets whoever connects, over IPv6 and IPv4 where there are both. */
export const serverScript = `
process.on("SIGTERM", () => process.exit(0));
const server = require("node:net").createServer((socket) => socket.on("error", () => {}).end("berthage"));
server.listen(process.env.PROBE_PORT ?? ${serverPort});
`;

/** Tries the targets of a ProbeTask: `{ open: boolean[] }`, in their order. */
export const clientScript = `
const net = require("node:net");
const { networkInterfaces } = require("node:os");
const { targets, seconds } = JSON.parse(process.env.PROBE);
const zones = Object.entries(networkInterfaces()).filter(([, all]) => all.some((one) => !one.internal)).map(([name]) => name);
const dial = (host, { port, isServer }) => new Promise((resolve) => {
  const socket = net.connect({ host, port });
  const end = (isOpen) => { socket.destroy(); resolve(isOpen); };
  socket.setTimeout(2000, () => end(false)).on("error", () => end(false)).on("close", () => end(false));
  socket.on(isServer ? "data" : "connect", () => end(true));
});
const reach = async (target) => {
  const hosts = target.host.startsWith("fe80:") ? zones.map((zone) => target.host + "%" + zone) : [target.host];
  return (await Promise.all(hosts.map((host) => dial(host, target)))).includes(true);
};
const asAwaited = (open) => targets.every(({ awaited }, i) => awaited === undefined || open[i] === (awaited === "open"));
(async () => {
  const end = Date.now() + seconds * 1000;
  let open = await Promise.all(targets.map(reach));
  while (!asAwaited(open) && Date.now() < end) {
    await new Promise((resolve) => setTimeout(resolve, 500));
    open = await Promise.all(targets.map(reach));
  }
  require("node:fs").writeFileSync(process.env.PROBE_RESULT ?? "/dev/termination-log", JSON.stringify({ open }));
})();
`;
