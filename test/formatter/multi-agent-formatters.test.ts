import { expect, test } from "vitest";
import * as rxscope from "../../src/index.ts";
import { AssistantMessage, audio, type FormatterBase } from "../../src/index.ts";

type FormatterClass = new () => FormatterBase<unknown>;

const FORMATTERS = Object.entries(rxscope).filter(([name]) => name.endsWith("MultiAgentFormatter")) as [
  string,
  FormatterClass,
][];

test.each(FORMATTERS)(
  "%s describes, with a warning, what another agent shows and the model cannot be shown",
  async (_name, Formatter) => {
    const warnings: string[] = [];
    const sound = audio(new Uint8Array(3), { mediaType: "audio/ogg" });
    const formatted = await new Formatter().format(
      [new AssistantMessage(["Hear this.", sound], { name: "bob" })],
      { inputTypes: ["text/plain"], warn: (_option, reason) => void warnings.push(reason) },
    );
    expect(JSON.stringify(formatted)).toContain(
      "bob: Hear this.\\nbob: An audio file is returned (audio/ogg, 3 bytes).",
    );
    expect(warnings).toEqual([expect.stringContaining("audio/ogg")]);
  },
);

test("there is one of each wire", () => {
  expect(FORMATTERS.length).toBeGreaterThanOrEqual(5);
});
