import { mkdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { WireClient } from '@millrace/streaming-core/protocol';
import { AskingClient } from '../crash/asking-client.ts';
import { checkAfterCrash } from '../crash/check-after-crash.ts';
import { emptyBook, type PromiseBook } from '../crash/promise-book.ts';
import { brokerSettings } from '../crash/recorded-run.ts';
import { hastyUpkeep, playLoad } from '../crash/scripted-load.ts';
import { watchFolder } from '../disk/watch-file-system.ts';
import { whatStillWorks } from '../failing-disk/what-still-works.ts';
import { inMemoryFolder } from '../in-folder.ts';
import { startBrokerChild, type BrokerChild } from '../process/broker-child.ts';
import { countCalls, happenedIn, straceAll, straceWith, type Injection } from './injection.ts';

export interface InjectedRun {
  /** Whether the n-th call was reached. */
  readonly happened: boolean;
  readonly problems: readonly string[];
}

interface Started {
  readonly broker?: BrokerChild;
  readonly refusal?: string;
}

const batches = 4;

/**
 * Runs a broker's process under the scripted load. At one system call the process is killed, or the
 * call fails. Afterwards a second broker has to keep what the first promised.
 */
export function runInjected(injection: Injection, random: () => number): Promise<InjectedRun> {
  return inMemoryFolder(async (folder) => {
    const dataFolder = join(folder, 'data');
    const trace = join(folder, 'trace.txt');
    const book = emptyBook();
    const happened = () => happenedIn(readFileSync(trace, 'utf8'));
    const { broker, refusal } = await start(dataFolder, straceWith(injection, trace));
    const problems =
      broker === undefined ? [] : await useBroker(broker, book, { injection, random, happened });
    await broker?.kill();
    if (refusal !== undefined && !happened()) throw new Error(refusal);
    return { happened: happened(), problems: [...problems, ...(await checkFolder(dataFolder, book))] };
  });
}

/** Counts the calls of each kind under this load, in the thread that makes most of them. */
export function countCallsOfRun(random: () => number): Promise<ReturnType<typeof countCalls>> {
  return inMemoryFolder(async (folder) => {
    const trace = join(folder, 'trace.txt');
    const { broker, refusal } = await start(join(folder, 'data'), straceAll(trace));
    if (broker === undefined)
      throw new Error(`strace is needed, see tools/install/test-tools.ts: ${refusal}`);
    await load(broker, emptyBook(), random).finally(() => broker.kill());
    return countCalls(readFileSync(trace, 'utf8'));
  });
}

async function start(dataFolder: string, under: readonly string[]): Promise<Started> {
  try {
    return {
      broker: await startBrokerChild({ dataFolder, under, ...brokerSettings, properties: hastyUpkeep }),
    };
  } catch (error) {
    return { refusal: error instanceof Error ? error.message : String(error) };
  }
}

interface Use {
  readonly injection: Injection;
  readonly random: () => number;
  readonly happened: () => boolean;
}

async function useBroker(
  broker: BrokerChild,
  book: PromiseBook,
  { injection, random, happened }: Use,
): Promise<readonly string[]> {
  const { fault, call } = injection;
  const client = await load(broker, book, random).catch((error: unknown) =>
    fault === 'killed' ? undefined : String(error),
  );
  if (fault === 'killed' || client === undefined) return [];
  if (typeof client === 'string' || !broker.isAlive)
    return [`the broker ended by itself: ${client}; ${broker.errors.join('; ')}`];
  const kind = call === 'fsync' || call === 'fdatasync' ? 'sync' : 'write';
  const problems = happened() ? await whatStillWorks(client, book, { code: fault, kind }) : [];
  return problems.length === 0
    ? []
    : [
        ...problems,
        `the broker ${broker.isAlive ? 'is running' : 'has ended'}: ${[...broker.cuts, ...broker.errors].join('; ')}`,
      ];
}

/** Plays the load and returns a client to continue with. */
async function load(broker: BrokerChild, book: PromiseBook, random: () => number): Promise<AskingClient> {
  let time = 0;
  const connect = async () =>
    new AskingClient({ client: await WireClient.connect(broker), book, now: () => (time += 1) });
  await playLoad({ connect, random, batches, part: 'a', inFlightMax: 1 });
  return connect();
}

/**
 * Checks the folder with a broker in this process. Its syncs are skipped, since the kernel has
 * everything that was written.
 */
async function checkFolder(folder: string, book: PromiseBook): Promise<readonly string[]> {
  mkdirSync(folder, { recursive: true }); // the first broker may have ended before it created the folder
  const stop = watchFolder(folder, { onOperation: () => undefined, syncMsMax: 0, random: () => 0 });
  return checkAfterCrash(folder, book, { at: Number.MAX_SAFE_INTEGER, powerLost: false }).finally(stop);
}
