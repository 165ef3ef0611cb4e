import type { Body } from "./deliver.ts";
import type { EmulatedAnswer } from "./emulated-answer.ts";
import type { EmulatedRequest } from "./emulated-request.ts";
import type { FoundRoute } from "./wires.ts";

const JSON_TYPE = "application/json";

/** Where an event of raw text ends: after a blank line, or after every line on a wire that knows no comments. */
const AFTER_BLANK_LINE = /(?<=\n\n|\r\n\r\n)/;
const AFTER_LINE = /(?<=\n)/;

/** A body and the type that the head says it has. */
export interface TypedBody extends Body {
  readonly contentType: string;
}

/** What of an answer becomes the body: its bytes, its document, an error, or what the model says on the route's wire. */
export function bodyOf(
  request: EmulatedRequest,
  answer: EmulatedAnswer,
  { wire, generation }: FoundRoute,
): TypedBody {
  const { raw, body, status = 200, contentType } = answer;
  const isStream = generation?.isStream(request) ?? false;
  const typeAsAsked = isStream ? wire.streamContentType : JSON_TYPE;
  if (raw !== undefined) {
    const end = wire.hasComments ? AFTER_BLANK_LINE : AFTER_LINE;
    const pieces = typeof raw === "string" ? raw.split(end) : [raw];
    return { pieces, isStream, isEventStream: false, contentType: contentType ?? typeAsAsked };
  }
  if (body !== undefined || status >= 400 || generation === undefined) {
    const value = body ?? wire.errorBody(status, request);
    if (isStream && status >= 400 && typeof value === "object" && wire.streamedError !== undefined) {
      const pieces = [wire.streamedError(status, value)];
      return { pieces, isStream: false, isEventStream: false, contentType: contentType ?? typeAsAsked };
    }
    const [text, type] =
      typeof value === "string" ? [value, "text/plain; charset=utf-8"] : [JSON.stringify(value), JSON_TYPE];
    return { pieces: [text], isStream: false, isEventStream: false, contentType: contentType ?? type };
  }
  return {
    pieces: isStream
      ? generation.events(request, answer)
      : [JSON.stringify(generation.whole(request, answer))],
    isStream,
    isEventStream: isStream && wire.hasComments,
    ...(wire.keepAlive !== undefined && { keepAlive: wire.keepAlive }),
    contentType: contentType ?? typeAsAsked,
  };
}
