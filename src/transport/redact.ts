/** Headers whose value is a secret. */
const SECRET_HEADERS = /^(?:authorization|proxy-authorization|cookie)$|key|token|secret/i;

/** Things that look like keys wherever they stand: some providers repeat a part of the key in their error text. */
const KEY_SHAPES: readonly RegExp[] = [
  /\b(?:sk|pk|rk|xai|gsk|AIza|ya29|key)[-_.][\w*.-]{6,}/g,
  /\bAIza[\w-]{10,}/g,
  /\bBearer\s+[\w.~+/=-]{6,}/gi,
];

const HIDDEN = "[redacted]";

/** The secret values among the headers of a request. */
export function secretsIn(headers: Readonly<Record<string, string>>): string[] {
  const secrets: string[] = [];
  for (const [name, value] of Object.entries(headers)) {
    if (!SECRET_HEADERS.test(name)) continue;
    const secret = value.replace(/^\w+ /, "");
    // A very short "key" (x, test) would blank out ordinary words.
    if (secret.length >= 6) secrets.push(secret);
  }
  return secrets;
}

/** The text without these secrets, and without anything that looks like a key. */
export function redact(text: string, secrets: readonly string[] = []): string {
  let clean = text;
  for (const secret of secrets) clean = clean.replaceAll(secret, HIDDEN);
  for (const shape of KEY_SHAPES) clean = clean.replace(shape, HIDDEN);
  return clean;
}
