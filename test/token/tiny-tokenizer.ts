import type { TokenizerFiles } from "rxscope";

/** The bytes of UTF-8 as the characters that byte-level tokenizers write for them. */
function byteCharacters(): string[] {
  const printable = (byte: number): boolean =>
    (byte >= 33 && byte <= 126) || (byte >= 161 && byte <= 172) || byte >= 174;
  let next = 256;
  return Array.from({ length: 256 }, (_, byte) => String.fromCharCode(printable(byte) ? byte : next++));
}

const MERGES = ["h e", "l l", "he ll", "hell o", "Ġ w", "o r", "Ġw or", "l d", "Ġwor ld"];

/**
 * A tokenizer of the kind that Qwen and Llama have, small enough to count by hand: every byte is a token, `hello` and
 * ` world` are one each, and there are two markers of turns.
 */
export function tinyTokenizer(config: Record<string, unknown> = {}): TokenizerFiles {
  const pieces = [...byteCharacters(), ...MERGES.map((merge) => merge.replace(" ", ""))];
  const markers = ["<|im_start|>", "<|im_end|>"];
  return {
    tokenizer: {
      version: "1.0",
      truncation: null,
      padding: null,
      added_tokens: markers.map((content, index) => ({
        id: pieces.length + index,
        content,
        single_word: false,
        lstrip: false,
        rstrip: false,
        normalized: false,
        special: true,
      })),
      normalizer: { type: "NFC" },
      pre_tokenizer: {
        type: "Sequence",
        pretokenizers: [
          {
            type: "Split",
            pattern: {
              Regex: String.raw`[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+`,
            },
            behavior: "Isolated",
            invert: false,
          },
          { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
        ],
      },
      post_processor: null,
      decoder: { type: "ByteLevel", add_prefix_space: false, trim_offsets: false, use_regex: false },
      model: {
        type: "BPE",
        dropout: null,
        unk_token: null,
        continuing_subword_prefix: "",
        end_of_word_suffix: "",
        fuse_unk: false,
        byte_fallback: false,
        vocab: Object.fromEntries(pieces.map((piece, id) => [piece, id])),
        merges: MERGES,
      },
    },
    config: {
      eos_token: { content: "<|im_end|>" },
      bos_token: null,
      chat_template: CHAT_TEMPLATE,
      ...config,
    },
  };
}

/** ChatML, with tools as the open models write them. */
export const CHAT_TEMPLATE: string = [
  "{%- if tools %}<|im_start|>system\n{%- for tool in tools %}{{ tool | tojson }}\n{%- endfor %}{{ eos_token }}\n{%- endif %}",
  "{%- for message in messages %}{{ '<|im_start|>' + message.role + '\n' + message.content }}",
  "{%- for call in message.tool_calls or [] %}{{ call.function.name }}{{ call.function.arguments | tojson }}{%- endfor %}",
  "{{ '<|im_end|>\n' }}{%- endfor %}",
  "{%- if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{%- endif %}",
  "{%- if enable_thinking is defined and not enable_thinking %}{{ '!' }}{%- endif %}",
].join("");
