import * as fc from "fast-check";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import type { ChatModelBase, GenerateOptions } from "rxscope";
import { type Account, accounts } from "../accounts.ts";
import { type Loopback, serve } from "../transport/loopback.ts";

// What is asked for reaches the provider or is a warning: for every form of every portable option, alone and among others, for
// one model of each sort of every account.

const SCHEMA = { type: "object", properties: { word: { type: "string" } }, required: ["word"] };
const TOOLS = [
  { name: "look_up", parameters: SCHEMA },
  { name: "translate", parameters: SCHEMA },
];

/** Every form that asks for something: what is only the default said aloud needs no answer. */
const FORMS: { readonly [Name in keyof GenerateOptions]?: readonly NonNullable<GenerateOptions[Name]>[] } = {
  temperature: [0, 0.5, 1, 5],
  topP: [0.1, 1, 2],
  topK: [1, 40],
  maxTokens: [1, 17, 10_000_000],
  stop: ["END", ["END"], ["a", "b", "c", "d", "e", "f", "g"]],
  seed: [0, 7],
  frequencyPenalty: [-1, 0.5, 3],
  presencePenalty: [-1, 0.5, 3],
  toolChoice: ["none", "required", { name: "look_up" }, { names: ["look_up"] }],
  parallelToolCalls: [false],
  thinking: [
    { enabled: false },
    { budgetTokens: 2000 },
    { enabled: true, budgetTokens: 1 },
    { effort: "none" },
    { effort: "minimal" },
    { effort: "low" },
    { effort: "high" },
    { effort: "max" },
  ],
  responseFormat: [
    { type: "json" },
    { type: "json_schema", schema: SCHEMA },
    { type: "json_schema", schema: SCHEMA, name: "place", description: "A place.", strict: true },
  ],
  logprobs: [true],
  topLogprobs: [0, 3],
  cacheControl: [true, { system: true }, { tools: true }, { lastMessage: true, ttl: "1h" }],
  stream: [false],
};

interface Seen {
  /** Method, path and body. */
  readonly request: unknown;
  readonly warned: readonly string[];
  /** Why nothing was sent. */
  readonly refused: string | undefined;
}

/** A server that gives the same answer to every request of an account. */
async function answering(account: Account): Promise<Loopback> {
  const { fixtures } = account.subject;
  const parts = [{ text: "a" }, { finish: fixtures.finishReasons.stop ?? "stop" }, { end: true as const }];
  const body = fixtures.stream(parts).join("");
  return serve((response) => void response.writeHead(200, { "content-type": fixtures.streamType }).end(body));
}

async function ask(server: Loopback, model: ChatModelBase, options: GenerateOptions): Promise<Seen> {
  const before = server.requests.length;
  const messages = [
    { role: "system" as const, content: "Be brief." },
    { role: "user" as const, content: "Hi" },
  ];
  const outcome = await model.call(messages, TOOLS, options).then(
    ({ warnings }) => ({ warned: warnings.map(({ option }) => option), refused: undefined }),
    (error: unknown) => ({ warned: [], refused: (error as Error).message }),
  );
  const [request, ...more] = server.requests.slice(before);
  expect(more).toEqual([]);
  return {
    request: request && [request.url, JSON.parse(request.body) as unknown],
    ...outcome,
  };
}

/** Whether one option, told from the same question without it, came to anything that its asker can see. */
function isHeard(name: string, { request, warned, refused }: Seen, without: Seen): boolean {
  if (refused !== undefined) return request === undefined;
  const isWarned = warned.some((option) => option.split(".")[0] === name);
  return isWarned || !isDeepStrictEqual(request, without.request);
}

/** Alternatives to tokens are log probabilities, too; and where no tool may be called, none is beside another. */
function saysNothingBeside(name: string, { topLogprobs, toolChoice }: GenerateOptions): boolean {
  if (name === "logprobs") return topLogprobs !== undefined;
  return name === "parallelToolCalls" && toolChoice === "none";
}

const cases = accounts.flatMap((account) =>
  account.modelNames.map((modelName) => [account.name, modelName, account] as const),
);

test.each(cases)("%s, %s: every form of every option is sent or warned of", async (_, modelName, account) => {
  const server = await answering(account);
  const model = account.createModel(server.url + account.basePath, modelName, { options: { retry: false } });
  const unheard: string[] = [];
  const without = await ask(server, model, {});
  for (const [name, values] of Object.entries(FORMS)) {
    for (const value of values) {
      const seen = await ask(server, model, { [name]: value });
      if (!isHeard(name, seen, without)) unheard.push(`${name}: ${JSON.stringify(value)}`);
    }
  }
  expect(unheard).toEqual([]);
});

test.each(accounts.map((account) => [account.name, account] as const))(
  "%s: an option among others is sent or warned of",
  async (_, account) => {
    const server = await answering(account);
    const names = Object.keys(FORMS) as (keyof typeof FORMS)[];
    const some = fc
      .uniqueArray(fc.constantFrom(...names), { minLength: 2, maxLength: 5 })
      .chain((chosen) =>
        fc.record(Object.fromEntries(chosen.map((name) => [name, fc.constantFrom(...(FORMS[name] ?? []))]))),
      );
    const property = fc.asyncProperty(
      fc.constantFrom(...account.modelNames),
      some,
      async (modelName, options) => {
        const model = account.createModel(server.url + account.basePath, modelName, {
          options: { retry: false },
        });
        const seen = await ask(server, model, options);
        for (const name of Object.keys(options)) {
          if (saysNothingBeside(name, options)) continue;
          const { [name]: _left, ...others } = options as Record<string, unknown>;
          const without = await ask(server, model, others);
          expect([modelName, name, isHeard(name, seen, without)]).toEqual([modelName, name, true]);
        }
      },
    );
    await fc.assert(property, { numRuns: 15 });
  },
);
