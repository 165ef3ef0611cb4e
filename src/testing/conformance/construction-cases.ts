import { inspect } from "node:util";
import { ConfigurationError } from "../../error/errors-by-kind.ts";
import type { MessageInput } from "../../message/msg.ts";
import type { GenerateOptions } from "../../model/generate-options.ts";
import type { ServedRequest } from "./byte-server.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, deepFreeze, same, thrownBy } from "./expectations.ts";

/** Section A of the table: how a model is made. */
export const constructionCases: readonly ConformanceCase[] = [
  {
    id: "A1",
    title: "the key that is passed reaches the provider",
    run: async (context) => {
      const { request } = await context.send();
      claim(holdsKey(request, context.key), "the key is not in the request");
    },
  },
  {
    id: "A2",
    title: "a key is taken from the first environment variable that is set",
    needs: ["environment"],
    run: async (context) => {
      const variables = keyVariables(context);
      const keys = variables.map((name) => `sk-from-${name.toLowerCase()}-0123456789`);
      for (const [first] of variables.entries()) {
        await withVariables(context, variables, keys, first, async () => {
          const { request } = await context.send({ model: context.model({ apiKey: undefined }) });
          claim(holdsKey(request, keys[first] as string), `the key is not that of ${variables[first]}`);
        });
      }
    },
  },
  {
    id: "A3",
    title: "a missing key is a mistake told at construction, with the variable and the class",
    needs: ["environment"],
    run: async (context) => {
      const variables = keyVariables(context);
      await withVariables(context, variables, [], variables.length, () => {
        const error = thrownBy(() => context.model({ apiKey: undefined }));
        claim(ConfigurationError.isInstance(error), `construction gave ${inspect(error)}`);
        claim(error.message.includes(variables[0] as string), `the variable is not named: ${error.message}`);
        claim(/new \w+\(/.test(error.message), `the class is not named: ${error.message}`);
        return Promise.resolve();
      });
    },
  },
  {
    id: "A4",
    title: "the key is in no text form of model, credential or error",
    run: async (context) => {
      const message = `Incorrect API key provided: ${context.key}.`;
      const body = context.fixtures.errorBody({ status: 401, code: "invalid_api_key", message });
      const { error } = await context.ask(context.whole(body, { status: 401 }));
      claim(error !== undefined, "a refused key gave no error");
      const setup = { baseUrl: context.baseUrl, apiKey: context.key };
      for (const holder of [context.model(), context.subject.createCredential?.(setup), error]) {
        claim(
          !textFormsOf(holder).includes(context.key),
          `the key is in a text form of ${holder?.constructor.name}`,
        );
      }
    },
  },
  {
    id: "A5",
    title: "the base URL may have a path, and a slash at its end",
    run: async (context) => {
      const { request } = await context.send();
      for (const [baseUrl, prefix] of [
        [`${context.baseUrl}/`, ""],
        [`${context.server.url}/some/proxy${context.fixtures.basePath}`, "/some/proxy"],
        [`${context.server.url}/some/proxy${context.fixtures.basePath}/`, "/some/proxy"],
      ] as const) {
        const other = await context.send({ model: context.model({ baseUrl }) });
        same(other.request.path, prefix + request.path, `the path under ${baseUrl}`);
      }
    },
  },
  {
    id: "A6",
    title: "headers of the account win over the provider's, headers and query of a call over both",
    run: async (context) => {
      const { keyHeader } = context.fixtures;
      const model = context.model({
        headers: { [keyHeader.toUpperCase()]: "of the account", "X-Mine": "account" },
      });
      const { request } = await context.send({ model });
      same(
        [request.headers[keyHeader], request.headers["x-mine"]],
        ["of the account", "account"],
        "the account's headers",
      );
      const options = { extraHeaders: { "X-Mine": "call", "X-More": "1" }, extraQuery: { trace: "on" } };
      const call = await context.send({ model, options });
      same(
        [call.request.headers["x-mine"], call.request.headers["x-more"]],
        ["call", "1"],
        "the call's headers",
      );
      claim(call.request.path.includes("trace=on"), `the call's query is not in ${call.request.path}`);
    },
  },
  {
    id: "A7",
    title: "messages, tools and options are not changed",
    run: async (context) => {
      const messages: MessageInput[] = deepFreeze([
        { role: "system" as const, content: "Be brief." },
        { role: "user" as const, content: [{ type: "text" as const, text: "Hi \uD83D" }] },
      ]);
      const tools = deepFreeze([
        { name: "look_up", parameters: { type: "object", properties: { q: { type: "string" } } } },
      ]);
      const options: GenerateOptions = deepFreeze({
        stop: ["x"],
        extraBody: { a: [1] },
        timeout: { idleMs: 5000 },
      });
      await context.send({
        model: context.model({ options: deepFreeze({ temperature: 0 }) }),
        messages,
        tools,
        options,
      });
    },
  },
  {
    id: "A8",
    title: "an option that does not exist is a warning",
    run: async (context) => {
      const { last } = await context.send({ options: { temprature: 1 } as GenerateOptions });
      claim(
        last.warnings.some(({ option }) => option === "temprature"),
        "there is no warning",
      );
    },
  },
];

function keyVariables({ subject }: ConformanceContext): readonly string[] {
  const { keyVariables = [] } = subject;
  claim(keyVariables.length > 0, "the subject names no keyVariables; name them, or skip with the reason");
  return keyVariables;
}

/** Sets the variables from `first` on, takes the ones before it away, and puts everything back at the end. */
async function withVariables(
  { environment }: ConformanceContext,
  names: readonly string[],
  values: readonly string[],
  first: number,
  run: () => Promise<void>,
): Promise<void> {
  const before = names.map((name) => environment[name]);
  const set = (name: string, value: string | undefined): void => {
    // `process.env` would turn undefined into a word.
    if (value === undefined) delete environment[name];
    else environment[name] = value;
  };
  for (const [index, name] of names.entries()) set(name, index < first ? undefined : values[index]);
  try {
    await run();
  } finally {
    for (const [index, name] of names.entries()) set(name, before[index]);
  }
}

function holdsKey({ headers, path }: ServedRequest, key: string): boolean {
  return path.includes(key) || Object.values(headers).some((value) => String(value).includes(key));
}

/** Everything that printing or logging a value may show. */
function textFormsOf(value: unknown): string {
  const forms = [inspect(value, { depth: 12, showHidden: true }), String(value)];
  try {
    forms.push(JSON.stringify(value));
  } catch {
    // What cannot be written as JSON shows nothing that way.
  }
  if (value instanceof Error)
    forms.push(value.message, value.stack ?? "", inspect(value.cause, { depth: 12, showHidden: true }));
  return forms.join("\n");
}
