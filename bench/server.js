// Serves streams from memory, in a process of its own. Prints its port.
//
// POST /<wire>/<content>/<count>/<framing>/... is an answer of so many deltas. Framings:
//   events      a write for each event
//   coalesced   64 KB a write
//   paced       an event every 500 ms, of an answer that never ends
//   endless     the answer's deltas again and again, as fast as they are taken
// GET /stats is what the last endless answer sent, and how many sockets are open; GET /reset forgets it.
import { createServer } from "node:http";
import { eventsOf, WIRES } from "./streams.js";

const PACE_MS = 500;

/** @type {Map<string, { events: Buffer[], whole: Buffer }>} */
const bodies = new Map();

/** @param {string} wire @param {string} content @param {number} count */
function bodyOf(wire, content, count) {
  const key = `${wire}/${content}/${count}`;
  let body = bodies.get(key);
  if (body === undefined) {
    const events = eventsOf(wire, content, count).map((text) => Buffer.from(text));
    body = { events, whole: Buffer.concat(events) };
    bodies.set(key, body);
  }
  return body;
}

/** Of the last endless answer: what its socket has taken, and when the client closed it. */
let endless = { taken: 0, closedAt: 0 };
let sockets = 0;

const server = createServer((request, response) => {
  if (request.url === "/stats" || request.url === "/reset") {
    if (request.url === "/reset") endless = { taken: 0, closedAt: 0 };
    response.end(JSON.stringify({ ...endless, sockets }));
    return;
  }
  request.resume();
  request.on("end", () => void answer(request, response));
});

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function answer(request, response) {
  const [, wire = "", content = "", count, framing] = (request.url ?? "").split("/");
  const { events, whole } = bodyOf(wire, content, Number(count));
  response.writeHead(200, { "content-type": WIRES[wire]?.type });
  if (framing === "coalesced") {
    for (let from = 0; from < whole.length; from += 65_536)
      await send(response, whole.subarray(from, from + 65_536));
  } else if (framing === "paced") {
    await pace(response, events);
  } else if (framing === "endless") {
    await repeat(request, response, events);
  } else {
    for (const bytes of events) await send(response, bytes);
  }
  response.end();
}

/** @param {import("node:http").ServerResponse} response @param {Buffer} bytes */
function send(response, bytes) {
  if (response.write(bytes) || response.destroyed) return undefined;
  return new Promise((resolve) => {
    const go = () => {
      response.off("drain", go);
      response.off("close", go);
      resolve(undefined);
    };
    response.on("drain", go);
    response.on("close", go);
  });
}

/** @param {import("node:http").ServerResponse} response @param {Buffer[]} events */
async function pace(response, events) {
  for (let at = 0; !response.destroyed; at = at + 1 < events.length - 1 ? at + 1 : 1) {
    response.write(events[at]);
    await new Promise((resolve) => {
      setTimeout(resolve, PACE_MS);
    });
  }
}

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response @param {Buffer[]} events */
async function repeat({ socket }, response, events) {
  const before = socket.bytesWritten;
  const mine = { taken: 0, closedAt: 0 };
  endless = mine;
  response.on("close", () => {
    mine.closedAt = Date.now();
  });
  await send(response, events[0]);
  const middle = Buffer.concat(events.slice(1, -3));
  while (!response.destroyed) {
    await send(response, middle);
    mine.taken = socket.bytesWritten - before;
  }
}

server.on("connection", (socket) => {
  sockets += 1;
  socket.on("close", () => (sockets -= 1));
});
server.keepAliveTimeout = 60_000;
server.listen(0, "127.0.0.1", 4096, () =>
  console.log(/** @type {import("node:net").AddressInfo} */ (server.address()).port),
);
process.on("disconnect", () => process.exit());
