import { ConfigurationError } from "../error/errors-by-kind.ts";
import { nearest } from "./nearest-name.ts";

/** Longer ids are a mistake, and would make every pattern slow. */
export const MAX_ID_LENGTH = 512;

/** The id without blanks around it. @throws ModelError `configuration` for what is no id */
export function checkId(id: string): string {
  if (typeof id !== "string" || id.trim() === "") {
    throw new ConfigurationError('A model id must be a string such as "openai:gpt-4.1".');
  }
  const name = id.trim();
  if (name.length > MAX_ID_LENGTH)
    throw new ConfigurationError(
      `A model id has at most ${MAX_ID_LENGTH} characters, such as "openai:gpt-4.1".`,
    );
  return name;
}

/** The provider before the first colon, and all that follows it. */
export function splitId(id: string): { provider: string | undefined; model: string } {
  const colon = id.indexOf(":");
  return colon <= 0
    ? { provider: undefined, model: id }
    : { provider: id.slice(0, colon), model: id.slice(colon + 1) };
}

/** Up to three ids that were probably meant, likeliest first. */
export function suggestedIds(id: string, known: readonly string[], providers: readonly string[]): string[] {
  const { provider, model } = splitId(id);
  // A known model behind a mistyped or missing provider is the likeliest mistake.
  const meant = nearest(provider ?? "", providers, 1).map((each) => `${each}:${model}`);
  const byModel = known.filter((each) => splitId(each).model === model);
  const likely = byModel.filter((each) => meant.includes(each));
  return [...new Set([...likely, ...meant, ...byModel, ...nearest(id, known)])].slice(0, 3);
}
