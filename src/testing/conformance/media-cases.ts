import { audio, file, image, video } from "../../message/data-blocks.ts";
import type { DataBlock } from "../../message/content-block.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";
import type { RecordedMedia } from "./wire-fixtures.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const DATA = "AQID";

/** Section N of the table: pictures, sounds and files. */
export const mediaCases: readonly ConformanceCase[] = [
  {
    id: "N1",
    title: "a picture is sent by its address, as bytes, and as a data: URL",
    run: async (context) => {
      const url = "https://example.com/cat.png";
      same(await mediaFor(context, image(url)), [{ kind: "image", url }], "an address");
      for (const picture of [
        image(BYTES, { mediaType: "image/png" }),
        image(`data:image/png;base64,${DATA}`),
      ]) {
        same(await mediaFor(context, picture), [{ kind: "image", data: DATA }], "bytes");
      }
    },
  },
  {
    id: "N2",
    title: "a sound is sent as bytes",
    run: async (context) => {
      for (const mediaType of ["audio/wav", "audio/mpeg"]) {
        same(
          await mediaFor(context, audio(BYTES, { mediaType })),
          [{ kind: "audio", data: DATA }],
          mediaType,
        );
      }
    },
  },
  {
    id: "N3",
    title: "a file is sent as bytes, and by the id that the provider gave it",
    run: async (context) => {
      const pdf = file(BYTES, { mediaType: "application/pdf", name: "a.pdf" });
      same(await mediaFor(context, pdf), [{ kind: "file", data: DATA }], "bytes");
      const known = file({ fileId: "file_1" }, { mediaType: "application/pdf" });
      same(await mediaFor(context, known), [{ kind: "file", fileId: "file_1" }], "an id");
    },
  },
  {
    id: "N4",
    title:
      "media that the model does not read are an error told before anything is sent, with the kinds that it reads",
    run: async (context) => {
      const card = { ...context.model().card, inputTypes: ["text/plain", "image/png"] };
      const model = context.model({ card });
      const strangers = [
        image(BYTES, { mediaType: "image/tiff" }),
        audio(BYTES, { mediaType: "audio/wav" }),
        video("https://example.com/a.mp4"),
        file(BYTES, { mediaType: "application/pdf" }),
      ];
      for (const block of strangers) {
        const messages = [{ role: "user" as const, content: ["Look", block] }];
        const { error, request } = await context.ask(undefined, { model, messages });
        same([error?.kind, request], ["unsupported", undefined], `what came of ${block.source.mediaType}`);
        claim(
          error?.message.includes("image/png") === true,
          `the kinds are not named: ${error?.message ?? ""}`,
        );
      }
    },
  },
];

/** What is sent of a block beside a text, to a model that reads everything. */
async function mediaFor(context: ConformanceContext, block: DataBlock): Promise<readonly RecordedMedia[]> {
  const card = { ...context.model().card, inputTypes: ["*/*"] };
  const messages = [{ role: "user" as const, content: ["Look at this.", block] }];
  const { sent } = await context.send({ model: context.model({ card }), messages });
  same(
    sent.messages.map(({ text }) => text),
    ["Look at this."],
    "the text beside it",
  );
  return sent.messages.flatMap(({ media }) => media);
}
