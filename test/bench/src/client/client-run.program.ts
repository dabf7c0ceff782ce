/** Runs one workload with one client and prints what it measured as JSON on the last line. */
import { kafkajs } from './kafkajs.ts';
import { ours } from './ours.ts';
import { platformatic } from './platformatic.ts';
import {
  recordsPerSend,
  sendsInFlight,
  type BenchClient,
  type ClientRun,
  type Workload,
} from './workload.ts';

const clients = { ours, platformatic, kafkajs } as const;

const [name = '', bootstrapServer = '', topic = '', workload = '{}'] = process.argv.slice(2);
const client = clients[name as keyof typeof clients]({ bootstrapServer, topic });
await client.connect();
const run = await measured(client, JSON.parse(workload) as Workload);
console.log(JSON.stringify(run));
await client.close();
process.exit(0);

async function measured(one: BenchClient, { kind, records, recordBytes }: Workload): Promise<ClientRun> {
  const value = 'x'.repeat(recordBytes);
  if (kind === 'single') await warmUp(one, value);
  const latenciesMs: number[] = [];
  const cpuBefore = process.cpuUsage();
  const began = performance.now();
  if (kind === 'produce') await produce(one, value, records);
  if (kind === 'consume') await one.consume(records);
  if (kind === 'single')
    for (let index = 0; index < records; index += 1) {
      const sentAt = performance.now();
      await one.send([value]);
      latenciesMs.push(performance.now() - sentAt);
    }
  const elapsedMs = performance.now() - began;
  const { user, system } = process.cpuUsage(cpuBefore);
  return { records, elapsedMs, cpuMs: (user + system) / 1_000, latenciesMs };
}

/** The first records meet cold code. */
async function warmUp(one: BenchClient, value: string): Promise<void> {
  for (let index = 0; index < 200; index += 1) await one.send([value]);
}

async function produce(one: BenchClient, value: string, records: number): Promise<void> {
  const values = Array.from({ length: recordsPerSend }, () => value);
  let left = records;
  const sender = async () => {
    while (left > 0) {
      left -= recordsPerSend;
      await one.send(values);
    }
  };
  await Promise.all(Array.from({ length: sendsInFlight }, sender));
}
