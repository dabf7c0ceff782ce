import { writeFileSync } from 'node:fs';
import { clients } from './clients/index.ts';
import type { ForeignClient } from './conformance-case.ts';
import { startEngine, type EngineName } from './engines.ts';
import type { ConformanceOptions } from './options.ts';
import { isGood, summaryLines, type EngineResults, type Report } from './report.ts';
import { chosen, oneLine, runClient, type PreparedOrReason } from './run-cases.ts';

const print = (line: string): void => console.log(line);

/** Runs what the options ask for. Returns whether the run is good. */
export async function runConformance(options: ConformanceOptions): Promise<boolean> {
  const wanted = clients.filter(
    ({ name, quick }) => options.clients.includes(name) && (quick || !options.quick),
  );
  const prepared = new Map<ForeignClient, PreparedOrReason>();
  for (const client of wanted) prepared.set(client, await prepare(client, options.quick));
  const engines = await runOnEach(prepared, options);
  const facts = wanted.map((client) => ({
    name: client.name,
    title: client.title,
    ...versionOf(prepared.get(client)),
  }));
  const report: Report = { clients: facts, engines };
  print(`\n${summaryLines(report).join('\n')}`);
  if (options.json !== '') writeFileSync(options.json, JSON.stringify(report));
  return isGood(engines, process.env.CI !== 'true');
}

async function runOnEach(
  prepared: ReadonlyMap<ForeignClient, PreparedOrReason>,
  options: ConformanceOptions,
) {
  const all = [...prepared.values()];
  try {
    const cases = all.some((each) => 'reason' in each || chosen(each.cases, options).length > 0);
    if (!cases)
      throw new Error(
        `--case ${options.only}: no case of the chosen clients and options has that text in its name`,
      );
    // The engines run at the same time, since they mostly wait.
    return await Promise.all(options.engines.map((engine) => runOn(engine, prepared, options)));
  } finally {
    for (const each of all) if (!('reason' in each)) await each.close?.();
  }
}

const versionOf = (prepared: PreparedOrReason | undefined) =>
  prepared === undefined || 'reason' in prepared ? {} : { version: prepared.version };

async function prepare(client: ForeignClient, quick: boolean): Promise<PreparedOrReason> {
  try {
    return await client.prepare({ quick, print });
  } catch (error) {
    print(`${client.name} cannot run: ${error instanceof Error ? error.message : String(error)}`);
    return { reason: oneLine(error) };
  }
}

async function runOn(
  name: EngineName,
  prepared: ReadonlyMap<ForeignClient, PreparedOrReason>,
  options: ConformanceOptions,
): Promise<EngineResults> {
  const engine = await startEngine(name);
  print(`\n${name} ${engine.version} at ${engine.bootstrapServers}`);
  try {
    const results = [];
    for (const [client, how] of prepared)
      results.push(...(await runClient(client, how, engine, { ...options, print })));
    return { engine: name, version: engine.version, results };
  } finally {
    await engine.stop();
  }
}
