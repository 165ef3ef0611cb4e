import type { Socket } from "node:net";
import type { buildConnector, Dispatcher } from "undici";

let shared: Promise<Dispatcher> | undefined;
/** The socket that the last call of undici's connector began to connect. */
let begun: Socket | undefined;

/**
 * The dispatcher of the process: keep-alive connections, and the proxy that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`
 * name. undici is loaded with the first request, not with the library: it is the heaviest module of all.
 */
export function sharedDispatcher(): Promise<Dispatcher> {
  shared ??= import("undici").then(({ buildConnector, EnvHttpProxyAgent }) => {
    // Our own deadline gives up sooner; this only frees a socket that nobody gives up.
    const connect = buildConnector({ timeout: 60_000 }) as (
      ...args: Parameters<buildConnector.connector>
    ) => Socket;
    return new EnvHttpProxyAgent({
      // Our own deadlines watch the answer: undici's would end a model that thinks for more than five minutes.
      headersTimeout: 0,
      bodyTimeout: 0,
      connect: (options, callback) => {
        begun = connect(options, callback);
      },
    });
  });
  return shared;
}

/**
 * Dispatches a request. Returns the socket that this began to connect, if it did: undici offers no way to give up a request
 * before its connection stands, and one to an address that never answers would keep the process alive for a minute.
 */
export function dispatchTo(
  dispatcher: Dispatcher,
  options: Dispatcher.DispatchOptions,
  handler: Dispatcher.DispatchHandler,
): Socket | undefined {
  begun = undefined;
  dispatcher.dispatch(options, handler);
  // undici calls the connector before it returns.
  const socket = begun;
  begun = undefined;
  return socket;
}
