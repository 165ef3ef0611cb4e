import type { Socket } from "node:net";
import type { Agent, buildConnector, Dispatcher } from "undici";

let proxied: Promise<Dispatcher> | undefined;
let direct: Promise<Dispatcher> | undefined;
/** The socket that the last call of undici's connector began to connect. */
let begun: Socket | undefined;

/**
 * The dispatcher of the process for a host: keep-alive connections, and the proxy that `HTTP_PROXY`, `HTTPS_PROXY` and
 * `NO_PROXY` name. This machine itself is never asked through a proxy, which would look for the server on its own.
 * undici is loaded with the first request, not with the library: it is the heaviest module of all.
 */
export function sharedDispatcher(hostname = ""): Promise<Dispatcher> {
  if (isThisMachine(hostname) || !namesProxy(process.env))
    return (direct ??= loadAgent().then(({ Agent, ...undici }) => new Agent(optionsFor(undici))));
  return (proxied ??= import("undici").then(
    ({ EnvHttpProxyAgent, ...undici }) => new EnvHttpProxyAgent(optionsFor(undici)),
  ));
}

/** What a plain agent needs of undici. */
type AgentParts = Pick<typeof import("undici"), "Agent" | "buildConnector">;

/**
 * An agent without undici's index, which loads 111 modules where 24 will do, more than half of the time of a first request,
 * and puts a dispatcher of its own under the global `fetch`. A release that keeps them elsewhere gives them by the index.
 */
async function loadAgent(): Promise<AgentParts> {
  try {
    const [agent, connector] = (await Promise.all([
      // @ts-expect-error Only undici's index has types.
      import("undici/lib/dispatcher/agent.js"),
      // @ts-expect-error Only undici's index has types.
      import("undici/lib/core/connect.js"),
    ])) as { readonly default: unknown }[];
    return { Agent: agent?.default, buildConnector: connector?.default } as AgentParts;
  } catch {
    return import("undici");
  }
}

/** By the rules of undici's own EnvHttpProxyAgent. */
function namesProxy(env: NodeJS.ProcessEnv): boolean {
  return Boolean((env["http_proxy"] ?? env["HTTP_PROXY"]) || (env["https_proxy"] ?? env["HTTPS_PROXY"]));
}

/** Whether a URL's host is this machine itself. */
export function isThisMachine(hostname: string): boolean {
  return hostname === "localhost" || hostname === "[::1]" || /^127(?:\.\d+){3}$/.test(hostname);
}

function optionsFor(undici: Pick<AgentParts, "buildConnector">): Agent.Options {
  // Our own deadline watches the connection; undici's would end a longer one that was asked for.
  const connect = undici.buildConnector({ timeout: 0 }) as (
    ...args: Parameters<buildConnector.connector>
  ) => Socket;
  return {
    // Our own deadlines watch the answer: undici's would end a model that thinks for more than five minutes.
    headersTimeout: 0,
    bodyTimeout: 0,
    connect: (options, callback) => {
      begun = connect(options, callback);
      forgetAborted(begun);
    },
  };
}

/**
 * undici closes the socket of an aborted request with an error of the kind after which it keeps what is in its queue: the
 * aborted request too, for which it then connects anew. After an error of another kind it forgets the request.
 */
function forgetAborted(socket: Socket): void {
  const destroy = socket.destroy.bind(socket);
  socket.destroy = (error) => {
    const code = (error as { code?: string } | undefined)?.code;
    const isAbort = code === "UND_ERR_INFO" && error?.message === "aborted";
    return destroy(isAbort ? Object.assign(new Error(error.message), { code: "UND_ERR_SOCKET" }) : error);
  };
}

/**
 * Dispatches a request. Returns the socket that this began to connect, if it did: undici offers no way to give up a request
 * before its connection stands, and one to an address that never answers would keep the process alive for minutes.
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
