import { afterAll, beforeEach } from "vitest";
import { type Emulator, startEmulator } from "../src/testing/emulator/emulator.ts";

/** One emulator for all tests of the file that asks for it; each finds it without requests, scripts and rules of another. */
export async function emulatorOfFile(): Promise<Emulator> {
  const emulator = await startEmulator();
  beforeEach(() => {
    emulator.reset();
    emulator.delivery = {};
  });
  afterAll(() => emulator.close());
  return emulator;
}
