import { afterEach, expect, test, vi } from "vitest";
import { builtinCredentials, ModelRegistry } from "../../src/index.ts";
import { emulatorEnvironment, startEmulator } from "../../src/testing/index.ts";

afterEach(() => {
  vi.unstubAllEnvs();
});

test("in the emulator's environment every built-in provider answers, and lists its models", async () => {
  const emulator = await startEmulator();
  for (const [name, value] of Object.entries(emulatorEnvironment(emulator))) vi.stubEnv(name, value);
  for (const Credential of builtinCredentials) {
    const { provider } = Credential.facts;
    const answer = await ModelRegistry.create(`${provider}:some-model`).call("Hello there.", {
      thinking: null,
      retry: false,
    });
    expect([provider, answer.text]).toEqual([provider, expect.stringContaining("Hello there.")]);
    expect(emulator.journal.at(-1)?.path).toMatch(new RegExp(`^/${provider}/`));
    const cards = await new Credential().listModels("chat");
    expect([provider, cards.some(({ live }) => live === true)]).toEqual([provider, true]);
  }
  await emulator.close();
});
