import type { ChatModelBase } from "../model/chat-model-base.ts";
import { createId } from "../message/content-block.ts";
import type { ModelCard, ModelKind } from "../model/model-card.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import { inspectAsString } from "../transport/redact.ts";

/** A key, or a function that gives it: asked at every request, so keys may rotate and tokens be fetched. */
export type KeyInput = string | (() => string | Promise<string>);

/** A credential as plain data; `CredentialFactory.from` makes it one again. */
export interface SerializedCredential {
  readonly type: string;
  readonly id: string;
  readonly name: string;
  readonly [field: string]: unknown;
}

/** What a class of credentials tells of itself, for the factory, the registry and forms. */
export interface CredentialClass<Credential extends CredentialBase = CredentialBase> {
  new (options?: Record<string, unknown>): Credential;
  /** Tells this class from all others in stored credentials, for example `openai_credential`. */
  readonly type: string;
  /** The prefix of its models' ids. */
  readonly provider: string;
  /** JSON Schema of the constructor's options, for a form; secret fields have `"writeOnly": true`. */
  readonly schema: JsonSchema;
}

/** How to ask for a list of models. */
export interface ListOptions {
  /** How long each request may take, in milliseconds. @default 15_000 */
  readonly timeoutMs?: number | undefined;
}

/**
 * One account with one provider. It lists the models that may be used and makes them; the models share its address and
 * its key. No key appears in `toString`, `JSON.stringify` or `util.inspect`.
 */
export abstract class CredentialBase {
  static {
    inspectAsString(this);
  }

  readonly id: string;
  /** A name for people. */
  readonly name: string;
  abstract readonly type: string;
  abstract readonly provider: string;

  constructor(
    options: { readonly id?: string | undefined; readonly name?: string | undefined },
    fallbackName: string,
  ) {
    this.id = options.id ?? createId("cred");
    this.name = options.name ?? fallbackName;
  }

  /** The headers that prove who sends a request, made anew for each. */
  abstract headers(): Promise<Record<string, string>>;

  /**
   * What this account may use: the provider's live list merged over the bundled catalogue. `live` tells which is which: true
   * for models the provider named just now, false for ones it did not, absent when it could not be asked.
   *
   * @param kind only models for this
   * @throws ModelError `authentication` or `permission` when the provider refuses the key
   */
  abstract listModels(kind?: ModelKind, options?: ListOptions): Promise<ModelCard[]>;

  /** The class of {@link createChatModel}'s models. */
  abstract getChatModelClass(): abstract new (...args: never[]) => ChatModelBase;

  /** Makes a model of this account, without any request; a name the catalogue does not know gets the provider's default card. */
  abstract createChatModel(modelName: string, options?: ChatModelOptions): ChatModelBase;

  /**
   * Plain data to store: what a form asks for. Keys, and headers of your own, are in it only with `{ secrets: true }`;
   * options of the calls and a dispatcher never are.
   */
  abstract serialize(options?: { readonly secrets?: boolean }): SerializedCredential;

  /** For `JSON.stringify`: without keys. */
  toJSON(): SerializedCredential {
    return this.serialize();
  }

  toString(): string {
    return `${this.constructor.name}(${this.name})`;
  }
}
