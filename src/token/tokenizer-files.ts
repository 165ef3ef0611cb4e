import { ConfigurationError } from "../error/errors-by-kind.ts";

type Fields = Readonly<Record<string, unknown>>;

/** A tokenizer as Hugging Face stores it. */
export interface TokenizerFiles {
  /** `tokenizer.json`. */
  readonly tokenizer: Fields;
  /** `tokenizer_config.json`. @default {} */
  readonly config?: Fields;
  /** A Jinja template, as `chat_template.jinja` holds it. @default the one in `config` */
  readonly chatTemplate?: string;
}

/**
 * Reads the files of a tokenizer from a folder of this machine.
 *
 * @throws ModelError `configuration` when the folder has no `tokenizer.json`, or one of the files is no JSON
 */
export async function readTokenizerFiles(folder: string): Promise<TokenizerFiles> {
  const { readFile } = await import("node:fs/promises");
  const read = async (name: string): Promise<string | undefined> => {
    try {
      return await readFile(`${folder}/${name}`, "utf8");
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      throw new ConfigurationError(`${name} in ${folder} cannot be read: ${(error as Error).message}.`, {
        cause: error,
      });
    }
  };
  const readJson = async (name: string): Promise<Fields | undefined> => {
    const text = await read(name);
    try {
      return text === undefined ? undefined : (JSON.parse(text) as Fields);
    } catch (error) {
      throw new ConfigurationError(`${name} in ${folder} is no JSON: ${(error as Error).message}.`, {
        cause: error,
      });
    }
  };
  const [tokenizer, config, template, processor] = await Promise.all([
    readJson("tokenizer.json"),
    readJson("tokenizer_config.json"),
    read("chat_template.jinja"),
    readJson("chat_template.json"),
  ]);
  if (tokenizer === undefined) {
    throw new ConfigurationError(
      `There is no tokenizer.json in ${folder}. Nothing is downloaded here: save the model's tokenizer.json and tokenizer_config.json (and chat_template.jinja, where it has one) in a folder, and name that.`,
    );
  }
  const chatTemplate = template ?? processor?.["chat_template"];
  return {
    tokenizer,
    ...(config !== undefined && { config }),
    ...(typeof chatTemplate === "string" && { chatTemplate }),
  };
}

/** The template of a chat: a file's, or the configuration's, which may have one for calls with tools. */
export function chatTemplateOf(
  { chatTemplate, config }: TokenizerFiles,
  hasTools: boolean,
): string | undefined {
  if (chatTemplate !== undefined) return chatTemplate;
  const configured = config?.["chat_template"];
  if (!Array.isArray(configured)) return typeof configured === "string" ? configured : undefined;
  const named = new Map(
    (configured as { name?: string; template?: string }[]).map(({ name, template }) => [name, template]),
  );
  return (hasTools ? named.get("tool_use") : undefined) ?? named.get("default");
}

/** The tokens that templates ask for by name; they are stored as text, or as objects around it. */
export function specialTokensOf({ config = {} }: TokenizerFiles): Record<string, string> {
  const tokens: Record<string, string> = {};
  for (const name of ["bos_token", "eos_token", "pad_token", "unk_token"]) {
    const value = config[name] as { content?: unknown } | string | null | undefined;
    const text = typeof value === "object" ? value?.content : value;
    if (typeof text === "string") tokens[name] = text;
  }
  return tokens;
}
