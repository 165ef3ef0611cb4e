// The body alone: what remains when nothing is read of it.
import { post } from "./raw.js";

/** @param {string} _wire @param {string} baseUrl @returns {import("./client.d.ts").Client} */
export function open(_wire, baseUrl) {
  return {
    async text(next) {
      const { body } = await post(baseUrl);
      await new Promise((resolve, reject) => {
        body.on("data", () => next(""));
        body.on("end", resolve);
        body.on("error", reject);
      });
    },
  };
}
