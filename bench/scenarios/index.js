// @ts-check
import calls from "./calls.js";
import first from "./first.js";
import idle from "./idle.js";
import json from "./json.js";
import kept from "./kept.js";
import short from "./short.js";
import slow from "./slow.js";
import start from "./start.js";
import text from "./text.js";
import tokens from "./tokens.js";
import tool from "./tool.js";

/** In the order of the report. @type {Readonly<Record<string, import("./scenario.d.ts").Scenario>>} */
export const SCENARIOS = { text, tool, json, calls, short, first, start, kept, slow, idle, tokens };
