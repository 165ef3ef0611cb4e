// One figure in a fresh process: microseconds of CPU per delta. `node measure.js adapter scenario count framing port rounds`
const [adapter, scenario, count, framing, port, rounds] = process.argv.slice(2);
const { run, runTool } = await import(`./adapters/${adapter}.js`);
const once = scenario === "tool" ? runTool : run;
const baseUrl = `http://127.0.0.1:${port}/${scenario}/${count}/${framing}/v1`;

const expected = await once(baseUrl); // warms up, too
const began = process.cpuUsage();
for (let round = 0; round < Number(rounds); round++) {
  const got = await once(baseUrl);
  if (got !== expected) throw new Error(`${adapter} read ${got}, then ${expected}`);
}
const { user, system } = process.cpuUsage(began);
console.log((user + system) / Number(rounds) / Number(count));
process.exit(0);
