/** The calls that follow each signal. One listener stands for all of them: from the eleventh on Node warns of a leak. */
const followers = new WeakMap<AbortSignal, Set<() => void>>();

/** Calls `onAbort` when the signal fires. Returns the function that ends this; a signal nobody follows has no listener. */
export function followSignal(signal: AbortSignal, onAbort: () => void): () => void {
  const known = followers.get(signal);
  const calls = known ?? new Set();
  if (known === undefined) {
    followers.set(signal, calls);
    signal.addEventListener("abort", tellFollowers);
  }
  calls.add(onAbort);
  return () => {
    calls.delete(onAbort);
    if (calls.size > 0 || followers.get(signal) !== calls) return;
    followers.delete(signal);
    signal.removeEventListener("abort", tellFollowers);
  };
}

function tellFollowers(this: AbortSignal): void {
  for (const onAbort of followers.get(this) ?? []) onAbort();
}
