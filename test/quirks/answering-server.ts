import { createServer, type IncomingMessage, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import { OpenAIChatModel, type GenerateOptions, type OpenAIChatSwitches } from "../../src/index.ts";

/** Runs `use` with a model whose requests are answered by `answer`; counts the requests. */
export async function withServer<Result>(
  answer: (request: IncomingMessage, response: ServerResponse, count: number) => void,
  use: (model: OpenAIChatModel, requests: () => number) => Promise<Result>,
  options: GenerateOptions & { readonly switches?: Partial<OpenAIChatSwitches> } = {},
): Promise<Result> {
  let count = 0;
  const server = createServer((request, response) => {
    request.resume();
    request.on("end", () => answer(request, response, (count += 1)));
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { switches, ...generate } = options;
  const model = new OpenAIChatModel({
    provider: "openai",
    modelName: "m",
    endpoint: {
      baseUrl: `http://127.0.0.1:${(server.address() as AddressInfo).port}/v1`,
      headers: () => ({ authorization: "Bearer sk-quirks-0123456789" }),
    },
    options: { retry: false, ...generate },
    switches,
  });
  try {
    return await use(model, () => count);
  } finally {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

/** Answers every request with these bytes. */
export function sse(
  body: string,
  type = "text/event-stream",
  status = 200,
): (request: IncomingMessage, response: ServerResponse) => void {
  return (_request, response) => {
    response.writeHead(status, { "content-type": type });
    response.end(body);
  };
}
