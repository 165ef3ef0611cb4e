// Parts of Gemini's wire in every form that they have there. What all wires have in common is in any-cut.test.ts.
import * as fc from "fast-check";
import { endEvent, framed, partsEvent } from "../model/gemini-server.ts";
import {
  anyText,
  isTheSameInOnePiece,
  keepsItsBeginning,
  staysTheSameHoweverCut,
  survivesAnyField,
} from "./any-cut-properties.ts";
import { testWires } from "./wires-under-test.ts";

const WIRE = "gemini";

const signature = fc.option(fc.constantFrom({ thoughtSignature: "c2ln" }), { nil: {} });

const anyPart = fc.oneof(
  fc.tuple(anyText, signature).map(([text, more]) => ({ text, ...more })),
  fc.tuple(anyText, signature).map(([text, more]) => ({ text, thought: true, ...more })),
  fc
    .tuple(
      fc.option(fc.constantFrom("fc_1", "fc_2"), { nil: undefined }),
      fc.jsonValue({ maxDepth: 2 }),
      signature,
    )
    .map(([id, value, more]) => ({ functionCall: { id, name: "look_up", args: { value } }, ...more })),
  fc.constant({ inlineData: { mimeType: "image/png", data: "AQID" } }),
  fc.constant({ inlineData: { mimeType: "audio/L16;rate=24000", data: "AQID" } }),
  fc.constant({ executableCode: { language: "PYTHON", code: "print(1)" } }),
);

const USAGE = { promptTokenCount: 7, candidatesTokenCount: 5, thoughtsTokenCount: 1, totalTokenCount: 13 };

/** An answer as events: any parts, in events of any size. */
const anyAnswer = fc
  .array(fc.array(anyPart, { maxLength: 3 }), { maxLength: 6 })
  .map((events) => [...events.map((parts) => partsEvent(parts)), endEvent("STOP", USAGE)]);

const anyStream = anyAnswer.map((events) => framed(...events));

testWires(
  "any cut of parts of any kind gives the same last snapshot",
  (wire) => staysTheSameHoweverCut(wire, anyStream),
  WIRE,
);

testWires(
  "parts of any kind that break off anywhere are an error with the beginning of them, or are whole",
  (wire) => keepsItsBeginning(wire, anyStream),
  WIRE,
);

testWires(
  "events and the list of them end in the same snapshot",
  (wire) =>
    isTheSameInOnePiece(
      wire,
      anyAnswer.map((events) => ({ stream: framed(...events), whole: JSON.stringify(events) })),
    ),
  WIRE,
);

/** Events with everything that the wire has. */
const RICH: readonly unknown[] = [
  partsEvent([
    { text: "a", thought: true, thoughtSignature: "s" },
    { functionCall: { id: "f", name: "t", args: { a: [1] } }, thoughtSignature: "s" },
    { inlineData: { mimeType: "image/png", data: "AQID" } },
    { inlineData: { mimeType: "audio/wav", data: "AQID" } },
    { fileData: { mimeType: "image/png", fileUri: "gs://a" } },
    { executableCode: { language: "PYTHON", code: "1" } },
    { codeExecutionResult: { outcome: "OUTCOME_OK", output: "1" } },
  ]),
  partsEvent([
    { functionCall: { name: "t", willContinue: true } },
    { functionCall: { partialArgs: [{ jsonPath: "$.a[0].b", stringValue: "x", willContinue: true }] } },
  ]),
  partsEvent([{ text: "b" }], {
    groundingMetadata: { webSearchQueries: ["x"] },
    citationMetadata: { citationSources: [{ uri: "u" }] },
    safetyRatings: [{ category: "c" }],
    logprobsResult: { chosenCandidates: [{ token: "b" }], topCandidates: [{ candidates: [{ token: "b" }] }] },
    finishMessage: "m",
  }),
  { candidates: [{ index: 1, content: { parts: [{ text: "another" }] }, finishReason: "STOP" }] },
  { promptFeedback: { blockReason: "SAFETY" } },
  endEvent("STOP", { ...USAGE, promptTokensDetails: [{ modality: "TEXT", tokenCount: 7 }] }),
  { error: { code: 500, message: "boom", status: "INTERNAL", details: [{ retryDelay: "1s" }] } },
];

testWires(
  "any field of all that the wire has may be anything",
  (wire) =>
    survivesAnyField(wire, RICH, (json) => framed(partsEvent([{ text: "a" }]), JSON.parse(json), endEvent())),
  WIRE,
);
