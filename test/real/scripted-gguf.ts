import { writeFileSync } from "node:fs";

/*
 * A GGUF model without learned weights that says a script: embeddings are one-hot, attention and feed-forward are zero, so
 * the last hidden state is the last token, and the output matrix leads from each token of the script to the next.
 */

const TYPE = { u32: 4, f32: 6, bool: 7, str: 8, i32: 5 } as const;

type Kind = keyof typeof TYPE;

class GgufWriter {
  private readonly parts: Buffer[] = [];
  private size = 0;

  bytes(bytes: Buffer): void {
    this.parts.push(bytes);
    this.size += bytes.length;
  }

  u32(value: number): void {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32LE(value);
    this.bytes(bytes);
  }

  u64(value: number): void {
    const bytes = Buffer.alloc(8);
    bytes.writeBigUInt64LE(BigInt(value));
    this.bytes(bytes);
  }

  str(value: string): void {
    const bytes = Buffer.from(value);
    this.u64(bytes.length);
    this.bytes(bytes);
  }

  value(kind: Kind, value: number | string | boolean): void {
    const bytes = Buffer.alloc(4);
    if (kind === "str") return this.str(String(value));
    if (kind === "bool") return this.bytes(Buffer.from([value ? 1 : 0]));
    if (kind === "u32") bytes.writeUInt32LE(Number(value));
    else if (kind === "i32") bytes.writeInt32LE(Number(value));
    else bytes.writeFloatLE(Number(value));
    this.bytes(bytes);
  }

  entry(key: string, kind: Kind, value: number | string | boolean | readonly (number | string)[]): void {
    this.str(key);
    if (typeof value !== "object") {
      this.u32(TYPE[kind]);
      this.value(kind, value);
      return;
    }
    this.u32(9); // an array
    this.u32(TYPE[kind]);
    this.u64(value.length);
    for (const each of value) this.value(kind, each);
  }

  align(): void {
    if (this.size % 32 !== 0) this.bytes(Buffer.alloc(32 - (this.size % 32)));
  }

  save(path: string): void {
    writeFileSync(path, Buffer.concat(this.parts));
  }
}

/** GPT-2's byte alphabet: printable bytes stand for themselves, the others are moved to 256 and up. */
const ALPHABET: readonly string[] = (() => {
  let moved = 256;
  const isPrintable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  return Array.from({ length: 256 }, (_, byte) => String.fromCodePoint(isPrintable(byte) ? byte : moved++));
})();

const MARKS = [
  "<|endoftext|>",
  "<|im_start|>",
  "<|im_end|>",
  "<think>",
  "</think>",
  "<tool_call>",
  "</tool_call>",
];

/** Writes a model that answers every prompt with `script`, piece by piece; the pieces must differ. With `loop` it never ends. */
export function writeScriptedGguf(
  path: string,
  script: readonly string[],
  options: { readonly context?: number; readonly loop?: boolean; readonly tokens?: number } = {},
): void {
  const tokens = [...ALPHABET];
  const kinds = tokens.map(() => 1);
  const ids = new Map<string, number>();
  const add = (text: string, kind: number): number => {
    tokens.push(text);
    kinds.push(kind);
    return tokens.length - 1;
  };
  for (const mark of MARKS) ids.set(mark, add(mark, mark.startsWith("<|") ? 3 : 4));
  const spell = (text: string): string => [...Buffer.from(text)].map((byte) => ALPHABET[byte]).join("");
  const chain = [10]; // the line feed that ends the prompt
  for (const piece of script) {
    const known = ids.get(piece) ?? tokens.indexOf(spell(piece));
    const at = known >= 0 ? known : add(spell(piece), 1);
    if (chain.includes(at))
      throw new Error(`The piece ${JSON.stringify(piece)} is there twice; cut it differently.`);
    chain.push(at);
  }
  chain.push(options.loop ? (chain[1] as number) : (ids.get("<|im_end|>") as number));
  while (tokens.length % 32 !== 0 || tokens.length < (options.tokens ?? 0))
    add(`[UNUSED${tokens.length}]`, 5);

  const n = tokens.length;
  const heads = n > 1024 ? n / 64 : 4; // heads of ordinary size
  const ff = 32;
  const embed = new Float32Array(n * n);
  const output = new Float32Array(n * n);
  for (let token = 0; token < n; token++) embed[token * n + token] = 1;
  for (const [index, token] of chain.slice(0, -1).entries())
    output[(chain[index + 1] as number) * n + token] = 3;
  const ones = new Float32Array(n).fill(1);
  const zeros = (...shape: number[]): [number[], Float32Array] => [
    shape,
    new Float32Array(shape.reduce((a, b) => a * b)),
  ];
  const tensors: Record<string, [number[], Float32Array]> = {
    token_embd: [[n, n], embed],
    output_norm: [[n], ones],
    output: [[n, n], output],
    "blk.0.attn_norm": [[n], ones],
    "blk.0.attn_q": zeros(n, n),
    "blk.0.attn_k": zeros(n, n / heads),
    "blk.0.attn_v": zeros(n, n / heads),
    "blk.0.attn_output": zeros(n, n),
    "blk.0.ffn_norm": [[n], ones],
    "blk.0.ffn_gate": zeros(n, ff),
    "blk.0.ffn_up": zeros(n, ff),
    "blk.0.ffn_down": zeros(ff, n),
  };
  const entries: [string, Kind, number | string | boolean | readonly (number | string)[]][] = [
    ["general.architecture", "str", "llama"],
    ["general.file_type", "u32", 0],
    ["llama.context_length", "u32", options.context ?? 4096],
    ["llama.embedding_length", "u32", n],
    ["llama.block_count", "u32", 1],
    ["llama.feed_forward_length", "u32", ff],
    ["llama.attention.head_count", "u32", heads],
    ["llama.attention.head_count_kv", "u32", 1],
    ["llama.attention.layer_norm_rms_epsilon", "f32", 1e-5],
    ["llama.rope.dimension_count", "u32", n / heads],
    ["llama.vocab_size", "u32", n],
    ["tokenizer.ggml.model", "str", "gpt2"],
    ["tokenizer.ggml.pre", "str", "gpt-2"],
    ["tokenizer.ggml.tokens", "str", tokens],
    ["tokenizer.ggml.token_type", "i32", kinds],
    ["tokenizer.ggml.merges", "str", []],
    ["tokenizer.ggml.bos_token_id", "u32", ids.get("<|endoftext|>") as number],
    ["tokenizer.ggml.eos_token_id", "u32", ids.get("<|im_end|>") as number],
    ["tokenizer.ggml.add_bos_token", "bool", false],
    ["tokenizer.chat_template", "str", CHAT_TEMPLATE],
  ];
  const writer = new GgufWriter();
  writer.bytes(Buffer.from("GGUF"));
  writer.u32(3);
  writer.u64(Object.keys(tensors).length);
  writer.u64(entries.length);
  for (const [key, kind, value] of entries) writer.entry(key, kind, value);
  let offset = 0;
  for (const [name, [shape, data]] of Object.entries(tensors)) {
    writer.str(`${name}.weight`);
    writer.u32(shape.length);
    for (const size of shape) writer.u64(size);
    writer.u32(0); // 32-bit floats
    writer.u64(offset);
    offset += Math.ceil(data.byteLength / 32) * 32;
  }
  writer.align();
  for (const [, data] of Object.values(tensors)) {
    writer.bytes(Buffer.from(data.buffer));
    writer.align();
  }
  writer.save(path);
}

/** ChatML with thinking and tool calls on one line; llama.cpp reads the answer's format out of this text. */
const CHAT_TEMPLATE = `{%- if tools %}<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content }}

{% endif %}# Tools
<tools>{% for tool in tools %}
{{ tool | tojson }}{% endfor %}
</tools>
Call a tool as <tool_call>{"name": <function-name>, "arguments": <args-json-object>}</tool_call><|im_end|>
{% elif messages[0].role == 'system' %}<|im_start|>system
{{ messages[0].content }}<|im_end|>
{% endif %}{% for message in messages %}{% if message.role == 'user' or (message.role == 'system' and not loop.first) %}<|im_start|>{{ message.role }}
{{ message.content }}<|im_end|>
{% elif message.role == 'assistant' %}<|im_start|>assistant
{% if message.reasoning_content %}<think>{{ message.reasoning_content }}</think>{% endif %}{% if message.content %}{{ message.content }}{% endif %}{% for call in message.tool_calls %}{% if call.function %}{% set call = call.function %}{% endif %}<tool_call>{"name": "{{ call.name }}", "arguments": {{ call.arguments | tojson }}}</tool_call>{% endfor %}<|im_end|>
{% elif message.role == 'tool' %}<|im_start|>user
<tool_response>{{ message.content }}</tool_response><|im_end|>
{% endif %}{% endfor %}{% if add_generation_prompt %}<|im_start|>assistant
{% endif %}`;
