/** Takes away the beginning of an answer that only repeats a text of the request, which may come in pieces. */
export class EchoedText {
  /** What is still to come of it. */
  private expected: string;
  /** What has come of it. */
  private repeated = "";

  constructor(text: string) {
    this.expected = text;
  }

  /** What of the text is new; what only looked like the repetition is given back. */
  strip(text: string): string {
    const { expected } = this;
    if (expected === "") return text;
    if (expected.startsWith(text)) {
      this.expected = expected.slice(text.length);
      this.repeated += text;
      return "";
    }
    this.expected = "";
    return text.startsWith(expected) ? text.slice(expected.length) : this.repeated + text;
  }

  /** What was held back, at an end before the whole of it was repeated. */
  rest(): string {
    return this.expected === "" ? "" : this.repeated;
  }
}
