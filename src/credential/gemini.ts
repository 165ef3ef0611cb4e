import { ConfigurationError, UnsupportedError } from "../error/errors-by-kind.ts";
import type { ChatModelBase } from "../model/chat-model-base.ts";
import { GeminiChatModel } from "../model/gemini-chat-model.ts";
import type { ChatModelOptions } from "../model/model-registry.ts";
import type { JsonSchema } from "../tool/tool-schema.ts";
import type { Endpoint, HeaderRecord } from "../transport/endpoint.ts";
import { GEMINI_SWITCHES, type GeminiSwitches, VERTEX_SWITCHES } from "../wire/gemini.ts";
import type { KeyInput } from "./credential-base.ts";
import {
  credentialSchema,
  HttpCredential,
  type HttpCredentialOptions,
  type ListedModel,
  type ModelListPage,
  type VendorFacts,
} from "./http-credential.ts";

/** Google's API reference, checked 2026-11. */
const GEMINI: VendorFacts = {
  provider: "gemini",
  type: "gemini_credential",
  displayName: "Google Gemini",
  baseUrl: "https://generativelanguage.googleapis.com/v1beta",
  keyVariables: ["GEMINI_API_KEY", "GOOGLE_API_KEY"],
  baseUrlVariables: ["GOOGLE_GEMINI_BASE_URL"],
  // Google's own clients give the address without the version of the API.
  readBaseUrl: (address) => {
    const origin = originOf(address);
    if (origin === undefined) return address;
    return origin + (VERTEX_ADDRESS.test(origin) ? "/v1/publishers/google" : "/v1beta");
  },
  keyHeader: "x-goog-api-key",
  aliases: ["google"],
};

/** Vertex AI's own hosts. With a key of the express mode their addresses name no project. */
const VERTEX_ADDRESS = /^https:\/\/(?:[a-z0-9-]+-)?aiplatform\.(?:[a-z]+\.rep\.)?googleapis\.com(?:\/|$)/;

/** The end of Vertex AI's address for Google's own models, and with it the project. */
const PUBLISHER_MODELS = /\/publishers\/google$/;
const PROJECT_MODELS = /(?:\/projects\/[^/]+\/locations\/[^/]+)?\/publishers\/google$/;

/** The address without a slash at its end, where it is a host alone. */
function originOf(address: string): string | undefined {
  const text = address.trim();
  return /^https?:\/\/[^/?#]+\/?$/.test(text) ? text.replace(/\/$/, "") : undefined;
}

/** Where Vertex AI serves the models, and who asks. */
export interface VertexOptions {
  /** The Google Cloud project. @default `GOOGLE_CLOUD_PROJECT` */
  readonly project?: string | undefined;
  /** A region such as `us-central1`, or `global`. @default `GOOGLE_CLOUD_LOCATION`, else `global` */
  readonly location?: string | undefined;
  /**
   * An OAuth token, or better a function that gives one: it is asked at every request, and tokens live for an hour.
   *
   * @default `apiKey` of the credential
   */
  readonly accessToken?: KeyInput | undefined;
}

/** Options of a {@link GeminiCredential}. */
export interface GeminiCredentialOptions extends HttpCredentialOptions {
  /**
   * The same models on Vertex AI, by an OAuth token in place of a key. With a key of its express mode give `baseUrl` instead.
   *
   * @default the Gemini API
   */
  readonly vertex?: VertexOptions | undefined;
  /** What your server does differently from Google's own. */
  readonly switches?: Partial<GeminiSwitches> | undefined;
}

/**
 * An account with Google: the Gemini API by a key, or Vertex AI by an OAuth token. Environment: `GEMINI_API_KEY` or
 * `GOOGLE_API_KEY`, `GOOGLE_GEMINI_BASE_URL`; for Vertex AI `GOOGLE_CLOUD_PROJECT`, `GOOGLE_CLOUD_LOCATION` and
 * `GOOGLE_VERTEX_BASE_URL`.
 *
 * @example
 * ```ts
 * import { GeminiCredential } from "rxscope";
 *
 * const credential = new GeminiCredential({ apiKey: "example-key" });
 * const model = credential.createChatModel("gemini-2.5-flash", { options: { temperature: 0 } });
 *
 * const account = new GeminiCredential({
 *   vertex: { project: "my-project", location: "europe-west4", accessToken: async () => "ya29.example" },
 * });
 * ```
 */
export class GeminiCredential extends HttpCredential {
  static readonly type: string = GEMINI.type;
  static readonly provider: string = GEMINI.provider;
  static readonly facts: VendorFacts = GEMINI;
  static readonly schema: JsonSchema = credentialSchema(GEMINI, {
    vertex: {
      type: "object",
      title: "Vertex AI",
      properties: {
        project: { type: "string", title: "Project" },
        location: { type: "string", title: "Location", default: "global" },
      },
    },
  });
  override readonly facts: VendorFacts = GEMINI;
  /** The project and location, where it is Vertex AI. */
  readonly vertex: { readonly project: string; readonly location: string } | undefined;
  private readonly isVertex: boolean;
  private readonly switches: GeminiSwitches;

  constructor(options: GeminiCredentialOptions = {}) {
    const place = options.vertex === undefined ? undefined : placeOf(options.vertex);
    super(
      GEMINI,
      place === undefined
        ? options
        : { ...options, apiKey: tokenOf(options), baseUrl: vertexUrl(place, options.baseUrl) },
    );
    this.vertex = place;
    this.isVertex = place !== undefined || VERTEX_ADDRESS.test(this.baseUrl);
    this.switches = { ...(this.isVertex ? VERTEX_SWITCHES : GEMINI_SWITCHES), ...options.switches };
  }

  getChatModelClass(): typeof GeminiChatModel {
    return GeminiChatModel;
  }

  createChatModel(modelName: string, options: ChatModelOptions = {}): ChatModelBase {
    return new GeminiChatModel({ ...this.modelInit(modelName, options), switches: this.switches });
  }

  /** On Vertex AI a tuned model is no publisher's: it is named by its endpoint, in this project or by the full resource name. */
  protected override endpoint(modelName?: string): Endpoint {
    const endpoint = super.endpoint(modelName);
    const kind = this.isVertex ? /^(?:endpoints|projects)(?=\/)/.exec(modelName ?? "")?.[0] : undefined;
    if (kind === undefined) return endpoint;
    const url = new URL(endpoint.baseUrl);
    url.pathname = url.pathname.replace(kind === "projects" ? PROJECT_MODELS : PUBLISHER_MODELS, "");
    return { ...endpoint, baseUrl: url.href };
  }

  protected override keyHeaders(key: string): HeaderRecord {
    return this.vertex === undefined ? super.keyHeaders(key) : { authorization: `Bearer ${key}` };
  }

  protected override publicFields(): Record<string, unknown> {
    return this.vertex === undefined ? {} : { vertex: this.vertex };
  }

  protected override async listedModels(timeoutMs?: number): Promise<ListedModel[]> {
    if (!this.isVertex) return super.listedModels(timeoutMs);
    throw new UnsupportedError("Vertex AI has no list of the models that a project may use.");
  }

  protected readModelList(body: unknown): ModelListPage | undefined {
    const { models, nextPageToken } = (body ?? {}) as { models?: unknown; nextPageToken?: unknown };
    if (!Array.isArray(models)) return undefined;
    return {
      models: models.flatMap((entry) => readListedModel(entry) ?? []),
      nextPath:
        typeof nextPageToken === "string" && nextPageToken !== ""
          ? `${this.modelListPath}?${new URLSearchParams({ pageToken: nextPageToken }).toString()}`
          : undefined,
    };
  }
}

/** What of a model can be called here; others (`generateAnswer`, say) are no models of any kind that there is a card for. */
const CALLABLE = new Set([
  "generateContent",
  "embedContent",
  "bidiGenerateContent",
  "predict",
  "predictLongRunning",
]);

function readListedModel(entry: unknown): ListedModel | undefined {
  const model = (entry ?? {}) as Record<string, unknown>;
  const { name, displayName, inputTokenLimit, outputTokenLimit, supportedGenerationMethods } = model;
  if (typeof name !== "string") return undefined;
  if (
    Array.isArray(supportedGenerationMethods) &&
    !supportedGenerationMethods.some((method) => CALLABLE.has(method as string))
  )
    return undefined;
  return {
    name: name.replace(/^models\//, ""),
    facts: {
      ...(typeof displayName === "string" && { title: displayName }),
      ...(typeof inputTokenLimit === "number" && inputTokenLimit > 0 && { context: inputTokenLimit }),
      ...(typeof outputTokenLimit === "number" && outputTokenLimit > 0 && { output: outputTokenLimit }),
    },
  };
}

function placeOf({ project, location }: VertexOptions): { project: string; location: string } {
  const place = {
    project: (project ?? process.env["GOOGLE_CLOUD_PROJECT"])?.trim(),
    location: (location ?? process.env["GOOGLE_CLOUD_LOCATION"])?.trim() || "global",
  };
  if (!place.project) {
    throw new ConfigurationError(
      "There is no project for Vertex AI. Set GOOGLE_CLOUD_PROJECT, or pass new GeminiCredential({ vertex: { project } }).",
    );
  }
  if (!/^[a-z0-9-]+$/.test(place.location)) {
    throw new ConfigurationError(
      `${JSON.stringify(place.location)} is no location of Vertex AI. Use one such as "us-central1" or "global".`,
    );
  }
  return { project: place.project, location: place.location };
}

function tokenOf({ vertex, apiKey }: GeminiCredentialOptions): KeyInput {
  const token = vertex?.accessToken ?? apiKey;
  if (token !== undefined) return token;
  throw new ConfigurationError(
    "Vertex AI takes an OAuth token. Pass new GeminiCredential({ vertex: { accessToken } }), best as a function that gives a fresh one; google-auth-library has getAccessToken(), and `gcloud auth print-access-token` prints one.",
  );
}

/** @param set the caller's address: whole, or only another host for the same paths */
function vertexUrl(
  { project, location }: { project: string; location: string },
  set = process.env["GOOGLE_VERTEX_BASE_URL"]?.trim() || `https://${vertexHost(location)}`,
): string {
  const origin = originOf(set);
  if (origin === undefined) return set;
  return `${origin}/v1/projects/${encodeURIComponent(project)}/locations/${location}/publishers/google`;
}

function vertexHost(location: string): string {
  if (location === "global") return "aiplatform.googleapis.com";
  return location === "us" || location === "eu"
    ? `aiplatform.${location}.rep.googleapis.com`
    : `${location}-aiplatform.googleapis.com`;
}
