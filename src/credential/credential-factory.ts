import { ConfigurationError } from "../error/errors-by-kind.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { CredentialBase, CredentialClass, SerializedCredential } from "./credential-base.ts";

/** Makes stored credentials whole again, and tells forms what a credential needs. */
export class CredentialFactory {
  private static readonly classes = new Map<string, CredentialClass>();

  /**
   * Makes the credential that plain data describes, by its `type`. A key that was not stored comes from the environment.
   *
   * @throws ModelError `configuration` for an unknown type, and for what is no stored credential
   */
  static from(data: Pick<SerializedCredential, "type"> & Readonly<Record<string, unknown>>): CredentialBase {
    if (typeof data !== "object" || data === null) {
      throw new ConfigurationError("A stored credential is an object with a type, as serialize() gives it.");
    }
    const known = CredentialFactory.classes.get(data.type);
    if (known === undefined) {
      const types = [...CredentialFactory.classes.keys()].join(", ");
      throw new ConfigurationError(
        `There is no credential of type "${data.type}". Known types: ${types}. Register others first.`,
      );
    }
    const { type: _type, ...options } = data;
    return new known(options);
  }

  /** Accepts a new type of credential; one of the same type takes its place. Returns the function that takes it away. */
  static register(credentialClass: CredentialClass): () => void {
    const { type } = credentialClass;
    CredentialFactory.classes.set(type, credentialClass);
    return () => {
      if (CredentialFactory.classes.get(type) === credentialClass) CredentialFactory.classes.delete(type);
    };
  }

  /** All known classes. */
  static list(): CredentialClass[] {
    return [...CredentialFactory.classes.values()];
  }

  /** JSON Schemas of all known types, for forms; secret fields have `"writeOnly": true`. */
  static schemas(): Record<string, JsonSchema> {
    return Object.fromEntries(CredentialFactory.list().map(({ type, schema }) => [type, schema]));
  }
}
