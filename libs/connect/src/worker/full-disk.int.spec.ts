import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { afterAll, beforeAll, expect, it } from '@jest/globals';
import { beforeExit, until } from '@millrace/testing/within';
import { openSuite, type Suite } from '../open-suite.fixture.ts';
import type { TestWorker } from '../worker.fixture.ts';

const limitMs = 60_000;
let child: ChildProcess;
let refused = 0;
let suite: Suite;
let worker: TestWorker;

beforeAll(async () => {
  child = fork(new URL('filling-broker.program.ts', import.meta.url).pathname, [], {
    execArgv: ['--conditions=@millrace/source', '--no-warnings'],
    env: { PATH: process.env.PATH },
  });
  const [{ port }] = (await beforeExit(child, once(child, 'message'), () => 'its port')) as [
    { readonly port: number },
  ];
  child.on('message', (news: { readonly refused: number }) => void ({ refused } = news));
  suite = await openSuite({
    bootstrapServers: `127.0.0.1:${port}`,
    stop: async () => void child.kill('SIGKILL'),
  });
  worker = await suite.worker();
}, 60_000);
afterAll(async () => {
  await worker?.stop();
  await suite?.close();
});

it('N71 a source waits while the disk of its broker is full, and then has each record on the log once', async () => {
  const count = 5_000;
  await worker.run('counts', {
    'connector.class': 'counting',
    topic: 'counts',
    count: String(count),
    'per.poll': '10',
  });
  await suite.records('counts', 1);
  child.send('fill');
  await until(
    () => refused,
    (writes) => writes >= 5,
    limitMs,
  );
  await worker.has('counts', 'RUNNING');
  const { body } = await worker.request('GET', '/connectors/counts/offsets');
  expect(body.offsets[0].offset.n).toBeLessThan(count);
  child.send('empty');

  const records = await suite.records('counts', count);
  expect(records.map(({ value }) => JSON.parse(String(value)).n)).toEqual(
    Array.from({ length: count }, (_, index) => index + 1),
  );
}, 180_000);
