type Fields = Readonly<Record<string, unknown>>;

/** The id of the request, as every event and every answer says it. */
export const DASHSCOPE_REQUEST_ID = "5bef2386-cf04-9ed8-8d58-a32ad4a9a6bd";

/** While the answer goes on its finish reason is this word. */
const RUNNING = "null";

/** One event of the stream, with its framing: no blanks after the colons, the status as a comment. */
export function dashscopeEvent(fields: Fields, type = "result", status = 200): string {
  const data = JSON.stringify({ ...fields, request_id: DASHSCOPE_REQUEST_ID });
  return `id:1\nevent:${type}\n:HTTP_STATUS/${status}\ndata:${data}\n\n`;
}

/** One event with one choice. */
export function dashscopeChoice(
  message: unknown,
  { finish = RUNNING, choice = {}, ...more }: Fields & { finish?: string | null; choice?: Fields } = {},
): string {
  return dashscopeEvent({ output: { choices: [{ message, finish_reason: finish, ...choice }] }, ...more });
}
