import type { Dispatcher } from "undici";

let shared: Promise<Dispatcher> | undefined;

/**
 * The dispatcher of the process: keep-alive connections, and the proxy that `HTTP_PROXY`, `HTTPS_PROXY` and `NO_PROXY`
 * name. undici is loaded with the first request, not with the library: it is the heaviest module of all.
 */
export function sharedDispatcher(): Promise<Dispatcher> {
  shared ??= import("undici").then(
    ({ EnvHttpProxyAgent }) =>
      new EnvHttpProxyAgent({
        // Our own deadlines watch the answer: undici's would end a model that thinks for more than five minutes.
        headersTimeout: 0,
        bodyTimeout: 0,
        // Ours give up sooner; this only frees the socket of a connection that never comes about.
        connect: { timeout: 60_000 },
      }),
  );
  return shared;
}
