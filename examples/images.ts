// A picture and a question about it.
import { image, ModelRegistry, UserMessage } from "rxscope";

const pixel = Buffer.from(
  "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==",
  "base64",
);
const model = ModelRegistry.create("openai:gpt-4.1");
const reply = await model.call([
  new UserMessage(["What is in this picture?", image(pixel, { mediaType: "image/png" })]),
]);
console.log(reply.text);
