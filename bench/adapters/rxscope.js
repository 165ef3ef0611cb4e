import { OpenAICredential } from "rxscope";

const models = new Map();

/** @param {string} baseUrl */
function modelOf(baseUrl) {
  let model = models.get(baseUrl);
  if (model === undefined) {
    model = new OpenAICredential({ apiKey: "sk-bench-0000", baseUrl }).createChatModel("gpt-4.1");
    models.set(baseUrl, model);
  }
  return model;
}

/** @param {string} baseUrl */
export function run(baseUrl) {
  return new Promise((resolve, reject) => {
    let characters = 0;
    modelOf(baseUrl)
      .stream("Hi")
      .subscribe({
        next: (response) => (characters += response.textDelta.length),
        error: reject,
        complete: () => resolve(characters),
      });
  });
}

const TOOLS = [{ name: "write_file", parameters: { type: "object", properties: {} } }];

/** The partial value is read at every snapshot. @param {string} baseUrl */
export function runTool(baseUrl) {
  return new Promise((resolve, reject) => {
    let seen = 0;
    modelOf(baseUrl)
      .stream("Hi", TOOLS)
      .subscribe({
        next: (response) => {
          const content = response.toolCalls[0]?.input["content"];
          if (typeof content === "string") seen = content.length;
        },
        error: reject,
        complete: () => resolve(seen),
      });
  });
}
