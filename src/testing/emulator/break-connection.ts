import type { Socket } from "node:net";
import { setTimeout as wait } from "node:timers/promises";

/** How a connection ends: in order (`fin`), or reset (`rst`). */
export type ConnectionBreak = "fin" | "rst";

/** A reset throws away what the other side has not read yet, so it gets this long to do so, in milliseconds. */
const READ_BEFORE_RESET_MS = 20;

/** Ends a connection after what was written to it. */
export async function breakConnection(socket: Socket, how: ConnectionBreak): Promise<void> {
  if (how === "fin") {
    socket.destroySoon();
    return;
  }
  await new Promise<void>((resolve) => socket.write("", () => resolve()));
  await wait(READ_BEFORE_RESET_MS);
  // Node ends the stream in order before it resets the handle; the client would see that FIN, and a clean end.
  socket._final = (done) => done();
  socket.resetAndDestroy();
}
