// A value that can be shown while it arrives.
import { ModelRegistry } from "rxscope";
import { z } from "zod";

const Report = z.object({ title: z.string(), text: z.string(), tags: z.array(z.string()) });

const model = ModelRegistry.create("openai:gpt-4.1");
let shown = "";
await model.streamStructured("Write a report on Rain. Tag it.", Report).forEach((snapshot) => {
  if (snapshot.isLast) {
    console.log("whole:", snapshot.value.title, snapshot.value.tags);
    return;
  }
  const line = JSON.stringify(snapshot.partial); // parts may be missing, none goes away again
  if (line !== undefined && line !== shown) console.log("so far:", line);
  shown = line ?? "";
});
