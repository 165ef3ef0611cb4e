import { ModelError } from "../src/error/model-error.ts";

/** What an act throws. */
export function failure(act: () => unknown): Error {
  try {
    act();
  } catch (error) {
    return error as Error;
  }
  throw new Error("Nothing was thrown.");
}

/** The `ModelError` that a promise is rejected with. */
export async function failureOf(promise: Promise<unknown>): Promise<ModelError> {
  const error = await promise.then(
    () => undefined,
    (reason: unknown) => reason,
  );
  if (!ModelError.isInstance(error)) throw new Error(`No ModelError: ${String(error)}`);
  return error;
}
