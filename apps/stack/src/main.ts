import { join } from 'node:path';
import type { Logger } from '@millrace/streaming-core/runtime';
import { readSettings, type StackSettings } from './config.ts';
import { withApps } from './definition/with-apps.ts';
import { readOptions, usage, type StackOptions } from './options.ts';
import { runStack, type RunningStack } from './run-stack.ts';
import { refuseOtherCollector, type RunningConsole } from './running-console.ts';
import type { PlacedSamples, Samples } from './samples.ts';
import { shopSamples } from './shop/shop-samples.ts';
import { loadProgramChecks } from './setup/check-programs.ts';
import { stack as everything } from './stack.ts';
import { listenForStop, orAborted, type StopRequest } from './stop-request.ts';

type Service = keyof typeof everything.services;

/** The samples of the shop, which a project without the shop does not have. */
const samples: ReadonlyArray<Samples<Service>> = [shopSamples];

interface Run {
  readonly options: StackOptions;
  readonly settings: StackSettings<Service>;
  readonly stop: StopRequest;
  readonly print: (line: string) => void;
}

const workspace = join(import.meta.dirname, '../../..');

/** Resolves to the exit code once everything has stopped again. */
async function run({ options, settings, stop, print }: Run): Promise<number> {
  const logger = consoleLogger(print, stop.signal);
  const parts: { stack?: RunningStack<Service> } = {};
  if (options.trace) refuseOtherCollector(process.env);
  const stack = await runStack(settings.definition, {
    ...settings,
    workspace,
    fresh: options.fresh,
    trace: options.trace,
    ...(options.samples && {
      serviceSettings: Object.fromEntries(
        samples.flatMap((each) => Object.entries(each.settings(process.env))),
      ),
    }),
    print,
    logger,
    signal: stop.signal,
    onAbruptExit: (act) => void process.once('exit', act),
    onRestart: () => parts.stack && tellParent(parts.stack),
  });
  parts.stack = stack;
  try {
    tellParent(stack);
    await registerMessages(process.env['SCHEMA_REGISTRY_URL'], { stop, print });
    const placed: PlacedSamples[] = [];
    for (const each of options.samples ? samples : [])
      placed.push(await orAborted(each.place(stack, print, logger), stop.signal));
    if (options.samples) show(placed, options, print);
    if (options.trace && stack.console !== undefined) printTraces(placed, stack.console, print);
    if (!options.once) {
      printAddresses(stack, print);
      if (stack.console !== undefined) await orAborted(printConsole(stack.console, print), stop.signal);
      print('Ctrl-C stops everything');
      await stop.requested;
    }
    return placed.every(({ allAsExpected }) => allAsExpected) ? 0 : 1;
  } finally {
    print('stopping');
    await stack.stop();
  }
}

/**
 * Waits until everything runs, because the registry may be one of the apps. Only a start with a registry loads
 * its client.
 */
async function registerMessages(
  url: string | undefined,
  { stop, print }: Pick<Run, 'stop' | 'print'>,
): Promise<void> {
  if (!url?.trim()) return;
  const { registerContracts } = await import('./setup/register-contracts.ts');
  const count = await orAborted(registerContracts(url.trim()), stop.signal);
  print(`the schemas of ${count} messages are in the registry at ${url.trim()}`);
}

function show(placed: readonly PlacedSamples[], { json }: StackOptions, print: (line: string) => void): void {
  const results = placed.flatMap((each) => each.results);
  if (json) process.stdout.write(`${JSON.stringify(results, undefined, 2)}\n`);
  else for (const { table } of placed) print(`\n${table}\n`);
}

function printAddresses(
  { instances, operators, dataFolder, mailFolder, logFolder }: RunningStack,
  print: (line: string) => void,
): void {
  const width = Math.max(13, ...Object.keys(instances).map(({ length }) => length));
  for (const [name, url] of Object.entries(instances)) print(`${name.padEnd(width)} ${url}   ${url}/docs`);
  const ports = Object.values(operators).map((url) => new URL(url).port);
  print(
    `operators     http://127.0.0.1, ports ${ports.join(', ')}\n` +
      `data          ${dataFolder}\nmails         ${mailFolder}\nlogs          ${logFolder}`,
  );
}

/** Prints the page of the console that shows each sample. */
function printTraces(
  placed: readonly PlacedSamples[],
  { url }: RunningConsole,
  print: (line: string) => void,
): void {
  for (const { scenario, correlationId } of placed.flatMap(({ results }) => results))
    print(`trace         ${url}/trace/${correlationId}   ${scenario}`);
}

async function printConsole({ url, started }: RunningConsole, print: (line: string) => void): Promise<void> {
  const problem = await started;
  print(`console       ${problem === undefined ? `${url}   the whole system live, in a browser` : problem}`);
}

async function main(): Promise<number> {
  const stop = listenForStop();
  try {
    const options = readOptions(process.argv.slice(2));
    if (options === 'help') {
      process.stdout.write(`${usage}\n`);
      return 0;
    }
    const definition = withApps(everything, options.apps);
    const checkPrograms = await loadProgramChecks(definition);
    const settings = readSettings(definition, {
      environment: process.env,
      workspace,
      checkPrograms,
      ...options,
    });
    const print = (line: string) => void (options.json ? process.stderr : process.stdout).write(`${line}\n`);
    settings.notices.forEach(print);
    return await run({ options, settings, stop, print });
  } catch (error) {
    if (stop.signal.aborted) return stop.exitCode;
    process.stderr.write(
      `millrace: ${(error instanceof Error ? error.message : String(error)).replaceAll('\n', ' ')}\n`,
    );
    return 1;
  }
}

const ignore = (): void => undefined;

/**
 * Prints warnings and errors as lines for people. Everything else is in the services' own logs.
 * Once everything stops, lost connections are expected and not printed.
 */
const consoleLogger = (print: (line: string) => void, stopping: AbortSignal): Logger => ({
  debug: ignore,
  info: ignore,
  warn: (_fields, message) => (stopping.aborted ? undefined : print(`warning: ${message}`)),
  error: (_fields, message) => (stopping.aborted ? undefined : print(`error: ${message}`)),
});

/**
 * Tells a parent with an IPC channel, such as a test, where everything is. Called once the stack is
 * ready, and after each restart of a part.
 */
function tellParent(stack: RunningStack): void {
  if (process.send === undefined || !process.connected) return;
  const { urls, instances, operators, postgresUrl, keysUrl, bootstrapServers, smtpUrl } = stack;
  const { mailFolder, dataFolder } = stack;
  const report = {
    type: 'ready',
    urls,
    instances,
    operators,
    postgresUrl,
    keysUrl,
    bootstrapServers,
    smtpUrl,
    mailFolder,
    dataFolder,
    consoleUrl: stack.console?.url,
    pids: stack.pids(),
  };
  // The loss of the parent is noticed elsewhere.
  process.send(report, undefined, undefined, () => undefined);
}

process.exit(await main());
