import { setTimeout as pause } from 'node:timers/promises';
import { checkLogHistory, countHistory, type LogHistory } from '@millrace/test-support/log-history';
import { seededRandom } from '@millrace/testing/random';
import { inFolder } from '../in-folder.ts';
import type { RunOptions } from '../main.ts';
import { startBrokerChild } from '../process/broker-child.ts';
import type { FaultsFound, FaultsRow } from '../report.ts';
import { startWorkload, type Workload } from './workload.ts';

const quickMs = 14_000;
/** The least that must happen in every run, however slow the machine is. */
const atLeast = { kills: 3, acknowledged: 300, committed: 12 };
const wantsMoreMsMax = 240_000;
const progressMsMax = 20_000;
const wholeMs = 300_000;

/**
 * Kills a broker again and again under producers and consumers, and judges everything that they did
 * and saw.
 */
export function runBrokerCrashes({ quick, seed, print }: RunOptions): Promise<FaultsFound> {
  return inFolder(async (dataFolder) => {
    const startedAt = performance.now();
    const random = seededRandom(seed);
    let broker = await startBrokerChild({ dataFolder });
    const { port } = broker;
    const errors: string[] = [];
    let kills = 0;
    try {
      const workload = await startWorkload([`127.0.0.1:${port}`]);
      const elapsedMs = () => performance.now() - startedAt;
      const wantsMore = () =>
        kills < atLeast.kills ||
        workload.acknowledged() < atLeast.acknowledged ||
        workload.committed() < atLeast.committed;
      while (elapsedMs() < (quick ? quickMs : wholeMs) || (wantsMore() && elapsedMs() < wantsMoreMsMax)) {
        await progress(workload);
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
      const note =
        `${acknowledged} records acknowledged, ${unknown} of unknown outcome (${unknownStored} stored), ` +
        `${failed} failed, ${polled} polled`;
      const problems = [
        ...anomalies.map(({ kind, subject, detail }) => `${kind} ${subject}: ${detail}`),
        ...errors,
        ...broker.errors,
      ];
      const rows = [
        { what: 'kill -9 and restart under load', tried: kills, violations: anomalies.length, note },
        transactionsOf(history),
      ];
      return {
        rows,
        problems,
      };
    } finally {
      await broker.kill();
    }
  });
}

/** Resolves once something has been acknowledged since the last crash. */
async function progress(workload: Workload): Promise<void> {
  const before = workload.acknowledged();
  const committed = workload.committed();
  const startedAt = performance.now();
  const isOver = () => workload.acknowledged() > before && workload.committed() > committed;
  while (!isOver() && performance.now() - startedAt < progressMsMax) await pause(20);
}

function transactionsOf({ sends }: LogHistory): FaultsRow {
  const outcomes = new Map(
    sends.flatMap(({ transaction, outcome }) => (transaction === undefined ? [] : [[transaction, outcome]])),
  );
  const of = (wanted: string) => [...outcomes.values()].filter((outcome) => outcome === wanted).length;
  const note =
    `${of('acknowledged')} committed, ${of('failed')} aborted or failed, ` +
    `${of('unknown')} of unknown outcome`;
  return { what: 'transactions of several partitions among them', tried: outcomes.size, violations: 0, note };
}
