// A middleware that counts the calls of a model and answers repeated questions itself.
import { of, tap } from "rxjs";
import { type ChatMiddleware, type ChatResponse, ModelRegistry } from "rxscope";

const answers = new Map<string, ChatResponse>();
let requests = 0;

const remember: ChatMiddleware = (call, next) => {
  const question = JSON.stringify(call.messages.map((message) => message.text));
  const known = answers.get(question);
  if (known !== undefined) return of(known);
  requests += 1;
  return next(call).pipe(tap((response) => response.isLast && answers.set(question, response)));
};

const model = ModelRegistry.create("openai:gpt-4.1").with(remember);
console.log((await model.call("Say hi")).text);
console.log((await model.call("Say hi")).text);
console.log(`${requests} request`);
