import { ModelRegistry } from "rxscope";
import { type Script, ScriptedChatModel } from "rxscope/testing";

/** A model that commands find as `test:scripted`. */
export function script(answers: Script | readonly Script[]): ScriptedChatModel {
  const model = new ScriptedChatModel(answers);
  ModelRegistry.register("test:scripted", model);
  return model;
}
