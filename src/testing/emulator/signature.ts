import { createHash } from "node:crypto";

/** What proves to the emulator that it said something itself: opaque to the client, and another for every other text. */
export function signatureOf(said: string): string {
  return createHash("sha256").update(`said by the emulator: ${said}`).digest("base64");
}
