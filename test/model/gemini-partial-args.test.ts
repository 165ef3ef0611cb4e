import * as fc from "fast-check";
import { expect, test } from "vitest";
import { GeminiPartialArgs } from "../../src/model/gemini-partial-args.ts";
import type { GeminiPartialArg } from "../../src/wire/gemini.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

/** The text that these values are, piece by piece. */
function written(...events: readonly (readonly GeminiPartialArg[])[]): string {
  const args = new GeminiPartialArgs();
  return events.map((values) => args.add(values)).join("") + args.close();
}

test("values become one JSON text, strings in pieces", () => {
  expect(
    written(
      [{ jsonPath: "$.city", stringValue: "Pa", willContinue: true }],
      [{ jsonPath: "$.city", stringValue: "ris", willContinue: true }],
      [{ jsonPath: "$.city", stringValue: "" }],
      [
        { jsonPath: "$.days", numberValue: 3 },
        { jsonPath: "$.exact", boolValue: false },
        { jsonPath: "$.note", nullValue: "NULL_VALUE" },
      ],
    ),
  ).toBe('{"city":"Paris","days":3,"exact":false,"note":null}');
});

test("objects and lists open and close by their places", () => {
  expect(
    written([
      { jsonPath: "$.a.b", numberValue: 1 },
      { jsonPath: "$.a.c[0]", stringValue: "x" },
      { jsonPath: "$.a.c[1].d", stringValue: "y" },
      { jsonPath: "$.a.c[1].e", stringValue: "z" },
      { jsonPath: "$['odd key']", numberValue: 2 },
    ]),
  ).toBe('{"a":{"b":1,"c":["x",{"d":"y","e":"z"}]},"odd key":2}');
});

test("nothing is an empty object, and what is no value is passed over", () => {
  expect(written()).toBe("{}");
  expect(written([{}, { jsonPath: 1 }] as readonly GeminiPartialArg[])).toBe("{}");
});

test("a string that was never ended is ended", () => {
  expect(written([{ jsonPath: "$.a", stringValue: 'a "b"', willContinue: true }])).toBe('{"a":"a \\"b\\""}');
});

/** The leaves of a value with their places, in the order of the text. */
function leavesOf(value: unknown, path: string): GeminiPartialArg[] {
  if (typeof value === "string") return [{ jsonPath: path, stringValue: value }];
  if (typeof value === "number") return [{ jsonPath: path, numberValue: value }];
  if (typeof value === "boolean") return [{ jsonPath: path, boolValue: value }];
  if (value === null) return [{ jsonPath: path, nullValue: "NULL_VALUE" }];
  if (Array.isArray(value)) return value.flatMap((each, index) => leavesOf(each, `${path}[${index}]`));
  return Object.entries(value as object).flatMap(([key, each]) => leavesOf(each, `${path}.${key}`));
}

test("any arguments come out as they were", () => {
  const key = fc.stringMatching(/^[a-z_]{1,5}$/);
  const { value } = fc.letrec((tie) => ({
    leaf: fc.oneof(
      fc.string(),
      fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => n + 0),
      fc.boolean(),
      fc.constant(null),
    ),
    // What is empty has no leaves, so the wire cannot tell it.
    value: fc.oneof(
      { maxDepth: 3 },
      tie("leaf"),
      fc.array(tie("value"), { minLength: 1, maxLength: 3 }),
      fc.dictionary(key, tie("value"), { minKeys: 1, maxKeys: 3 }),
    ),
  }));
  fc.assert(
    fc.property(fc.dictionary(key, value, { maxKeys: 4 }), (args) => {
      expect(JSON.parse(written(leavesOf(args, "$")))).toEqual(JSON.parse(JSON.stringify(args)));
    }),
  );
});
