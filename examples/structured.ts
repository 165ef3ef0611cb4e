// A value in place of a text: asked for in the way that the provider can, checked, and typed.
import { getStructuredData, ModelRegistry } from "rxscope";
import { z } from "zod";

const Place = z.object({
  city: z.string().describe("Its name, without the country"),
  population: z.number().int().optional(),
  kind: z.enum(["town", "city"]),
});

const model = ModelRegistry.create("openai:gpt-4.1");
const { value, message, attempts } = await model.structured("Tell me of Paris.", Place);
console.log(value.city.toUpperCase(), value.kind);
console.log("asked", attempts.map(({ mode, outcome }) => `${mode}: ${outcome}`).join(", "));

// The message goes into the conversation; the value can be read back from it, even after it was stored.
const stored = JSON.parse(JSON.stringify(message)) as typeof message;
console.log("read back", (await getStructuredData(stored, Place))?.city);

// A list, or a single value, at the root is fine everywhere.
const colours = await model.structured("Name colours.", z.array(z.string()).min(1), { strategy: "tool" });
console.log(colours.value.length, "colours by", colours.attempts[0]?.mode);
