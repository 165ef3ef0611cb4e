import type { ContentBuilder } from "./content-builder.ts";

const OPEN = "<think>";
const CLOSE = "</think>";

/**
 * Takes `<think>` tags out of text that some servers leave them in: what stands between them is reasoning. A tag may be
 * cut anywhere between two deltas. A closing tag without an opening one ends reasoning that began with the answer (R1
 * templates open the tag in the prompt): what came before it was shown as text already and stays text.
 */
export class ThinkTagSplitter {
  private isThinking = false;
  private hasSeenTag = false;
  /** The end of the text so far, when it may be the beginning of a tag. */
  private held = "";
  /** Blank text right after a tag is layout, not content. */
  private skipBlank = true;

  push(added: string, content: ContentBuilder): void {
    let text = this.held + added;
    this.held = "";
    while (text !== "") {
      const tags = this.expectedTags();
      const [tag] = tags
        .filter((each) => text.includes(each))
        .toSorted((a, b) => text.indexOf(a) - text.indexOf(b));
      if (tag !== undefined) {
        const at = text.indexOf(tag);
        this.write(text.slice(0, at), content);
        text = text.slice(at + tag.length);
        this.isThinking = tag === OPEN;
        this.hasSeenTag = true;
        this.skipBlank = true;
        continue;
      }
      const kept = Math.max(...tags.map((each) => lengthOfTagStart(text, each)));
      this.write(text.slice(0, text.length - kept), content);
      this.held = text.slice(text.length - kept);
      return;
    }
  }

  /** The text is over, or something else follows it: what was held back was no tag. */
  flush(content: ContentBuilder): void {
    const { held } = this;
    this.held = "";
    this.write(held, content);
  }

  private expectedTags(): readonly string[] {
    if (this.isThinking) return [CLOSE];
    return this.hasSeenTag ? [OPEN] : [OPEN, CLOSE];
  }

  private write(text: string, content: ContentBuilder): void {
    const visible = this.skipBlank ? text.trimStart() : text;
    if (visible === "") return;
    this.skipBlank = false;
    if (this.isThinking) content.thinking(visible);
    else content.text(visible);
  }
}

/** How many characters at the end of the text may be the beginning of the tag. */
function lengthOfTagStart(text: string, tag: string): number {
  for (let length = Math.min(tag.length - 1, text.length); length > 0; length--) {
    if (text.endsWith(tag.slice(0, length))) return length;
  }
  return 0;
}
