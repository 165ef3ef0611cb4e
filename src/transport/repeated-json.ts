/** After this many lessons that did not pay, learning stops: the stream changes in other ways than by its values. */
const MAX_FAILED_LESSONS = 16;

/**
 * So many kinds of events are known. With fewer than an answer has, each would be forgotten before it comes again: Anthropic's
 * has up to thirteen, the beginning and the end of its thoughts, its text and its calls among them.
 */
const MAX_KINDS = 16;

/** A longer event is not kept: it is a picture, or a whole answer. */
const MAX_KEPT = 8192;

/** Slices shorter than this are copies in V8 (`SlicedString::kMinLength`). */
const LONGEST_COPIED_SLICE = 13;

/** Numbers with more digits may not be what they look like. */
const MAX_DIGITS = 15;

/** More values than this do not change from one event to the next of the same kind. */
const MAX_HOLES = 8;

/** A value that changes, where it stands in the event: a string, or a count. */
interface Hole {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly isCount: boolean;
  /** The letters of a long string that came twice, and its closing quote: it need not be read a third time. */
  repeated: string | undefined;
}

/** An event with values that change, and the text around them: one piece more than there are values. */
interface Template {
  readonly event: unknown;
  readonly texts: readonly string[];
  readonly holes: readonly Hole[];
}

/** One kind of event of a server. */
interface EventKind {
  /** An event of this kind: the first as it came, and once another was seen, with values in it that no event has. */
  readonly text: string;
  readonly template: Template;
}

/** The kinds of events that a server sends, the one that came last first. All answers of a model share what was learned. */
export type EventKinds = EventKind[];

/**
 * Parses the JSON events of one stream. Providers repeat every byte of an event but its text delta and a few values more (the
 * time it was made, padding, the tokens so far), so after two events that differ only in some strings and counts, an event
 * with the same text around them is not parsed again: its values are put into the event that was parsed before. Anything else
 * goes to `JSON.parse`. What one answer taught serves the next: of a short one nothing is parsed.
 *
 * This is sound because the same pieces of text with any JSON string for a string, and any count for a count, between them
 * always parse to the same structure. It is what makes reading a stream cheaper than parsing it (`bench/`).
 *
 * **The returned value is valid until the next call:** it may be the same object with other values in it.
 */
export class RepeatedJson {
  private readonly kinds: EventKinds;
  /** Lessons that have not been paid back: each event that need not be parsed pays for one. */
  private debt = 0;

  /** @param kinds what other answers of the same model taught, and what this one adds */
  constructor(kinds: EventKinds = []) {
    this.kinds = kinds;
  }

  /** @throws SyntaxError as `JSON.parse` does */
  parse(data: string): unknown {
    const { kinds } = this;
    for (let at = 0; at < kinds.length; at++) {
      const { template } = kinds[at] as EventKind;
      if (!fill(template, data)) continue;
      if (at > 0) kinds.unshift(...kinds.splice(at, 1));
      if (this.debt > 0) this.debt -= 1;
      return template.event;
    }
    const event: unknown = JSON.parse(data);
    if (this.debt < MAX_FAILED_LESSONS && data.length <= MAX_KEPT) this.learn(copyOf(data), event);
    return event;
  }

  /** Looks whether this event and one before it differ in some of their values only. */
  private learn(data: string, event: unknown): void {
    const { kinds } = this;
    this.debt += 1;
    for (const [at, { text }] of kinds.entries()) {
      const kind = kindOf(text, data);
      if (kind === undefined) continue;
      kinds.splice(at, 1);
      kinds.unshift(kind);
      return;
    }
    kinds.unshift({ text: data, template: { event, texts: [data], holes: [] } });
    if (kinds.length > MAX_KINDS) kinds.pop();
  }
}

/** The same text, not as a view that would hold on to the whole read that it came in. */
function copyOf(text: string): string {
  return Buffer.from(text, "utf16le").toString("utf16le");
}

/** Puts the values of `data` into the template's event; false if `data` is anything else. */
function fill({ texts, holes }: Template, data: string): boolean {
  if (holes.length === 0) return data === texts[0];
  const last = texts[holes.length] as string;
  const lastEnd = data.length - last.length;
  let at = (texts[0] as string).length;
  // Comparing slices takes half the time of startsWith and endsWith (V8 11.3, 250 characters: 74 ns against 143 ns).
  if (data.slice(0, at) !== texts[0] || data.slice(lastEnd) !== last) return false;
  for (let index = 0; index < holes.length; index++) {
    const end = fillHole(holes[index] as Hole, data, at);
    if (end < 0) return false;
    // The last text has been compared: it must only begin here.
    if (index === holes.length - 1) return end === lastEnd;
    const text = texts[index + 1] as string;
    at = end + text.length;
    if (data.slice(end, at) !== text) return false;
  }
  return false;
}

/** Puts the value that begins there into its place, and tells where it ends; negative where there is no such value. */
function fillHole(hole: Hole, data: string, at: number): number {
  const { holder, key, isCount, repeated } = hole;
  if (isCount) {
    const end = endOfCount(data, at);
    if (end >= 0) holder[key] = countBetween(data, at, end);
    return end;
  }
  if (repeated !== undefined && data.slice(at, at + repeated.length) === repeated)
    return at + repeated.length - 1;
  const end = closingQuote(data, at);
  if (end < 0) return end;
  const value = stringBetween(data, at, end);
  if (value === undefined) return -1;
  const isRepeated = value.length >= LONGEST_COPIED_SLICE && value === holder[key];
  hole.repeated = isRepeated ? `${lettersOf(value)}"` : undefined;
  holder[key] = value;
  return end;
}

/** The JSON string whose letters stand there, or undefined if they are none. */
function stringBetween(data: string, from: number, end: number): string | undefined {
  const escape = data.indexOf("\\", from);
  const hasEscape = escape >= 0 && escape < end;
  // V8 keeps a longer slice as a view that would hold on to the whole read: parsing copies it.
  if (!hasEscape && end - from < LONGEST_COPIED_SLICE) {
    const value = data.slice(from, end);
    return hasControlCharacter(value) ? undefined : value;
  }
  return parsed(data.slice(from - 1, end + 1)) as string | undefined;
}

/** Where the string ends whose letters begin there; negative where it does not. */
function closingQuote(data: string, from: number): number {
  for (let at = data.indexOf('"', from); ; at = data.indexOf('"', at + 1)) {
    let letters = at;
    while (letters > from && data[letters - 1] === "\\") letters--;
    // After an even number of backslashes it is not escaped.
    if (at < 0 || (at - letters) % 2 === 0) return at;
  }
}

/** Where the whole number ends that begins there; negative where there is none. */
function endOfCount(data: string, from: number): number {
  let end = from;
  while (isDigit(data.charCodeAt(end))) end++;
  const digits = end - from;
  return digits === 0 || digits > MAX_DIGITS || (digits > 1 && data[from] === "0") ? -1 : end;
}

/** The whole number whose digits stand there. */
function countBetween(data: string, from: number, end: number): number {
  let count = 0;
  for (let at = from; at < end; at++) count = count * 10 + data.charCodeAt(at) - 48;
  return count;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/**
 * What two events have in common, if they differ in strings and counts only. Both are read letter by letter, and no further
 * than to the first thing that differs in another way.
 */
function kindOf(before: string, data: string): EventKind | undefined {
  const texts: string[] = [];
  const isCounts: boolean[] = [];
  let from = 0;
  let [other, at] = [0, 0];
  /** Where the string begins or the number that is being read: its first letter or digit; negative between them. */
  let token = -1;
  let isString = false;
  while (at < data.length || other < before.length) {
    const code = data.charCodeAt(at);
    if (code === before.charCodeAt(other)) {
      if (isString) {
        // What is escaped is read with its backslash; if the two differ there, the next turn sees it.
        if (code === BACKSLASH && data.charCodeAt(at + 1) === before.charCodeAt(other + 1))
          [at, other] = [at + 1, other + 1];
        else if (code === QUOTE) [isString, token] = [false, -1];
      } else if (code === QUOTE) [isString, token] = [true, at + 1];
      else if (!isInNumber(code)) token = -1;
      else if (token < 0) token = at;
      at += 1;
      other += 1;
      continue;
    }
    // Both begin a number here, or they are in the middle of the same token.
    const start = token < 0 ? at : token;
    const otherStart = other - (at - start);
    const isCount = !isString;
    const end = isCount ? endOfCount(data, start) : closingQuote(data, start);
    const otherEnd = isCount ? endOfCount(before, otherStart) : closingQuote(before, otherStart);
    if (end < 0 || otherEnd < 0) return undefined;
    if (isCount && (isInNumber(data.charCodeAt(end)) || isInNumber(before.charCodeAt(otherEnd))))
      return undefined;
    // Another key is another structure.
    if (isString && (data.charCodeAt(end + 1) === COLON || before.charCodeAt(otherEnd + 1) === COLON))
      return undefined;
    texts.push(data.slice(from, start));
    isCounts.push(isCount);
    if (isCounts.length > MAX_HOLES) return undefined;
    from = end;
    // A string's quotes belong to the text around it.
    [at, other] = isCount ? [end, otherEnd] : [end + 1, otherEnd + 1];
    [isString, token] = [false, -1];
  }
  texts.push(data.slice(from));
  const template = withHoles(texts, isCounts);
  if (template === undefined || !fill(template, before) || !fill(template, data)) return undefined;
  // Whatever the next event of the kind is compared with: what changed once must look changed again.
  const values = template.holes.map(({ isCount }, index) => (isCount ? NO_COUNT : lettersOf(markOf(index))));
  return { text: joined(texts, values), template };
}

/** A count that no event has. */
const NO_COUNT = "918273645546372";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Whether the letter may stand in a number: `-1.5e+3`. */
function isInNumber(code: number): boolean {
  return isDigit(code) || code === 0x2e || code === 0x2d || code === 0x2b || code === 0x65 || code === 0x45;
}

function withHoles(texts: readonly string[], isCounts: readonly boolean[]): Template | undefined {
  const values = isCounts.map((isCount, index) => {
    const letters = lettersOf(markOf(index));
    return isCount ? `"${letters}"` : letters;
  });
  const event = parsed(joined(texts, values));
  const holes: Hole[] = [];
  for (const [index, isCount] of isCounts.entries()) {
    const place = placeOf(markOf(index), event);
    // A key is no value, and of a key that stands there twice only the last one is.
    if (place === undefined) return undefined;
    // Written out: V8 gives what a spread copies another shape each time, and compiles `fill` anew for every one.
    holes.push({ holder: place.holder, key: place.key, isCount, repeated: undefined });
  }
  return { event, texts, holes };
}

/** Another one in each process: of a mark that a server could send, the wrong place would be found. */
const MARK = `\u0001${Math.random().toString(36).slice(2)}`;

/** Stands for a value, to find its place. */
function markOf(index: number): string {
  return `${MARK} ${index}\u0001`;
}

/** A string as its letters stand in JSON. */
function lettersOf(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The texts with a value between each two. */
function joined(texts: readonly string[], values: readonly string[]): string {
  return texts.map((text, index) => text + (values[index] ?? "")).join("");
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Whether the text cannot stand in a JSON string as it is. */
function hasControlCharacter(text: string): boolean {
  for (let at = 0; at < text.length; at++) if (text.charCodeAt(at) < 0x20) return true;
  return false;
}

/** Where a mark stands as a value; undefined when it stands nowhere, or in a key. */
function placeOf(mark: string, value: unknown): Pick<Hole, "holder" | "key"> | undefined {
  if (typeof value !== "object" || value === null) return undefined;
  const holder = value as Record<string, unknown>;
  for (const key of Object.keys(holder)) {
    if (holder[key] === mark) return { holder, key };
    const found = placeOf(mark, holder[key]);
    if (found !== undefined) return found;
  }
  return undefined;
}
