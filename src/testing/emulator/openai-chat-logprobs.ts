import type { LooseObject } from "./loose-json.ts";

const DEFAULT_LOGPROB = -0.1;

/**
 * Makes the log probabilities of one delta after another, each delta being a token; undefined when the request asks for none.
 * @param asked what holds the request's `logprobs` and `top_logprobs`
 * @param given one a delta; later deltas get the default
 */
export function logprobWriter(
  { logprobs: isWanted, top_logprobs: topCount }: LooseObject,
  given: readonly number[] = [],
): ((token: string) => LooseObject) | undefined {
  if (isWanted !== true) return undefined;
  const alternatives = typeof topCount === "number" ? topCount : 0;
  let at = 0;
  return (token) => {
    const logprob = given[at] ?? DEFAULT_LOGPROB;
    at += 1;
    const top = Array.from({ length: alternatives }, (_, rank) =>
      entry(rank === 0 ? token : `${token}~${rank}`, logprob - rank),
    );
    return { ...entry(token, logprob), top_logprobs: top };
  };
}

function entry(token: string, logprob: number): LooseObject {
  return { token, logprob, bytes: [...Buffer.from(token)] };
}
