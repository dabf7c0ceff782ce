import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { seed, seededRandom } from '@millrace/testing/random';
import { startKafkaCluster, type KafkaCluster } from '@millrace/testing/kafka';
import { acksScenarios, measureAcks, type AcksRow } from './acks-table.ts';
import { checkRecords, countRecords, type RecordViolation, type SentRecord } from './check-records.ts';
import { ClusterView } from './cluster-view.ts';
import { openNetwork, type CuttableNetwork } from './cuttable-network.ts';
import { copiedRecords, startCopyLoad } from './copy-load.ts';
import { faults, type FaultContext, type FaultName } from './faults.ts';
import { startOrderLoad, type OrderLoad } from './order-load.ts';
import { readLog, startRecordLoad } from './record-load.ts';
import { faultInWords, type FaultRow, type RunReport } from './report.ts';

export interface RunOptions {
  readonly faults: readonly FaultName[];
  /** The scenarios of the table of acks levels, by name. */
  readonly acks: readonly string[];
  readonly print: (line: string) => void;
}

const ledger = {
  name: 'ledger',
  key: 'none',
  partitions: 3,
  retention: 'unlimited',
  cleanup: 'delete',
} as const;
const brokers = 3;

/**
 * Starts three brokers, each with a cable that can be pulled, puts them under a load of records and
 * orders, and inflicts one fault after the other. Checks the books at the end.
 */
export async function runReplication(options: RunOptions): Promise<RunReport> {
  const startedAt = performance.now();
  const network = openNetwork(brokers);
  try {
    options.print('starting three brokers and a controller');
    const places = Array.from({ length: brokers }, (_, index) => network.place(index + 1));
    const cluster = await startKafkaCluster({ brokers, places, controllerPlace: network.outside });
    let keepData = false;
    try {
      const found = await attack(cluster, network, options);
      keepData = found.violations.length > 0;
      if (keepData) options.print(`data and logs are kept in ${cluster.folder}`);
      return { ...found, seconds: Math.round((performance.now() - startedAt) / 1_000) };
    } finally {
      await cluster.stop({ keepData });
    }
  } finally {
    network.remove();
  }
}

async function attack(
  cluster: KafkaCluster,
  network: CuttableNetwork,
  options: RunOptions,
): Promise<Omit<RunReport, 'seconds'>> {
  const { print } = options;
  const view = new ClusterView(cluster.bootstrapServers);
  const acks: AcksRow[] = [];
  for (const scenario of acksScenarios.filter(({ name }) => options.acks.includes(name))) {
    print(`counting what survives at each level of acks: ${scenario.fault}`);
    acks.push(...(await measureAcks(cluster, view, scenario)));
  }
  await createLedger(cluster);
  print('starting the services');
  const orders = await startOrderLoad(cluster.bootstrapServers);
  try {
    const topics = [ledger.name, ...orders.topics];
    await view.whole(topics);
    const load = startRecordLoad(cluster.bootstrapServers, ledger.name, ledger.partitions);
    const copying = await startCopyLoad(cluster.bootstrapServers, brokers, seededRandom(seed));
    const noted: SentRecord[] = [];
    const reported: RecordViolation[] = [];
    const rows: FaultRow[] = [];
    const outcome = await orders.during(async (buyMore) => {
      const context: FaultContext = {
        cluster,
        network,
        view,
        load,
        topics,
        buyMore,
        topic: ledger.name,
        note: (record) => noted.push(record),
        report: (violation) => reported.push(violation),
      };
      for (const name of options.faults) rows.push(await inflict(name, context, orders, print));
    });
    const history = {
      ...(await load.stop()),
      log: await readLog(cluster.bootstrapServers, ledger.name),
    };
    const copied = await copying.finish();
    print(
      `${copiedRecords} records were copied by a process that was killed ${copied.kills} times (MILLRACE_TEST_SEED=${seed})`,
    );
    const whole = { ...history, sent: [...history.sent, ...noted] };
    const violations = [
      ...reported,
      ...checkRecords(whole),
      ...outcome.problems.map((detail) => ({ subject: 'the shop', detail })),
      ...copied.problems.map((detail) => ({ subject: 'the copy', detail })),
    ];
    return { faults: rows, records: countRecords(whole), orders: outcome, acks, violations };
  } finally {
    await orders.stop();
  }
}

async function createLedger({ bootstrapServers }: KafkaCluster): Promise<void> {
  const admin = connectAdmin({
    bootstrapServers,
    clientId: 'ledger',
    logger: silentLogger,
    replicationFactor: brokers,
  });
  await admin.createTopics([ledger]).finally(() => admin.close());
}

/**
 * Inflicts a fault. Afterwards it restores every broker and cable, whatever happened. A fault that
 * the system does not survive is a violation.
 */
async function inflict(
  name: FaultName,
  context: FaultContext,
  orders: OrderLoad,
  print: RunOptions['print'],
): Promise<FaultRow> {
  const { load, cluster, network, report } = context;
  const { title } = faults[name];
  const startedAt = performance.now();
  const before = { records: load.acknowledged(), orders: orders.placed() };
  load.longestSilenceMs();
  try {
    await faults[name].inflict(context);
  } catch (error) {
    report({ kind: 'not_recovered', subject: title, detail: (error as Error).message });
    network.heal();
    for (const broker of cluster.brokers) {
      broker.thaw();
      await broker.start();
    }
  }
  const row = {
    name,
    title,
    silenceMs: load.longestSilenceMs(),
    seconds: Math.round((performance.now() - startedAt) / 1_000),
    records: load.acknowledged() - before.records,
    orders: orders.placed() - before.orders,
  };
  print(faultInWords(row));
  return row;
}
