/** The one model that no provider has. */
export const NO_SUCH_MODEL = "no-such-model";

/** Whether a key is one that every provider refuses; any other is taken. */
export function isWrongKey(key: string): boolean {
  return key.startsWith("sk-wrong");
}
