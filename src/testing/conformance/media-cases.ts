import { audio, file, image, video } from "../../message/data-blocks.ts";
import type { DataBlock } from "../../message/content-block.ts";
import type { ConformanceCase, ConformanceContext } from "./conformance-context.ts";
import { claim, same } from "./expectations.ts";
import type { RecordedMedia, WireFixtures } from "./wire-fixtures.ts";

const BYTES = new Uint8Array([1, 2, 3]);
const DATA = "AQID";

/** Section N of the table: pictures, sounds and files. */
export const mediaCases: readonly ConformanceCase[] = [
  {
    id: "N1",
    title: "a picture is sent by its address, as bytes, and as a data: URL",
    run: async (context) => {
      const url = "https://example.com/cat.png";
      await sends(context, image(url), { kind: "image", url });
      for (const picture of [
        image(BYTES, { mediaType: "image/png" }),
        image(`data:image/png;base64,${DATA}`),
      ]) {
        await sends(context, picture, { kind: "image", data: DATA });
      }
    },
  },
  {
    id: "N2",
    title: "a sound is sent as bytes",
    run: async (context) => {
      for (const mediaType of ["audio/wav", "audio/mpeg"]) {
        await sends(context, audio(BYTES, { mediaType }), { kind: "audio", data: DATA });
      }
    },
  },
  {
    id: "N3",
    title: "a file is sent as bytes, and by the id that the provider gave it",
    run: async (context) => {
      const pdf = file(BYTES, { mediaType: "application/pdf", name: "a.pdf" });
      await sends(context, pdf, { kind: "file", data: DATA });
      const known = file({ fileId: "file_1" }, { mediaType: "application/pdf" });
      await sends(context, known, { kind: "file", fileId: "file_1" });
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

const USUAL_FORMS: NonNullable<WireFixtures["media"]> = {
  image: ["url", "data"],
  audio: ["data"],
  file: ["data", "fileId"],
};

/** Holds that a model which reads everything is sent a block as the wire has it, or that the wire's lack is told before. */
async function sends(context: ConformanceContext, block: DataBlock, medium: RecordedMedia): Promise<void> {
  const { media = USUAL_FORMS } = context.fixtures;
  const card = { ...context.model().card, inputTypes: ["*/*"] };
  const model = context.model({ card });
  const messages = [{ role: "user" as const, content: ["Look at this.", block] }];
  const where = `${block.source.mediaType} as ${block.source.type}`;
  const isCarried = media[medium.kind]?.some((form) => form in medium) ?? false;
  if (!isCarried) {
    const { error, request } = await context.ask(undefined, { model, messages });
    same([error?.kind, request], ["unsupported", undefined], `${where}, which the wire does not carry`);
    return;
  }
  const { sent } = await context.send({ model, messages });
  same(
    sent.messages.map(({ text }) => text),
    ["Look at this."],
    `${where}: the text beside it`,
  );
  same(
    sent.messages.flatMap((message) => message.media),
    [medium],
    where,
  );
}
