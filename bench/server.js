// Serves streams from memory, made once before the first request: its cost must not show in a client's figures.
// Prints its port. `node server.js`; the stream is chosen by the path: /<scenario>/<count>/<framing>/v1/chat/completions
import { createServer } from "node:http";

const ENVELOPE = {
  id: "chatcmpl-D8Z5",
  object: "chat.completion.chunk",
  created: 1_770_933_892,
  model: "gpt-4.1-nano-2025-04-14",
  service_tier: "default",
  system_fingerprint: "fp_de604bd877",
};

/** @param {unknown[]} choices @param {object} more */
const event = (choices, more = { usage: null }) =>
  `data: ${JSON.stringify({ ...ENVELOPE, choices, ...more })}\n\n`;

/** @param {object} delta @param {string | null} finish */
const delta = (delta, finish = null) => event([{ index: 0, delta, logprobs: null, finish_reason: finish }]);

/** @type {Record<string, (count: number) => string[]>} */
const SCENARIOS = {
  text: (count) => Array.from({ length: count }, (_, index) => delta({ content: ` word${index % 97}` })),
  tool(count) {
    const body = "All work and no play makes a long text file. ".repeat(Math.ceil((count * 8) / 45));
    const whole = JSON.stringify({
      path: "notes/plan.md",
      content: body.slice(0, count * 8),
      tags: ["a", "b"],
    });
    const size = Math.ceil(whole.length / count);
    const pieces = Array.from({ length: count }, (_, index) =>
      whole.slice(index * size, (index + 1) * size),
    ).filter(Boolean);
    return [
      delta({
        tool_calls: [
          { index: 0, id: "call_1", type: "function", function: { name: "write_file", arguments: "" } },
        ],
      }),
      ...pieces.map((piece) => delta({ tool_calls: [{ index: 0, function: { arguments: piece } }] })),
    ];
  },
};

const bodies = new Map();

/** @param {string} scenario @param {number} count */
function bodyOf(scenario, count) {
  const key = `${scenario}/${count}`;
  let body = bodies.get(key);
  if (body === undefined) {
    const events = [
      delta({ role: "assistant", content: "", refusal: null }),
      ...(SCENARIOS[scenario]?.(count) ?? []),
      delta({}, scenario === "tool" ? "tool_calls" : "stop"),
      event([], { usage: { prompt_tokens: 16, completion_tokens: count, total_tokens: 16 + count } }),
      "data: [DONE]\n\n",
    ];
    body = { events: events.map((text) => Buffer.from(text)), whole: Buffer.from(events.join("")) };
    bodies.set(key, body);
  }
  return body;
}

const server = createServer((request, response) => {
  request.resume();
  request.on("end", () => void answer(request, response));
});

/** @param {import("node:http").IncomingMessage} request @param {import("node:http").ServerResponse} response */
async function answer(request, response) {
  const [, scenario, count, framing] = (request.url ?? "").split("/");
  const { events, whole } = bodyOf(scenario, Number(count));
  response.writeHead(200, { "content-type": "text/event-stream" });
  const drained = () => new Promise((resolve) => response.once("drain", resolve));
  if (framing === "coalesced") {
    for (let from = 0; from < whole.length; from += 65_536) {
      if (!response.write(whole.subarray(from, from + 65_536))) await drained();
    }
  } else {
    for (const bytes of events) if (!response.write(bytes)) await drained();
  }
  response.end();
}
server.listen(0, "127.0.0.1", 4096, () =>
  console.log(/** @type {import("node:net").AddressInfo} */ (server.address()).port),
);
process.on("disconnect", () => process.exit());
