import * as fc from "fast-check";
import { expect, test } from "vitest";
import type { ContentBlock } from "../../src/message/content-block.ts";
import { BlockList, blocksOf, type BlockView } from "../../src/model/block-list.ts";
import { ChatResponse } from "../../src/model/chat-response.ts";

function block(text: string): ContentBlock {
  return { type: "text", id: text, text };
}

test("what was handed out never changes, whatever is added and replaced later", () => {
  const step = fc.oneof(
    { weight: 4, arbitrary: fc.record({ add: fc.integer({ min: 1, max: 120 }) }) },
    { weight: 2, arbitrary: fc.record({ replace: fc.nat(400) }) },
  );
  fc.assert(
    fc.property(fc.array(step, { maxLength: 14 }), (steps) => {
      const list = new BlockList();
      const expected: ContentBlock[] = [];
      const seen: { view: BlockView; expected: ContentBlock[] }[] = [];
      for (const [at, each] of steps.entries()) {
        if ("add" in each) {
          for (let count = 0; count < each.add; count++) {
            expected.push(block(`${at}.${count}`));
            list.push(block(`${at}.${count}`));
          }
        } else if (each.replace < expected.length) {
          expected[each.replace] = block(`${at} anew`);
          list.replace(each.replace, block(`${at} anew`));
        }
        seen.push({ view: list.view, expected: [...expected] });
      }
      expect(list.length).toBe(expected.length);
      expect(expected.map((_, at) => list.at(at))).toEqual(expected);
      for (const then of seen) expect(blocksOf(then.view)).toEqual(then.expected);
    }),
  );
});

test("content that is made when it is read is a list like any other, made once", () => {
  const blocks = Array.from({ length: 3 }, (_, at) => block(`${at}`));
  const fields = { id: "1", provider: "p", model: "m", createdAt: "now", delta: [], isLast: false };
  const plain = new ChatResponse({ ...fields, content: blocks });
  let made = 0;
  const make = (): ContentBlock[] => {
    made += 1;
    return [...blocks];
  };
  const response = new ChatResponse({ ...fields, content: make });
  expect(made).toBe(0);
  expect(response.content).toBe(response.content);
  expect(Array.isArray(response.content)).toBe(true);
  expect(made).toBe(1);
  expect(new ChatResponse({ ...fields, content: make })).toEqual(plain);
  expect({ ...new ChatResponse({ ...fields, content: make }) }).toEqual({ ...plain });
  expect(JSON.stringify(new ChatResponse({ ...fields, content: make }))).toBe(JSON.stringify(plain));
  expect(structuredClone(new ChatResponse({ ...fields, content: make }))).toEqual(structuredClone(plain));
  expect(new ChatResponse({ ...fields, content: make }).with({ isLast: true }).text).toBe("012");
  expect(new ChatResponse({ ...fields, content: make }).text).toBe("012");
});
