/** The longest unbroken run of one kind of character that is encoded in one piece. Words and spaces of real text stay below. */
const MAX_RUN = 256;

/** A line from this length on ends a segment. */
const MIN_LINE = 64;

/** Kinds of characters that the patterns of the encodings tell apart; TAIL is a run of signs that has reached its line end. */
const OTHER = 0;
const LETTER = 1;
const SPACE = 2;
const SIGN = 3;
const MARK = 4;
const TAIL = 5;

const LINE_FEED = 10;
const CARRIAGE_RETURN = 13;
const SLASH = 47;

/** A piece of a text that is encoded by itself. */
export interface TextSegment {
  readonly text: string;
  /** Whether it ends amid an unbroken run, so that the whole may have a token less than its parts. */
  readonly isBroken: boolean;
}

/**
 * Cuts a text into pieces that may be encoded one by one.
 *
 * An encoder first splits a text by a pattern into words, runs of signs and runs of white space, then spends time on each
 * that grows with the square of its length: 100,000 times one letter take tiktoken 12 s, a million end its WASM. So an
 * unbroken run is cut after {@link MAX_RUN} characters. A text is also cut behind long lines, where the patterns begin a
 * new piece in any case: no count changes by it, and a line that was counted once need not be counted again.
 */
export function* textSegments(text: string): Generator<TextSegment> {
  let start = 0;
  let lineStart = 0;
  let runStart = 0;
  let run = OTHER;
  for (let index = 0; index < text.length; index++) {
    const code = text.charCodeAt(index);
    const before = run;
    run = nextRun(run, code);
    if (run === OTHER || !isSameRun(before, run)) {
      runStart = index;
    } else if (index - runStart >= MAX_RUN && !isLowSurrogate(code)) {
      yield { text: text.slice(start, index), isBroken: true };
      start = runStart = index;
    }
    if (code !== LINE_FEED) continue;
    if (index + 1 - lineStart >= MIN_LINE && beginsPiece(text, index + 1)) {
      yield { text: text.slice(start, index + 1), isBroken: false };
      start = index + 1;
    }
    lineStart = index + 1;
  }
  if (start < text.length) yield { text: text.slice(start), isBroken: false };
}

/** The kind of run that a character continues or begins. */
function nextRun(run: number, code: number): number {
  const kind = kindOf(code);
  // Accents and the like belong to letters by one pattern and to signs by another.
  if (kind === MARK) return run === OTHER ? LETTER : run;
  if (run === SIGN || run === TAIL) {
    if (code === LINE_FEED || code === CARRIAGE_RETURN || (run === TAIL && code === SLASH)) return TAIL;
  }
  return kind;
}

function isSameRun(before: number, run: number): boolean {
  return before === run || (before === SIGN && run === TAIL);
}

/** Whether a piece begins here, after a line feed, by the patterns of all encodings. */
function beginsPiece(text: string, index: number): boolean {
  if (index === text.length) return false;
  const code = text.charCodeAt(index);
  return code !== SLASH && kindOf(code) !== SPACE;
}

function isLowSurrogate(code: number): boolean {
  return code >= 0xdc00 && code <= 0xdfff;
}

/** The kind of every UTF-16 code unit that was met, plus one: asking a pattern for each costs ten times as much. */
let kinds: Uint8Array | undefined;

function kindOf(code: number): number {
  kinds ??= new Uint8Array(0x1_0000);
  const known = kinds[code] as number;
  if (known !== 0) return known - 1;
  const kind = classify(code);
  kinds[code] = kind + 1;
  return kind;
}

function classify(code: number): number {
  // The second half of a pair goes with the first; the first tells emoji from letters well enough.
  if (isLowSurrogate(code)) return MARK;
  if (code >= 0xd800 && code <= 0xdbff) return code >= 0xd83c && code <= 0xd83e ? SIGN : LETTER;
  const character = String.fromCharCode(code);
  // The patterns count U+0085 as white space, JavaScript does not.
  if (/\s|\u0085/.test(character)) return SPACE;
  if (/\p{L}/u.test(character)) return LETTER;
  if (/\p{M}/u.test(character)) return MARK;
  return /\p{N}/u.test(character) ? OTHER : SIGN;
}
