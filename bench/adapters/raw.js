// The raw loop: undici, eventsource-parser, JSON.parse, nothing kept. Every figure is a ratio to this one.
import { createParser } from "eventsource-parser";
import { Agent, request } from "undici";

const dispatcher = new Agent();

/** @param {string} baseUrl */
export async function run(baseUrl) {
  const { body } = await request(`${baseUrl}/chat/completions`, { method: "POST", body: "{}", dispatcher });
  const decoder = new TextDecoder();
  let events = 0;
  const parser = createParser({
    onEvent({ data }) {
      if (data === "[DONE]") return;
      JSON.parse(data);
      events += 1;
    },
  });
  await new Promise((resolve, reject) => {
    body.on("data", (chunk) => parser.feed(decoder.decode(chunk, { stream: true })));
    body.on("end", resolve);
    body.on("error", reject);
  });
  return events;
}

export const runTool = run;
