import { expect, test } from "vitest";
import { builtinCredentials } from "../../src/credential/builtin-credentials.ts";
import { type MessageInput, Msg, ToolResultMessage } from "../../src/message/msg.ts";
import { OpenAIChatModel } from "../../src/model/openai-chat-model.ts";
import { emulatorOfFile } from "../emulator-of-file.ts";
import { fixturesOf, speaks } from "./wire-fixtures-of.ts";

// Our models and the emulator were written from the same notes, but not from each other: it refuses what the provider would.

const emulator = await emulatorOfFile();

const tool = (name: string): object => ({
  name,
  parameters: { type: "object", properties: { city: { type: "string" } }, required: ["city"] },
});
const tools = [tool("get_weather"), tool("get_time")] as never[];

const own = builtinCredentials.filter((credential) => !speaks(credential, OpenAIChatModel));

test.each(own.map((credential) => [credential.name, credential] as const))(
  "%s: every listed model with tools takes a conversation with thoughts, tools and options to its end",
  async (_name, credential) => {
    const account = new credential({
      apiKey: "any",
      baseUrl: emulator.baseUrl(fixturesOf(credential).name),
      options: { retry: false },
    });
    const cards = (await account.listModels("chat")).filter(
      ({ live, capabilities }) => live === true && capabilities.tools !== false,
    );
    expect(cards.length).toBeGreaterThan(1);
    for (const card of cards) {
      const { modelName } = card;
      const model = account.createChatModel(modelName, { card });
      const history: MessageInput[] = [
        { role: "system", content: "Be brief." },
        "Think: call get_weather for Paris and get_time for Tokyo.",
      ];
      const options = { thinking: { enabled: true }, temperature: 0.5, maxTokens: 4000 };
      const asked = await model.call(history, tools, options);
      expect(asked.toolCalls.length, modelName).toBeGreaterThan(0);
      // Through JSON, as a conversation that was stored.
      history.push(Msg.from(JSON.parse(JSON.stringify(asked.toMessage()))));
      history.push(...asked.toolCalls.map((call) => new ToolResultMessage(call, `${call.name} is done`)));
      const told = await model.call(history, tools, options);
      expect(told.text, modelName).toContain(`${asked.toolCalls[0]?.name} is done`);
      history.push(told.toMessage(), "And Rome?");
      expect((await model.call(history, [], options)).text, modelName).toBe("You said: And Rome?");
      const whole = await model.call("Hi", { stream: false });
      expect([whole.text, whole.usage?.outputTokens], modelName).toEqual(["You said: Hi", 3]);
    }
  },
);
