import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startBroker } from '@millrace/streaming-core/broker';
import { startOurs } from './engines.ts';

export interface StartTimes {
  /** The ms of each call on an empty folder. The first call runs cold code. */
  readonly startBroker: readonly number[];
  /** The ms from each start of the built command to its first answer. */
  readonly startCommand: readonly number[];
  /** The resident MB of the built command, one second after its start. */
  readonly idleMb: number;
}

export async function measureStarts(times: number, idleMb: number): Promise<StartTimes> {
  const inProcess: number[] = [];
  const commands: number[] = [];
  for (let time = 0; time < times; time += 1) {
    inProcess.push(await timedStartBroker());
    const engine = await startOurs('none');
    commands.push(engine.startMs);
    await engine.stop();
  }
  return { startBroker: inProcess, startCommand: commands, idleMb };
}

async function timedStartBroker(): Promise<number> {
  const dataFolder = await mkdtemp(join(tmpdir(), 'millrace-bench-'));
  const begun = performance.now();
  const broker = await startBroker({ dataFolder, port: 0 });
  const ms = performance.now() - begun;
  await broker.close();
  await rm(dataFolder, { recursive: true, force: true });
  return ms;
}
