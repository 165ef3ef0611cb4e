/** Test doubles and servers for code that uses models, and for plugins (entry `rxscope/testing`). */
export type { ConnectionBreak } from "./emulator/break-connection.ts";
export { DELIVERIES, type Delivery } from "./emulator/deliver.ts";
export type {
  AnswerScript,
  Cut,
  EmulatedAnswer,
  EmulatedContent,
  EmulatedToolCall,
  EmulatedUsage,
} from "./emulator/emulated-answer.ts";
export type { EmulatedRequest, RequestConditions, RequestMatch } from "./emulator/emulated-request.ts";
export { emulatorEnvironment } from "./emulator-environment.ts";
export { type Emulator, type EmulatorOptions, startEmulator } from "./emulator/emulator.ts";
export type { JournalEntry } from "./emulator/journal.ts";
export { type SampleSource, sampleOf } from "./emulator/schema-sample.ts";
export {
  type FaultCut,
  type FaultPlan,
  type FaultProxy,
  type FaultProxyOptions,
  type FaultProxyTarget,
  type ProxiedConnection,
  startFaultProxy,
} from "./fault-proxy.ts";
export { forbidNetwork, type NetworkBanOptions } from "../transport/network-ban.ts";
export {
  after,
  echoModel,
  failsWith,
  plausibleAnswer,
  type RecordedCall,
  type Script,
  ScriptedChatModel,
  type ScriptedAnswer,
  type ScriptedToolCall,
} from "./scripted-model.ts";
export type {
  CaseNeed,
  ConformanceCase,
  ConformanceContext,
  ConformanceSubject,
  ContextOptions,
  ModelSetup,
  Outcome,
} from "./conformance/conformance-context.ts";
export { type ByteAnswer, ByteServer, type ServedRequest } from "./conformance/byte-server.ts";
export { type CallRecord, recordCall } from "./conformance/call-record.ts";
export { credentialSubject, type TestableCredentialClass } from "./conformance/credential-subject.ts";
export { anthropicFixtures } from "./conformance/anthropic-fixtures.ts";
export { dashscopeFixtures, type DashScopeFixtureOptions } from "./conformance/dashscope-fixtures.ts";
export { geminiFixtures } from "./conformance/gemini-fixtures.ts";
export { ollamaFixtures } from "./conformance/ollama-fixtures.ts";
export { openaiChatFixtures } from "./conformance/openai-chat-fixtures.ts";
export {
  conformanceCases,
  type ConformanceOptions,
  type ConformanceResult,
  defineConformance,
  runConformance,
  type TestFunction,
} from "./conformance/run-conformance.ts";
export type {
  AnswerPart,
  ErrorFixture,
  ExpectedAnswer,
  ExpectedBlock,
  FixtureUsage,
  MediaForm,
  RecordedMedia,
  RecordedMessage,
  RecordedRequest,
  StreamShape,
  ToolPiece,
  WireFixtures,
} from "./conformance/wire-fixtures.ts";
