/** Names of headers and of query parameters whose value is a secret. */
const SECRET_NAME =
  /(?:^|[-_])auth(?:$|[-_])|authorization|cookie|credential|key|password|secret|signature|token|^(?:code|sig)$/i;

/** Things that look like keys wherever they stand: some providers repeat a part of the key in their error text. */
const KEY_SHAPES: readonly RegExp[] = [
  /\b(?:sk|pk|rk|xai|gsk|AIza|ya29|key)[-_.][\w*.-]{6,}/g,
  /\bAIza[\w-]{10,}/g,
  /\bBearer\s+[\w.~+/=-]{6,}/gi,
];

const HIDDEN = "[redacted]";

/** Makes `util.inspect` show the objects of a class as their `toString` does: their fields may hold a key. */
export function inspectAsString({ prototype }: { readonly prototype: object }): void {
  Object.defineProperty(prototype, Symbol.for("nodejs.util.inspect.custom"), { value: asString });
}

function asString(this: { toString(): string }): string {
  return this.toString();
}

/** Whether a header or a query parameter of this name holds a secret. */
export function isSecretName(name: string): boolean {
  return SECRET_NAME.test(name);
}

/** The secret values among the headers and the query of a request. */
export function secretsIn(headers: Readonly<Record<string, string>>, query?: URLSearchParams): string[] {
  const secrets = new Set<string>();
  for (const [name, value] of [...Object.entries(headers), ...(query ?? [])]) {
    if (!isSecretName(name)) continue;
    const secret = value.replace(/^\w+ /, "");
    // A very short "key" (x, test) would blank out ordinary words.
    if (secret.length >= 6) secrets.add(secret).add(encodeURIComponent(secret));
  }
  return [...secrets];
}

/** The text without these secrets, and without anything that looks like a key. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, HIDDEN);
  for (const shape of KEY_SHAPES) clean = clean.replace(shape, HIDDEN);
  return clean;
}
