import { expect, test } from "vitest";
import { ConfigurationError } from "../../src/error/errors-by-kind.ts";
import { endpointUrl, mergeHeaders, normalizeBaseUrl } from "../../src/transport/endpoint.ts";

test.each([
  ["https://api.example.com", "https://api.example.com"],
  ["https://api.example.com/", "https://api.example.com"],
  ["https://api.example.com/v1", "https://api.example.com/v1"],
  ["https://api.example.com/v1///", "https://api.example.com/v1"],
  [" http://localhost:8080/v1/ ", "http://localhost:8080/v1"],
  ["HTTPS://API.example.com:443/V1", "https://api.example.com/V1"],
  ["https://api.example.com/v1/?api-version=2", "https://api.example.com/v1?api-version=2"],
  ["https://api.example.com/v1#part", "https://api.example.com/v1"],
  ["http://[::1]:11434", "http://[::1]:11434"],
])("the base URL %s is %s", (given, expected) => {
  expect(normalizeBaseUrl(given, "Owner")).toBe(expected);
});

test.each([
  "",
  "  ",
  "api.example.com/v1",
  "/v1",
  "localhost:8080/v1",
  "ftp://example.com",
  "file:///etc/passwd",
])("the base URL %j is refused, with its owner", (given) => {
  expect(() => normalizeBaseUrl(given, "OpenAICredential")).toThrow(ConfigurationError);
  expect(() => normalizeBaseUrl(given, "OpenAICredential")).toThrow(/^OpenAICredential: baseUrl/);
});

test("a base URL with a password in it is refused, and the password is not shown", () => {
  expect(() => normalizeBaseUrl("https://me:hunter22@api.example.com", "Owner")).toThrow(/use headers/);
  expect(() => normalizeBaseUrl("https://me:hunter22@api.example.com", "Owner")).not.toThrow(/hunter22/);
});

test("a base URL with a key in its query is refused, and the key is not shown", () => {
  for (const name of ["key", "api-key", "subscription-key", "access_token", "code", "sig"]) {
    const refused = (): string => normalizeBaseUrl(`https://api.example.com/v1?${name}=hunter22`, "Owner");
    expect(refused).toThrow(new RegExp(`Owner: .*"${name}".*extraQuery`));
    expect(refused).not.toThrow(/hunter22/);
  }
});

test.each([
  ["https://h", "/chat", "https://h/chat"],
  ["https://h/", "/chat", "https://h/chat"],
  ["https://h/v1", "/chat", "https://h/v1/chat"],
  ["https://h/v1/", "/chat", "https://h/v1/chat"],
  ["https://h/v1?a=1", "/chat", "https://h/v1/chat?a=1"],
  ["https://h/a%2Fb", "/chat", "https://h/a%2Fb/chat"],
])("%s and %s are %s", (base, path, expected) => {
  expect(endpointUrl(base, path).href).toBe(expected);
});

test("later queries win over earlier ones and over the base URL's", () => {
  const url = endpointUrl("https://h/v1?a=1&b=1", "/chat", { b: "2", c: "2" }, undefined, { c: "3 &" });
  expect(url.search).toBe("?a=1&b=2&c=3+%26");
});

test("headers merge without regard to case, the later winning, undefined adding nothing", () => {
  const merged = mergeHeaders({ A: "1", b: "1" }, undefined, { a: "2", B: undefined }, { C: "3" });
  expect(merged).toEqual({ a: "2", b: "1", c: "3" });
});
