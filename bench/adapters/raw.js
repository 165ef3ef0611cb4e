// The raw loop: undici, eventsource-parser (lines for Ollama), JSON.parse, nothing kept. Every figure is a ratio to this one.
import { createParser } from "eventsource-parser";
import { Agent, request } from "undici";

const dispatcher = new Agent();

/** @param {string} baseUrl */
export const post = (baseUrl, signal) =>
  request(`${baseUrl}/chat`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: '{"stream":true}',
    dispatcher,
    signal,
  });

/** @param {string} wire @param {(event: unknown) => void} onEvent */
function reader(wire, onEvent) {
  const decoder = new TextDecoder();
  if (wire === "ollama") {
    let rest = "";
    return (chunk) => {
      const lines = (rest + decoder.decode(chunk, { stream: true })).split("\n");
      rest = lines.pop() ?? "";
      for (const line of lines) onEvent(JSON.parse(line));
    };
  }
  const parser = createParser({
    onEvent({ data }) {
      if (data !== "[DONE]") onEvent(JSON.parse(data));
    },
  });
  return (chunk) => parser.feed(decoder.decode(chunk, { stream: true }));
}

/** @param {string} wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(wire, baseUrl) {
  const read = async (onEvent) => {
    const { body } = await post(baseUrl);
    const feed = reader(wire, onEvent);
    await new Promise((resolve, reject) => {
      body.on("data", feed);
      body.on("end", resolve);
      body.on("error", reject);
    });
  };
  return {
    text: (next) => read(() => next("")),
    tool: (next) => read(() => next({})),
    json: (next) => read(() => next({})),
    async calls() {
      let count = 0;
      await read((event) => (count += event.choices?.[0]?.delta?.tool_calls?.length ?? 0));
      return count;
    },
    // By hand, as nothing here keeps anything.
    async kept() {
      const texts = [];
      let text = "";
      await read((event) => {
        const added = event.choices?.[0]?.delta?.content;
        if (added) texts.push((text += added));
      });
      return texts;
    },
    async *pull(signal) {
      const { body } = await post(baseUrl, signal);
      let ready = [];
      const feed = reader(wire, (event) => ready.push(event.choices?.[0]?.delta?.content ?? ""));
      for await (const chunk of body) {
        feed(chunk);
        yield* ready;
        ready = [];
      }
    },
  };
}
