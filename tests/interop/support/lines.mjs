import { createInterface } from "node:readline";

/**
 * Makes the process answer: it reads one request a line, `{ id, do, ... }`, and writes
 * `{ id, value }` or `{ id, error }`.
 */
export function answerLines(ask) {
  createInterface({ input: process.stdin })
    .on("line", async (line) => {
      const { id, do: what, ...details } = JSON.parse(line);
      let answer;
      try {
        answer = { id, value: await ask(what, details) };
      } catch (error) {
        answer = { id, error: error.message };
      }
      process.stdout.write(`${JSON.stringify(answer)}\n`);
    })
    .on("close", () => process.exit());
}
