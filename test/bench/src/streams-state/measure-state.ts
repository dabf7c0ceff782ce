import { mkdtempSync, rmSync, readdirSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { connectAdmin, connectProducer } from '@millrace/streaming-core/client';
import { startBroker } from '@millrace/streaming-core/broker';
import { write } from '../streams/inputs.ts';
import { StateProcess } from './state-process.ts';
import type { StateRun } from './state-run.ts';
import { applicationId, changelog, input, keyOf, valueOf } from './stored-counts.ts';

/** Returns the size of all files in a folder, in megabytes. */
const folderMb = (folder: string): number =>
  readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .reduce((sum, { parentPath, name }) => sum + statSync(join(parentPath, name)).size, 0) /
  2 ** 20;

/** One start of the application, up to the moment when it has processed everything. */
export interface StateStart {
  readonly name: string;
  /** From the start of the process until every task runs. */
  readonly startSeconds: number;
  /** Until every change was processed and committed. */
  readonly seconds: number;
  /** Records of changelogs that the start had to read. */
  readonly restored: number;
  readonly peakMb: number;
  readonly lookups: number;
  readonly wrong: readonly string[];
}

export interface StateMeasured {
  readonly keys: number;
  readonly stateMb: number;
  readonly starts: readonly StateStart[];
}

const partitions = 4;
/** Changes that are written while the application is killed. */
const changedTwice = 40_000;

/**
 * Writes the changelog of a store of so many keys, and starts its application without files and after
 * each way to end.
 */
export async function measureState(keys: number, say: (line: string) => void): Promise<StateMeasured> {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-streams-state-'));
  const stateDir = join(folder, 'state');
  const broker = await startBroker({ dataFolder: join(folder, 'log'), port: 0 });
  const bootstrapServers = [`${broker.host}:${broker.port}`];
  await using admin = connectAdmin({ bootstrapServers, clientId: 'streams-state' });
  await using producer = connectProducer({ bootstrapServers, clientId: 'streams-state' });
  const first: StateRun = { bootstrapServer: bootstrapServers[0]!, stateDir, keys, changedTwice: 0 };
  const last: StateRun = { ...first, changedTwice };
  const starts: StateStart[] = [];
  const startWith = async (name: string, run: StateRun) => {
    const { start, app } = await started(name, run);
    starts.push(start);
    say(`${keys} keys, ${name}: ${JSON.stringify(start)}`);
    return app;
  };
  try {
    await admin.topics.create([input, changelog].map((name) => ({ name, partitions })));
    await write(producer, {
      topic: changelog,
      records: keys,
      record: (index) => ({ key: keyOf(index), value: valueOf(index, 1) }),
    });
    say(`${keys} values are in the changelog`);
    const restoring = await startWith('without files', first);
    await restoring.close();
    const stateMb = folderMb(stateDir);
    const again = await startWith('after a close', first);
    const offsets = async () =>
      (await admin.committedOffsets(applicationId)).reduce((sum, { offset }) => sum + Number(offset), 0);
    const writing = write(producer, {
      topic: input,
      records: changedTwice,
      record: (index) => ({ key: keyOf(index), value: String(index) }),
    });
    while ((await offsets()) < changedTwice / 4) await wait(5);
    await again.kill();
    await writing;
    const healed = await startWith('after kill -9', last);
    await healed.close();
    return { keys, stateMb, starts };
  } finally {
    await broker.close();
    rmSync(folder, { recursive: true });
  }
}

async function started(
  name: string,
  run: StateRun,
): Promise<{ readonly start: StateStart; readonly app: StateProcess }> {
  const app = new StateProcess(run);
  const { restored } = await app.event('running');
  const startSeconds = app.elapsedMs / 1_000;
  const { lookups, wrong } = await app.event('checked');
  const seconds = app.elapsedMs / 1_000;
  return { app, start: { name, startSeconds, seconds, restored, peakMb: app.peakMb, lookups, wrong } };
}
