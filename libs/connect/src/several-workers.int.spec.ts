import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { until } from '@millrace/testing/within';
import { openSuite, type Suite } from './open-suite.fixture.ts';
import { startWorkerProcess } from './worker-process.fixture.ts';
import { requested } from './worker.fixture.ts';

let suite: Suite;

beforeAll(async () => {
  suite = await openSuite();
}, 60_000);

afterAll(async () => {
  await suite?.close();
});

const workersOf = async (url: string, connector: string) => {
  const { body } = await requested(url, 'GET', `/connectors/${connector}/status`);
  const running = body?.tasks?.filter(({ state }: { state: string }) => state === 'RUNNING') ?? [];
  return running.map(({ worker_id: id }: { worker_id: string }) => id) as readonly string[];
};

const numbers = (count: number) => Array.from({ length: count }, (_, index) => index + 1);
const sink = (file: string) => ({
  'connector.class': 'test.FileLinesSink',
  topics: 'parts',
  file: join(suite.folder, file),
  'tasks.max': '2',
});

describe('workers of one group', () => {
  it('N31 share tasks, forward changes to their leader, and replace a killed worker within ten seconds', async () => {
    await using killed = await startWorkerProcess({ broker: suite.broker.bootstrapServers });
    const { url } = killed;
    await using other = await suite.worker();
    await suite.send(
      'parts',
      numbers(100).map((n) => JSON.stringify({ n })),
      4,
    );
    await other.request('POST', '/connectors', { name: 'parts', config: sink('parts') });
    const both = await until(
      () => workersOf(other.url, 'parts'),
      (ids) => new Set(ids).size === 2,
      30_000,
    );
    expect(both.toSorted()).toEqual([new URL(url).host, new URL(other.url).host].toSorted());
    await suite.lines('parts', ({ length }) => length === 100);

    await killed.kill();
    const killedAt = performance.now();
    await suite.send(
      'parts',
      numbers(200)
        .slice(100)
        .map((n) => JSON.stringify({ n })),
      4,
    );
    await until(
      () => workersOf(other.url, 'parts'),
      (ids) => ids.length === 2 && ids.every((id) => id === new URL(other.url).host),
      30_000,
    );
    expect(performance.now() - killedAt).toBeLessThan(10_000);
    const lines = await suite.lines(
      'parts',
      (found) => new Set(found.map(({ value }) => value?.n)).size === 200,
    );
    expect(lines.length).toBeLessThan(300);
    expect((await other.request('PUT', '/connectors/parts/pause')).status).toBe(202);
    await other.has('parts', 'PAUSED');
    await other.request('DELETE', '/connectors/parts');
  }, 120_000);

  it('N34 write each record of a source once, whenever they are killed', async () => {
    const options = { broker: suite.broker.bootstrapServers, groupId: 'killed', sessionTimeoutMs: 1_000 };
    const config = { 'connector.class': 'counting', topic: 'counted', count: '3000', 'per.poll': '10' };
    let written = 0;
    for (const kills of numbers(2)) {
      await using worker = await startWorkerProcess(options);
      await requested(worker.url, 'PUT', '/connectors/counted/config', config);
      const offset = async () => {
        const { body } = await requested(worker.url, 'GET', '/connectors/counted/offsets');
        return (body.offsets?.[0]?.offset.n ?? 0) as number;
      };
      written = await until(offset, (n) => n > written + 200 * kills, 30_000);
      await worker.kill();
    }
    expect(written).toBeLessThan(3_000);
    await using last = await startWorkerProcess(options);
    expect(last.url).toMatch(/^http/);
    const records = await suite.records('counted', 3_000);
    expect(records.map(({ value }) => JSON.parse(String(value)).n)).toEqual(numbers(3_000));
  }, 120_000);

  it('N36 continue from the topics that another worker has left, and from configurations without tasks', async () => {
    const groupId = 'first-cluster';
    const first = await suite.worker({ groupId });
    await first.run('left', { 'connector.class': 'counting', topic: 'left', count: '10' });
    await suite.records('left', 10);
    const offsetsOf = async (worker: typeof first, name: string) =>
      (await worker.request('GET', `/connectors/${name}/offsets`)).body;
    const left = { offsets: [{ partition: { counter: 'c' }, offset: { n: 10 } }] };
    await until(
      () => offsetsOf(first, 'left'),
      ({ offsets }) => offsets[0]?.offset.n === 10,
      30_000,
    );
    await first.stop();

    // A Java worker writes the configuration first, and the tasks once it has started the connector.
    const properties = { name: 'java', 'connector.class': 'counting', topic: 'java', count: '5' };
    await using second = await suite.worker({ groupId: 'second-cluster' });
    await suite.state('connect-configs', 'connector-java', { properties });
    await suite.state('connect-offsets', '["java", {"counter": "c"}]', { n: 2 });
    await second.has('left', 'RUNNING');
    expect(await offsetsOf(second, 'left')).toEqual(left);
    await second.request('PATCH', '/connectors/left/config', { count: '15' });
    const records = await suite.records('left', 15);
    expect(records.map(({ value }) => JSON.parse(String(value)).n)).toEqual(numbers(15));
    await second.has('java', 'RUNNING');
    expect((await second.request('GET', '/connectors/java/tasks')).body[0].config['task.class']).toBe(
      'test.CountingSource',
    );
    expect(await suite.records('java', 3)).toHaveLength(3);
    await until(
      () => offsetsOf(second, 'java'),
      ({ offsets }) => offsets[0]?.offset.n === 5,
      30_000,
    );
  }, 90_000);

  it('N37 refuse a worker that has the address of another one', async () => {
    const timing = { sessionTimeoutMs: 1_000, heartbeatIntervalMs: 200, rebalanceTimeoutMs: 5_000 };
    await using worker = await suite.worker({ groupId: 'addressed', timing });
    const same = suite.worker({ groupId: 'addressed', timing, url: worker.url });
    await expect(same).rejects.toThrow(
      `another worker of the group has the address ${worker.url}: give this one another`,
    );
    expect((await worker.request('GET', '/connectors')).status).toBe(200);
  }, 60_000);
});
