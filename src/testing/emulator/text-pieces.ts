/**
 * Cuts a text into the deltas of a stream.
 * @param size in characters; without it, words with the blanks after them
 */
export function* pieces(text: string, size?: number): Generator<string> {
  const words = /\S+\s*|\s+/gy;
  for (let from = 0, to: number; from < text.length; from = to) {
    words.lastIndex = from;
    to = size === undefined ? from + (words.exec(text)?.[0].length ?? text.length) : from + Math.max(1, size);
    // No provider cuts a character in two, and half a surrogate pair would not survive every JSON reader.
    if (isHighSurrogate(text.charCodeAt(to - 1))) to += 1;
    yield text.slice(from, to);
  }
}

/** The emulator's measure of tokens. */
export function countWords(text: string): number {
  // One by one: a list of the words of a text of many megabytes would be larger than the text.
  const word = /\S+/g;
  let count = 0;
  while (word.test(text)) count += 1;
  return count;
}

function isHighSurrogate(unit: number): boolean {
  return unit >= 0xd800 && unit <= 0xdbff;
}
