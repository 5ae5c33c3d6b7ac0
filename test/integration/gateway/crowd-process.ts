import { connect, type Socket } from "node:net";

/**
 * Opens connections and holds on to them: every other says nothing, the rest send a header a second and never the last. A
 * process of its own, because each end of a connection takes a descriptor. Tells its parent how many stand open and how
 * many the server has ended; ends with its parent.
 */
const [port = 0, count = 0] = process.argv.slice(2).map(Number);
/** Beyond what the kernel queues, it forgets connections without telling their client. */
const AT_A_TIME = 100;

const slow = new Set<Socket>();
let opened = 0;
let ended = 0;

function open(isSlow: boolean): Promise<void> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      opened += 1;
      if (isSlow) {
        socket.write("GET /v1/networks/market HTTP/1.1\r\nHost: a\r\n");
        slow.add(socket);
      }
      resolve();
    });
    socket.resume().on("error", () => resolve()); // reset by the server: `close` follows
    socket.once("close", () => {
      slow.delete(socket);
      ended += 1;
    });
  });
}

process.once("disconnect", () => process.exit());
setInterval(() => {
  for (const socket of slow) socket.write("X-A: a\r\n");
}, 1000);
setInterval(() => process.send?.({ opened, ended }), 50);
for (let joined = 0; joined < count; joined += AT_A_TIME) {
  await Promise.all(Array.from({ length: Math.min(AT_A_TIME, count - joined) }, (_, i) => open(i % 2 === 1)));
}
