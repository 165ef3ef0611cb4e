/** Test doubles and servers for code that uses models, and for plugins (entry `rxscope/testing`). */
export type { Delivery } from "./emulator/deliver.ts";
export type {
  AnswerScript,
  Cut,
  EmulatedAnswer,
  EmulatedRequest,
  EmulatedToolCall,
} from "./emulator/emulated-answer.ts";
export {
  type Emulator,
  type EmulatorOptions,
  type JournalEntry,
  type RequestMatch,
  startEmulator,
} from "./emulator/emulator.ts";
export { sampleOf } from "./emulator/schema-sample.ts";
export { type FaultPlan, type FaultProxy, startFaultProxy } from "./fault-proxy.ts";
export {
  echoModel,
  type RecordedCall,
  type Script,
  ScriptedChatModel,
  type ScriptedAnswer,
} from "./scripted-model.ts";
export {
  type ConformanceCase,
  type ConformanceContext,
  type ConformanceSubject,
  type Outcome,
} from "./conformance/conformance-context.ts";
export { openaiChatFixtures } from "./conformance/openai-chat-fixtures.ts";
export { conformanceCases, type ConformanceResult, defineConformance, runConformance } from "./conformance/run-conformance.ts";
export type { AnswerPart, FixtureUsage, RecordedRequest, WireFixtures } from "./conformance/wire-fixtures.ts";
