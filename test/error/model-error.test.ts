import { inspect } from "node:util";
import { expect, test } from "vitest";
import * as errorClasses from "../../src/error/errors-by-kind.ts";
import { modelError } from "../../src/error/errors-by-kind.ts";
import { isRetryableKind, ModelError, type ModelErrorKind } from "../../src/error/model-error.ts";

const classByName: Readonly<Record<string, unknown>> = { ...errorClasses };
const { AuthenticationError, ConfigurationError, RateLimitError, ServerError } = errorClasses;

const CLASS_OF_KIND: Readonly<Record<ModelErrorKind, keyof typeof errorClasses>> = {
  authentication: "AuthenticationError",
  permission: "PermissionError",
  not_found: "NotFoundError",
  invalid_request: "InvalidRequestError",
  context_length: "ContextLengthError",
  rate_limit: "RateLimitError",
  quota: "QuotaError",
  overloaded: "OverloadedError",
  server: "ServerError",
  network: "NetworkError",
  timeout: "ModelTimeoutError",
  aborted: "AbortedError",
  content_filter: "ContentFilterError",
  truncated: "TruncatedError",
  parse: "ParseError",
  unsupported: "UnsupportedError",
  configuration: "ConfigurationError",
};
const KINDS = Object.keys(CLASS_OF_KIND) as ModelErrorKind[];

/** The classes of a second copy of the package, as two versions in one tree give them. */
async function otherCopy(): Promise<{ ModelError: typeof ModelError }> {
  const path = "../../src/error/model-error.ts?copy";
  return (await import(/* @vite-ignore */ path)) as { ModelError: typeof ModelError };
}

const PARTIAL = {
  id: "resp_1",
  text: "the whole conversation",
  thinking: "",
  content: [{ type: "text", id: "b.0", text: "the whole conversation" }],
};

test("every kind has its class, and every class its kind", () => {
  for (const kind of KINDS) {
    const error = modelError(kind, "It failed.");
    const expected = classByName[CLASS_OF_KIND[kind]] as typeof ModelError;
    expect(error).toBeInstanceOf(expected);
    expect(error).toBeInstanceOf(ModelError);
    expect(error).toBeInstanceOf(Error);
    expect(error.kind).toBe(kind);
    expect(error.name).toBe(CLASS_OF_KIND[kind]);
    expect(expected.kind).toBe(kind);
  }
  const classes = Object.keys(classByName).filter((name) => /^[A-Z]/.test(name));
  expect(classes.toSorted()).toEqual(Object.values(CLASS_OF_KIND).toSorted());
});

test("what may pass is retryable by kind, and a detail of the answer overrules it", () => {
  const retryable = KINDS.filter((kind) => isRetryableKind(kind));
  expect(retryable).toEqual(["rate_limit", "overloaded", "server", "network", "timeout", "truncated"]);
  for (const kind of KINDS) expect(modelError(kind, "It failed.").retryable).toBe(retryable.includes(kind));
  expect(modelError("invalid_request", "Conflict.", { retryable: true }).retryable).toBe(true);
  expect(modelError("server", "Gone for good.", { retryable: false }).retryable).toBe(false);
});

test("isInstance of a subclass asks for its kind, that of the base class for any", () => {
  const error = modelError("rate_limit", "Slow down.");
  expect(ModelError.isInstance(error)).toBe(true);
  expect(RateLimitError.isInstance(error)).toBe(true);
  expect(ServerError.isInstance(error)).toBe(false);
});

test("isInstance knows an error of another copy of the package", async () => {
  const other = await otherCopy();
  expect(other.ModelError).not.toBe(ModelError);
  const error = new other.ModelError("rate_limit", "Slow down.");
  expect(error instanceof ModelError).toBe(false);
  expect(ModelError.isInstance(error)).toBe(true);
  expect(RateLimitError.isInstance(error)).toBe(true);
  expect(AuthenticationError.isInstance(error)).toBe(false);
  expect(other.ModelError.isInstance(modelError("server", "It failed."))).toBe(true);
});

test("isInstance goes by the registered symbol, and by nothing else", () => {
  const branded = { [Symbol.for("rxscope.ModelError")]: true, kind: "quota" };
  expect(ModelError.isInstance(branded)).toBe(true);
  expect(errorClasses.QuotaError.isInstance(branded)).toBe(true);
  for (const value of [undefined, null, "rate_limit", 429, {}, { kind: "quota" }, new Error("quota")]) {
    expect(ModelError.isInstance(value)).toBe(false);
  }
});

test("toJSON tells message, kind and context, and neither stack nor partial answer", () => {
  const error = modelError("rate_limit", "openai/gpt answered 429.", {
    status: 429,
    code: "rate_limit_exceeded",
    requestId: "req_1",
    retryAfterMs: 1500,
    provider: "openai",
    model: "gpt",
    attempts: 3,
    partial: PARTIAL,
    cause: new Error("with a secret inside"),
  });
  expect(JSON.parse(JSON.stringify(error))).toEqual({
    message: "openai/gpt answered 429.",
    name: "RateLimitError",
    kind: "rate_limit",
    retryable: true,
    status: 429,
    code: "rate_limit_exceeded",
    requestId: "req_1",
    retryAfterMs: 1500,
    provider: "openai",
    model: "gpt",
    attempts: 3,
  });
});

test("an error printed to a log does not hold the conversation", () => {
  const error = modelError("truncated", "It broke off.", { partial: PARTIAL });
  expect(error.partial).toBe(PARTIAL);
  expect(inspect(error, { depth: null })).not.toContain("the whole conversation");
  expect(Object.keys(error)).not.toContain("partial");
});

test("what is not known is absent, not undefined", () => {
  const error = modelError("server", "It failed.", { status: undefined, provider: undefined });
  expect(Object.keys(error).toSorted()).toEqual(["kind", "name", "retryable"]);
  expect("cause" in error).toBe(false);
  expect(inspect(error)).not.toContain("undefined");
});

test("the cause is kept as it was", () => {
  const cause = new TypeError("below");
  expect(modelError("network", "It failed.", { cause }).cause).toBe(cause);
});

test("addContext adds what is missing, keeps what is known, and returns the error itself", () => {
  const error = modelError("server", "It failed.", { provider: "inner", status: 500 });
  const stack = error.stack;
  expect(error.addContext({ provider: "outer", model: "m1", attempts: 2, partial: PARTIAL })).toBe(error);
  expect(error).toMatchObject({ provider: "inner", model: "m1", status: 500, attempts: 2 });
  expect(error.partial).toBe(PARTIAL);
  error.addContext({ model: "m2", attempts: 5, partial: { ...PARTIAL, id: "other" } });
  expect(error.model).toBe("m1");
  expect(error.attempts).toBe(2);
  expect(error.partial?.id).toBe("resp_1");
  expect(error.stack).toBe(stack);
});

test("addContext leaves the kind and whether it may be retried alone", () => {
  const error = modelError("server", "It failed.").addContext({ retryable: false, status: 503 });
  expect(error.retryable).toBe(true);
  expect(error.status).toBe(503);
});

test("an error of another copy takes context from this one", async () => {
  const other = await otherCopy();
  const error: unknown = new other.ModelError("server", "It failed.");
  if (!ModelError.isInstance(error)) throw new Error("not recognised");
  expect(error.addContext({ provider: "openai" }).provider).toBe("openai");
});

test("the message and the stack name the class", () => {
  const error = new ConfigurationError("There is no key.");
  expect(String(error)).toBe("ConfigurationError: There is no key.");
  expect(inspect(error)).toContain("There is no key.");
});
