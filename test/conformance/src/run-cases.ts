import { CaseContext } from './case-context.ts';
import {
  Skipped,
  type CaseResult,
  type ConformanceCase,
  type ForeignClient,
  type PreparedClient,
} from './conformance-case.ts';
import { watchLog, type Engine } from './engines.ts';
import { endOf } from './transcript.ts';

const caseLimitMs = 60_000;
const brokerLinesMax = 10;

export type PreparedOrReason = PreparedClient | { readonly reason: string };

export interface Selection {
  readonly quick: boolean;
  readonly only?: string;
  readonly print: (line: string) => void;
}

/** Runs the cases of one client on one engine, one after the other. */
export async function runClient(
  client: ForeignClient,
  prepared: PreparedOrReason,
  engine: Engine,
  selection: Selection,
): Promise<readonly CaseResult[]> {
  if ('reason' in prepared) {
    selection.print(`${engine.name} ${client.name}: skipped: ${prepared.reason}`);
    return [{ client: client.name, name: 'all of it', outcome: 'skipped', ms: 0, reason: prepared.reason }];
  }
  const results: CaseResult[] = [];
  for (const each of chosen(prepared.cases, selection)) {
    const result = await runCase(client.name, each, engine);
    results.push(result);
    selection.print(lineOf(engine, result));
  }
  return results;
}

/** The cases of a client that a run selects. */
export const chosen = (
  cases: readonly ConformanceCase[],
  { quick, only = '' }: Pick<Selection, 'quick' | 'only'>,
): readonly ConformanceCase[] =>
  cases.filter((each) => (!quick || each.quick === true) && each.name.includes(only));

const lineOf = (engine: Engine, { client, name, outcome, ms, reason, details }: CaseResult): string =>
  [
    `${engine.name.padEnd(8)} ${client}: ${name}: ` +
      `${outcome} (${(ms / 1_000).toFixed(1)} s)${reason === undefined ? '' : `: ${reason}`}`,
    ...(details === undefined ? [] : [details.replaceAll(/^/gm, '    ')]),
  ].join('\n');

async function runCase(
  client: string,
  { name, run, limitMs = caseLimitMs }: ConformanceCase,
  engine: Engine,
): Promise<CaseResult> {
  const prefix = `${client}-${name}`.replaceAll(/[^a-zA-Z0-9]+/g, '-').slice(0, 40);
  const context = new CaseContext(engine, `${prefix}-${Date.now().toString(36).slice(-5)}`);
  const brokerLog = watchLog(engine);
  const startedAt = performance.now();
  const facts = () => ({ client, name, ms: performance.now() - startedAt });
  try {
    await within(run(context), limitMs);
    return { ...facts(), outcome: 'passed' };
  } catch (error) {
    const reason = oneLine(error);
    if (error instanceof Skipped) return { ...facts(), outcome: 'skipped', reason };
    const stack = error instanceof Error ? endOf(`${error.stack ?? ''}`, 8) : '';
    const log = endOf(brokerLog(), brokerLinesMax);
    const details = [`the end of the broker's log:`, log, String(context.transcript), stack].join('\n');
    return { ...facts(), outcome: 'failed', reason, details };
  } finally {
    await context.close();
  }
}

async function within(work: Promise<void>, limitMs: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not end within ${limitMs / 1_000} s`)), limitMs);
  });
  work.catch(() => undefined); // nothing else awaits a case that is late
  await Promise.race([work, late]).finally(() => clearTimeout(timer));
}

export const oneLine = (error: unknown): string =>
  (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 300);
