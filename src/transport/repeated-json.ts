/** After this many lessons that did not pay, lessons become rare: the events change in other ways than by their values. */
const MAX_FAILED_LESSONS = 16;

/** Then one event in so many is still learned from: the next answers may be of another kind. */
const RARE_LESSON = 64;

/**
 * So many kinds of events are known. With fewer than an answer has, each would be forgotten before it comes again: Anthropic's
 * has up to thirteen, the beginning and the end of its thoughts, its text and its calls among them.
 */
const MAX_KINDS = 16;

/** A longer event is not kept: it is a picture, or a whole answer. */
const MAX_KEPT = 8192;

/** Slices shorter than this are copies in V8 (`SlicedString::kMinLength`). */
const LONGEST_COPIED_SLICE = 13;

/** So many digits are exact when they are added up one by one. */
const MAX_DIGITS = 15;

/** An event in which more values change is parsed as fast. */
const MAX_HOLES = 12;

/** A value that changes, where it stands in the event: a string, or a number. */
interface Hole {
  readonly holder: Record<string, unknown>;
  readonly key: string;
  readonly isNumber: boolean;
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
  /** Whether an event of this kind need not have been parsed. */
  hasServed: boolean;
}

/**
 * Parses the JSON events of a model's answers. Providers repeat every byte of an event but its text delta and a few values
 * more (the time it was made, padding, the tokens so far), so after two events that differ only in some strings and numbers,
 * an event with the same text around them is not parsed again: its values are put into the event that was parsed before.
 * Anything else goes to `JSON.parse`. What one answer taught serves the next: of a short one nothing is parsed.
 *
 * This is sound because the same pieces of text with any JSON string for a string, and any number for a number, between them
 * always parse to the same structure. It is what makes reading a stream cheaper than parsing it (`bench/`).
 *
 * **The returned value is valid until the next call:** it may be the same object with other values in it.
 */
export class RepeatedJson {
  /** The one that came last first. */
  private readonly kinds: EventKind[] = [];
  /** Lessons that have not been paid back: each event that need not be parsed pays for one. */
  private debt = 0;
  private missedLessons = 0;

  /** @throws SyntaxError as `JSON.parse` does */
  parse(data: string): unknown {
    const { kinds } = this;
    for (let at = 0; at < kinds.length; at++) {
      const kind = kinds[at] as EventKind;
      if (!fill(kind.template, data)) continue;
      kind.hasServed = true;
      if (at > 0) kinds.unshift(...kinds.splice(at, 1));
      if (this.debt > 0) this.debt -= 1;
      return kind.template.event;
    }
    const event: unknown = JSON.parse(data);
    if (data.length <= MAX_KEPT && this.mayLearn()) this.learn(copyOf(data), event);
    return event;
  }

  private mayLearn(): boolean {
    if (this.debt < MAX_FAILED_LESSONS) return true;
    this.missedLessons = (this.missedLessons + 1) % RARE_LESSON;
    return this.missedLessons === 0;
  }

  /** Looks whether this event and one before it differ in some of their values only. */
  private learn(data: string, event: unknown): void {
    const { kinds } = this;
    if (this.debt < MAX_FAILED_LESSONS) this.debt += 1;
    for (const [at, { text }] of kinds.entries()) {
      const kind = kindOf(text, data);
      if (kind === undefined) continue;
      kinds.splice(at, 1);
      kinds.unshift(kind);
      return;
    }
    kinds.unshift({ text: data, template: { event, texts: [data], holes: [] }, hasServed: false });
    if (kinds.length <= MAX_KINDS) return;
    const useless = kinds.findLastIndex(({ hasServed }) => !hasServed);
    kinds.splice(useless > 0 ? useless : kinds.length - 1, 1);
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
  const { holder, key, isNumber, repeated } = hole;
  if (isNumber) {
    const end = endOfNumber(data, at);
    if (end >= 0) holder[key] = numberBetween(data, at, end);
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

/** Where the number ends that begins there; negative where there is none. */
function endOfNumber(data: string, from: number): number {
  const whole = data[from] === "-" ? from + 1 : from;
  let end = endOfDigits(data, whole);
  if (end === whole || (end > whole + 1 && data[whole] === "0")) return -1;
  if (data[end] === ".") {
    const fraction = end + 1;
    end = endOfDigits(data, fraction);
    if (end === fraction) return -1;
  }
  if (data[end] === "e" || data[end] === "E") {
    const sign = data[end + 1];
    const exponent = sign === "+" || sign === "-" ? end + 2 : end + 1;
    end = endOfDigits(data, exponent);
    if (end === exponent) return -1;
  }
  return end;
}

function endOfDigits(data: string, from: number): number {
  let end = from;
  while (isDigit(data.charCodeAt(end))) end++;
  return end;
}

/** The number whose letters stand there. Most are counts, a few digits, and these are added up. */
function numberBetween(data: string, from: number, end: number): number {
  let count = 0;
  for (let at = from; at < end; at++) {
    const code = data.charCodeAt(at);
    if (!isDigit(code) || end - from > MAX_DIGITS) return Number(data.slice(from, end));
    count = count * 10 + code - 48;
  }
  return count;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

/**
 * What two events have in common, if they differ in strings and numbers only. Both are read letter by letter, and no further
 * than to the first thing that differs in another way.
 */
function kindOf(before: string, data: string): EventKind | undefined {
  const texts: string[] = [];
  const isNumbers: boolean[] = [];
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
    const isNumber = !isString;
    const end = isNumber ? endOfNumber(data, start) : closingQuote(data, start);
    const otherEnd = isNumber ? endOfNumber(before, otherStart) : closingQuote(before, otherStart);
    if (end < 0 || otherEnd < 0) return undefined;
    // Another key is another structure.
    if (isString && (data.charCodeAt(end + 1) === COLON || before.charCodeAt(otherEnd + 1) === COLON))
      return undefined;
    texts.push(data.slice(from, start));
    isNumbers.push(isNumber);
    if (isNumbers.length > MAX_HOLES) return undefined;
    from = end;
    // A string's quotes belong to the text around it.
    [at, other] = isNumber ? [end, otherEnd] : [end + 1, otherEnd + 1];
    [isString, token] = [false, -1];
  }
  texts.push(data.slice(from));
  const template = withHoles(texts, isNumbers);
  if (template === undefined || !fill(template, before) || !fill(template, data)) return undefined;
  // Whatever the next event of the kind is compared with: what changed once must look changed again.
  const values = template.holes.map(({ isNumber }, index) =>
    isNumber ? NO_NUMBER : lettersOf(markOf(index)),
  );
  return { text: joined(texts, values), template, hasServed: false };
}

/** A number that no event has. */
const NO_NUMBER = "918273645546372";

const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const COLON = 0x3a;

/** Whether the letter may stand in a number: `-1.5e+3`. */
function isInNumber(code: number): boolean {
  return isDigit(code) || code === 0x2e || code === 0x2d || code === 0x2b || code === 0x65 || code === 0x45;
}

function withHoles(texts: readonly string[], isNumbers: readonly boolean[]): Template | undefined {
  const values = isNumbers.map((isNumber, index) => {
    const letters = lettersOf(markOf(index));
    return isNumber ? `"${letters}"` : letters;
  });
  const event = parsed(joined(texts, values));
  const holes: Hole[] = [];
  for (const [index, isNumber] of isNumbers.entries()) {
    const place = placeOf(markOf(index), event);
    // A key is no value, and of a key that stands there twice only the last one is.
    if (place === undefined) return undefined;
    // Written out: V8 gives what a spread copies another shape each time, and compiles `fill` anew for every one.
    holes.push({ holder: place.holder, key: place.key, isNumber, repeated: undefined });
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
