import { spawn, type ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface, type Interface } from 'node:readline';
import { seededRandom } from '@millrace/testing/random';
import { round } from '../numbers.ts';
import { command, machine, say, today, writePage } from '../report.ts';
import { cpuTimeMs } from '../saga/cpu-time.ts';
import { randomOrder, type LoadResult } from '../saga/load.ts';
import { installTemporal, versions, type InstalledTemporal } from './install-temporal.ts';
import { failingSeconds, warmUpOrders, type TemporalBenchOptions } from './options.ts';
import { measureOurs } from './ours.ts';
import { phaseOf, printedSide, renderNumbers, type Failing, type Phase, type Side } from './page.ts';
import { endOf, startTemporal, type RunningTemporal } from './temporal-server.ts';

type Order = ReturnType<typeof randomOrder> & { readonly orderId: string };

/** Runs the saga of an order on Temporal and then on this system, one after the other. */
export async function runTemporalBench(options: TemporalBenchOptions): Promise<void> {
  const installed = installTemporal(say);
  say(`starting PostgreSQL and ${versions}`);
  const temporal = await measureTemporal(installed, options);
  say(printedSide('Temporal', temporal));
  say('starting this system');
  const ours = await measureOurs(options);
  say(printedSide('Millrace', ours));
  if (!options.write) return;
  const facts = `${machine('PostgreSQL, one of the two systems and its client')}. ${versions}. ${today()}. \`${command()}\` wrote this.`;
  await writePage('temporal', renderNumbers({ temporal, ours, lines: linesOf() }, facts), 'temporal');
}

async function measureTemporal(
  installed: InstalledTemporal,
  { rate, seconds, concurrency, orders }: TemporalBenchOptions,
): Promise<Side> {
  const temporal = await startTemporal(installed);
  const worker = new Worker(installed.worker, temporal);
  try {
    await worker.ready();
    const random = seededRandom(1);
    let last = 0;
    const nextOrder = (): Order => ({ ...randomOrder(random), orderId: `${++last}` });
    const some = (count: number) => Array.from({ length: count }, nextOrder);
    await worker.ask('closedLoop', { orders: some(warmUpOrders), concurrency });
    const phase = async (
      name: string,
      loop: string,
      given: Readonly<Record<string, number | readonly Order[]>>,
    ) => {
      const before = worker.cpuMs();
      const { ended, seconds: took } = await worker.ask<Loop>(loop, given);
      return phaseOf(name, { ended, seconds: took, cpuMs: worker.cpuMs() - before });
    };
    const phases: readonly Phase[] = [
      await phase(`${rate} per second`, 'openLoop', { orders: some(rate * seconds), rate }),
      await phase(`${concurrency} in flight`, 'closedLoop', { orders: some(orders), concurrency }),
    ];
    const failing: Failing[] = [];
    for (const refunds of ['down', 'refuses'] as const) {
      const order = { ...nextOrder(), postcode: '00000' };
      const { during, secondsToEnd, ...rest } = await worker.ask<Shown>('failing', {
        order,
        refunds,
        seconds: failingSeconds,
      });
      const waits = during.pending.map(
        ({ activity, attempt, failure }) => `${activity}: attempt ${attempt}, ${failure}`,
      );
      failing.push({
        ...rest,
        refunds,
        during: [during.status, ...waits].join('; '),
        secondsToEnd: round(secondsToEnd),
      });
    }
    return { phases, failing };
  } finally {
    await worker.stop();
    await temporal.stop();
  }
}

interface Loop {
  readonly ended: LoadResult['orders'];
  readonly seconds: number;
}

interface Shown extends Pick<Failing, 'end' | 'secondsToEnd' | 'effects'> {
  readonly during: {
    readonly status: string;
    readonly pending: ReadonlyArray<{
      readonly activity: string;
      readonly attempt: number;
      readonly failure?: string;
    }>;
  };
}

/** The process of the worker and its client. */
class Worker {
  readonly #child: ChildProcess;
  readonly #temporal: RunningTemporal;
  readonly #lines: AsyncIterator<string>;
  readonly #output: Interface;

  constructor(program: string, temporal: RunningTemporal) {
    const { address, databaseUrl } = temporal;
    this.#temporal = temporal;
    this.#child = spawn(process.execPath, [program, JSON.stringify({ address, databaseUrl })], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    this.#output = createInterface({ input: this.#child.stdout! });
    this.#lines = this.#output[Symbol.asyncIterator]();
  }

  ready = (): Promise<unknown> => this.#answer();

  ask<Answer>(name: string, given: object): Promise<Answer> {
    this.#child.stdin!.write(`${JSON.stringify({ command: name, ...given })}\n`);
    return this.#answer() as Promise<Answer>;
  }

  /** The CPU ms of the worker with its client, of the server, and of PostgreSQL, together. */
  cpuMs(): number {
    return (cpuTimeMs(this.#child.pid ?? 0) ?? Number.NaN) + this.#temporal.cpuMs();
  }

  async stop(): Promise<void> {
    this.#child.stdin?.end();
    await endOf(this.#child);
    this.#output.close();
  }

  async #answer(): Promise<unknown> {
    const { done, value } = await this.#lines.next();
    if (done) throw new Error("Temporal's worker has ended: its error stands above");
    return JSON.parse(value) as unknown;
  }
}

/** The lines of both definitions, without imports, comments and empty lines. */
function linesOf(): { readonly temporal: number; readonly ours: number } {
  const count = (path: string) =>
    readFileSync(join(import.meta.dirname, path), 'utf8')
      .replace(/^import[^;]*;$/gms, '')
      .replace(/\/\*\*.*?\*\//gs, '')
      .split('\n')
      .filter((line) => line.trim() !== '' && !line.trim().startsWith('//')).length;
  return {
    temporal: count('worker/workflows.mjs'),
    ours: count('../../../../apps/order/src/fulfillment/fulfillment.saga.ts'),
  };
}
