import { PartialJson } from "../partial-json.ts";

const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * What the JSON in a text means so far, while the text arrives. What stands before the JSON (words, the beginning of a code
 * fence, reasoning in `<think>` tags) is passed over; each character is looked at once.
 */
export class PartialText {
  private parser: PartialJson | undefined;
  private isThinking = false;
  /** The end of the text so far, where it may be the beginning of a tag. */
  private held = "";
  private length = 0;

  /** How much of the text was read. */
  get read(): number {
    return this.length;
  }

  get value(): unknown {
    return this.parser?.value;
  }

  push(added: string): void {
    this.length += added.length;
    const json = this.parser === undefined ? this.jsonIn(added) : added;
    if (json === "") return;
    this.parser ??= new PartialJson();
    this.parser.push(json);
  }

  /** The beginning of the JSON; empty as long as there is none. */
  private jsonIn(added: string): string {
    let text = this.held + added;
    for (;;) {
      const tag = this.isThinking ? CLOSE : OPEN;
      const at = text.indexOf(tag);
      const json = this.isThinking ? -1 : text.search(/[[{]/);
      if (json !== -1 && (at === -1 || json < at)) return text.slice(json);
      if (at === -1) {
        this.held = text.slice(-(tag.length - 1));
        return "";
      }
      this.isThinking = !this.isThinking;
      text = text.slice(at + tag.length);
    }
  }
}
