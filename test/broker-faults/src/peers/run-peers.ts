import { inFolder } from '../in-folder.ts';
import type { RunOptions } from '../main.ts';
import { memoryOf, startBrokerChild, type BrokerChild } from '../process/broker-child.ts';
import { canaryInWords, startCanary, type CanaryReport } from '../process/canary.ts';
import type { FaultsFound, FaultsRow } from '../report.ts';
import {
  askOnAndOn,
  dribble,
  fillTopic,
  greet,
  neverFinish,
  neverRead,
  onlyConnect,
  type Misbehaviour,
} from './peer-behaviours.ts';

const limits = { receivedBytesMax: 134_217_728, unsentBytesTotalMax: 134_217_728, connectionsMax: 600 };
/**
 * The sum of the limits, plus 250 MB for the broker itself and for released buffers that the
 * garbage collector has not freed yet. The same run takes between 280 and 420 MB. Without limits it
 * takes gigabytes.
 */
const peakBytesMax = limits.receivedBytesMax + limits.unsentBytesTotalMax + 250_000_000;
const canaryP99MsMax = 500;

const behaviours: ReadonlyArray<{ readonly what: string; readonly behave: Misbehaviour }> = [
  { what: '30 peers that ask for 50 MB and never read', behave: neverRead(30) },
  { what: '12 peers that send 2,000 requests for 50 MB in a row and never read', behave: askOnAndOn(12) },
  { what: '30 peers that announce 100 MB, send 10 MB and stop', behave: neverFinish(30, 10_000_000) },
  { what: '400 peers that send byte by byte', behave: dribble(400, 100) },
  { what: '1,000 peers that only connect, 600 allowed', behave: onlyConnect(1_000) },
];

/**
 * Slow and stuck peers: the broker's memory must stay bounded, and it must serve other clients and
 * those that come later.
 */
export function runPeers({ print }: RunOptions): Promise<FaultsFound> {
  return inFolder(async (dataFolder) => {
    const broker = await startBrokerChild({ dataFolder, flush: 'none', limits });
    try {
      await fillTopic(broker);
      const canary = await startCanary(broker);
      const rows: FaultsRow[] = [];
      const problems: string[] = [];
      for (const { what, behave } of behaviours) {
        const found = await inflict(broker, behave);
        rows.push({
          what,
          tried: found.peers,
          violations: found.problems.length,
          note:
            `${megabytes(memoryOf(broker).nowBytes)} MB resident, ` +
            `${megabytes(memoryOf(broker).peakBytes)} MB at peak so far, ${found.cut} peers cut off`,
        });
        problems.push(...found.problems.map((problem) => `${what}: ${problem}`));
        print(`${what}: ${rows.at(-1)?.note}`);
      }
      const heard = await canary.stop();
      const { peakBytes } = memoryOf(broker);
      rows.push({
        what: 'memory',
        tried: 1,
        violations: 0,
        note: `${megabytes(peakBytes)} MB resident at peak, ${megabytes(peakBytesMax)} MB allowed`,
      });
      rows.push({
        what: 'others',
        tried: heard.requests,
        violations: heard.failures.length,
        note: canaryInWords(heard),
      });
      problems.push(...boundProblems(peakBytes, heard), ...heard.failures, ...broker.errors);
      return {
        rows,
        problems,
      };
    } finally {
      await broker.kill();
    }
  });
}

const megabytes = (bytes: number): number => Math.round(bytes / 1_000_000);

function boundProblems(peakBytes: number, { p99Ms }: CanaryReport): readonly string[] {
  return [
    ...(peakBytes <= peakBytesMax ? [] : [`the broker took ${megabytes(peakBytes)} MB`]),
    ...(p99Ms <= canaryP99MsMax ? [] : [`one in a hundred requests of the canary took ${p99Ms} ms or more`]),
  ];
}

/** Lets the peers misbehave and ends them. Afterwards a new client must be served. */
async function inflict(broker: BrokerChild, behave: Misbehaviour) {
  const before = broker.cuts.length;
  const sockets = await behave(broker);
  for (const socket of sockets) socket.destroy();
  await Promise.all(
    sockets.map((socket) => socket.closed || new Promise((resolve) => socket.once('close', resolve))),
  );
  const problems = await greet(broker).then(
    () => [],
    (error: unknown) => [`a new client is not served afterwards: ${String(error)}`],
  );
  return { peers: sockets.length, cut: broker.cuts.length - before, problems };
}
