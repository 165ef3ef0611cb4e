import { test } from "vitest";
import { OpenAIChatModel } from "../../src/model/openai-chat-model.ts";
import { defineConformance } from "../../src/testing/conformance/run-conformance.ts";
import { usualSubjects } from "./builtin-subjects.ts";
import { speaks } from "./wire-fixtures-of.ts";
import { spoilEvents } from "../spoiled-events.ts";

spoilEvents();

for (const { subject } of usualSubjects.filter(({ credential }) => !speaks(credential, OpenAIChatModel)))
  defineConformance(subject, { test, environment: process.env });
