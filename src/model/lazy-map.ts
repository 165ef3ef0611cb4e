/**
 * A map that holds no memory before its first entry. An answer has many things that could come and few that do, and an empty
 * `Map` takes 220 bytes (V8 11.3).
 */
export class LazyMap<Key, Value> {
  private entries: Map<Key, Value> | undefined;

  get size(): number {
    return this.entries?.size ?? 0;
  }

  get(key: Key): Value | undefined {
    return this.entries?.get(key);
  }

  has(key: Key): boolean {
    return this.entries?.has(key) ?? false;
  }

  set(key: Key, value: Value): void {
    this.entries ??= new Map();
    this.entries.set(key, value);
  }

  delete(key: Key): void {
    this.entries?.delete(key);
  }

  clear(): void {
    this.entries = undefined;
  }

  keys(): Iterable<Key> {
    return this.entries?.keys() ?? NOTHING;
  }

  values(): Iterable<Value> {
    return this.entries?.values() ?? NOTHING;
  }

  [Symbol.iterator](): Iterator<[Key, Value]> {
    return (this.entries ?? NOTHING)[Symbol.iterator]();
  }
}

const NOTHING: readonly never[] = Object.freeze([]);
