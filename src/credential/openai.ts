import type { JsonSchema } from "../tool/tool-schema.ts";
import type { HeaderRecord } from "../transport/endpoint.ts";
import { credentialSchema } from "./http-credential.ts";
import {
  OpenAICompatibleCredential,
  type OpenAICompatibleOptions,
  type OpenAICompatibleVendor,
} from "./openai-compatible-credential.ts";

/** OpenAI's API reference, checked 2026-11. */
const OPENAI: OpenAICompatibleVendor = {
  provider: "openai",
  type: "openai_credential",
  displayName: "OpenAI",
  baseUrl: "https://api.openai.com/v1",
  keyVariables: ["OPENAI_API_KEY"],
  baseUrlVariables: ["OPENAI_BASE_URL"],
  switches: { cacheMarkers: "prompt_cache_breakpoint" },
};

/** Options of an {@link OpenAICredential}. */
export interface OpenAICredentialOptions extends OpenAICompatibleOptions {
  /** @default `OPENAI_ORG_ID` */
  readonly organization?: string | undefined;
  /** @default `OPENAI_PROJECT_ID` */
  readonly project?: string | undefined;
}

/**
 * An account with OpenAI. Environment: `OPENAI_API_KEY`, `OPENAI_BASE_URL`, `OPENAI_ORG_ID`, `OPENAI_PROJECT_ID`.
 *
 * @example
 * ```ts
 * import { OpenAICredential } from "rxscope";
 *
 * const credential = new OpenAICredential({ apiKey: "sk-example" });
 * const model = credential.createChatModel("gpt-4.1", { options: { temperature: 0 } });
 * ```
 */
export class OpenAICredential extends OpenAICompatibleCredential {
  static override readonly facts: OpenAICompatibleVendor = OPENAI;
  readonly organization: string | undefined;
  readonly project: string | undefined;

  constructor(options: OpenAICredentialOptions = {}) {
    super(OPENAI, options);
    // A blank one is none: it would be sent as an empty header.
    this.organization = (options.organization ?? process.env["OPENAI_ORG_ID"])?.trim() || undefined;
    this.project = (options.project ?? process.env["OPENAI_PROJECT_ID"])?.trim() || undefined;
  }

  static override get schema(): JsonSchema {
    return credentialSchema(OPENAI, {
      organization: { type: "string", title: "Organization" },
      project: { type: "string", title: "Project" },
    });
  }

  protected override keyHeaders(key: string): HeaderRecord {
    return {
      authorization: `Bearer ${key}`,
      "openai-organization": this.organization,
      "openai-project": this.project,
    };
  }

  protected override publicFields(): Record<string, unknown> {
    return {
      ...(this.organization !== undefined && { organization: this.organization }),
      ...(this.project !== undefined && { project: this.project }),
    };
  }
}
