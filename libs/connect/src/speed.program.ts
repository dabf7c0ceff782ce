import { join } from 'node:path';
import { openSuite } from './open-suite.fixture.ts';

/** Measures records per second through a worker: from a source into the log, and from the log into a sink. */
const count = Number(process.argv[2] ?? 400_000);
const suite = await openSuite();
const worker = await suite.worker();
const json = {
  'value.converter': 'org.apache.kafka.connect.json.JsonConverter',
  'value.converter.schemas.enable': 'true',
};

async function measured(name: string, work: () => Promise<void>): Promise<void> {
  const begin = performance.now();
  await work();
  const seconds = (performance.now() - begin) / 1_000;
  process.stdout.write(`${name}: ${Math.round(count / seconds)} records/s\n`);
}

await measured('source', async () => {
  const config = {
    'connector.class': 'counting',
    topic: 'fast',
    count: String(count),
    'per.poll': '5000',
    ...json,
  };
  await worker.run('fast', config);
  while (Number(worker.worker.state.offsets.offsetOf('fast', { counter: 'c' })?.['n'] ?? 0) < count)
    await new Promise((resolve) => setTimeout(resolve, 20));
});
await measured('sink', async () => {
  const file = join(suite.folder, 'fast');
  await worker.run('read', { 'connector.class': 'test.FileLinesSink', topics: 'fast', file, ...json });
  await suite.lines('fast', ({ length }) => length === count);
});
await worker.stop();
await suite.close();
