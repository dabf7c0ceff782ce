import { spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { cpus, release, totalmem, type } from 'node:os';
import { join } from 'node:path';
import { clients } from './clients/index.ts';
import type { ForeignClient } from './conformance-case.ts';
import { startEngine, type EngineName } from './engines.ts';
import type { ConformanceOptions } from './options.ts';
import { isGood, pageOf, summaryLines, type EngineResults, type Report } from './report.ts';
import { chosen, oneLine, runClient, type PreparedOrReason } from './run-cases.ts';

const workspace = join(import.meta.dirname, '../../..');
const page = 'docs/reports/conformance.md';
const print = (line: string): void => console.log(line);

/** Runs what the options ask for. Returns whether the run is good. */
export async function runConformance(options: ConformanceOptions): Promise<boolean> {
  const startedAt = new Date();
  const on = surroundings();
  const wanted = clients.filter(
    ({ name, quick }) => (options.clients?.includes(name) ?? true) && (quick || !options.quick),
  );
  const prepared = new Map<ForeignClient, PreparedOrReason>();
  for (const client of wanted) prepared.set(client, await prepare(client, options.quick));
  const engines = await runOnEach(prepared, options);
  const facts = wanted.map((client) => ({
    name: client.name,
    title: client.title,
    ...versionOf(prepared.get(client)),
  }));
  print(`\n${summaryLines({ clients: facts, engines }).join('\n')}`);
  if (options.json !== undefined) writeFileSync(options.json, JSON.stringify(engines));
  const minutes = (Date.now() - startedAt.getTime()) / 60_000;
  if (options.write) writePage({ ...on, startedAt, minutes, clients: facts, engines });
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

/** Collected before the run, because files may change during it. */
function surroundings(): Pick<Report, 'command' | 'commit' | 'machine'> {
  const git = (...args: readonly string[]) =>
    spawnSync('git', args, { cwd: workspace, encoding: 'utf8' }).stdout.trim();
  const changed = git('status', '--porcelain', '--untracked-files=no') === '' ? '' : ' with local changes';
  return {
    command: 'npm run conformance -- --write',
    commit: `${git('rev-parse', '--short=12', 'HEAD')}${changed}`,
    machine:
      `${cpus().length} x ${cpus()[0]?.model.trim() ?? 'unknown'}, ` +
      `${Math.round(totalmem() / 2 ** 30)} GB, ${type()} ${release()}, Node ${process.version}`,
  };
}

function writePage(report: Report): void {
  writeFileSync(join(workspace, page), pageOf(report));
  spawnSync('prettier', ['--write', page], { cwd: workspace });
  print(`${page} is written`);
}
