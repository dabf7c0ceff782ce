import { setTimeout as pause } from 'node:timers/promises';
import { checkLogHistory, countHistory } from '@millrace/testing/log-history';
import { seededRandom } from '@millrace/testing/random';
import { inFolder } from '../in-folder.ts';
import type { RunOptions } from '../main.ts';
import { startBrokerChild } from '../process/broker-child.ts';
import type { FaultsReport } from '../report.ts';
import { startWorkload } from './workload.ts';

const quickMs = 14_000;
const wholeMs = 300_000;

/** A broker that is killed again and again under producers and consumers, and a verdict over all that they did and saw. */
export function runBrokerCrashes({ quick, seed, print }: RunOptions): Promise<FaultsReport> {
  return inFolder(async (dataFolder) => {
    const startedAt = performance.now();
    const random = seededRandom(seed);
    let broker = await startBrokerChild({ dataFolder });
    const { port } = broker;
    const errors: string[] = [];
    let kills = 0;
    try {
      const workload = await startWorkload([`127.0.0.1:${port}`]);
      while (performance.now() - startedAt < (quick ? quickMs : wholeMs)) {
        await pause(300 + random() * 1_200);
        await broker.kill();
        kills += 1;
        errors.push(...broker.errors);
        broker = await startBrokerChild({ dataFolder, port });
        print(`killed ${kills} times, ${workload.acknowledged()} records acknowledged`);
      }
      const history = await workload.stop();
      const anomalies = checkLogHistory(history);
      const { acknowledged, unknown, unknownStored, failed, polled } = countHistory(history);
      const note = `${acknowledged} records acknowledged, ${unknown} of unknown outcome (${unknownStored} stored), ${failed} failed, ${polled} polled`;
      const problems = [...anomalies.map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`), ...errors, ...broker.errors];
      const rows = [{ what: 'kill -9 and restart under load', tried: kills, violations: anomalies.length, note }];
      return { run: 'broker-crashes', seed, seconds: Math.round((performance.now() - startedAt) / 1_000), rows, problems };
    } finally {
      await broker.kill();
    }
  });
}
