/** Test doubles and servers for code that uses models, and for plugins (entry `rxscope/testing`). */
export { echoModel, type RecordedCall, type Script, ScriptedChatModel, type ScriptedAnswer } from "./scripted-model.ts";
