// A whole provider: a model that shouts, and the line that makes `shout:...` an id.
import { from, type Observable } from "rxjs";
import { accumulate, ChatModelBase, type ChatResponse, ModelRegistry, type Msg } from "rxscope";

class ShoutModel extends ChatModelBase {
  protected doStream(messages: Msg[]): Observable<ChatResponse> {
    const words = (messages.at(-1)?.text ?? "").toUpperCase().split(" ");
    return accumulate(from(words.map((word) => ({ text: `${word} ` }))), this);
  }
}

ModelRegistry.registerFactory(
  "shout:.+",
  (id, { options }) => new ShoutModel({ provider: "shout", modelName: id.slice("shout:".length), options }),
);

const reply = await ModelRegistry.create("shout:loud").call("hello there");
console.log(reply.text);
console.log(ModelRegistry.explain("shout:loud").reason);
