import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin } from '../admin/admin.ts';
import { countRequests } from '../seen-requests.fixture.ts';
import { metadata } from '../../protocol/apis/metadata.ts';
import { BrokerClient } from './broker-client.ts';
import { connectionSettings } from './connection-settings.ts';

const options = {
  bootstrapServers: [process.env.MILLRACE_TEST_BROKER ?? ''],
  clientId: 'lookup-test',
  logger: silentLogger,
};
const first = `lookup-first-${process.pid}`;
const second = `lookup-second-${process.pid}`;

describe('looking topics up', () => {
  const brokers = new BrokerClient(connectionSettings(options));
  const admin = connectAdmin(options);

  beforeAll(() =>
    admin.createTopics(
      [first, second].map((name) => ({
        name,
        key: 'k',
        partitions: 1,
        retention: 'unlimited',
        cleanup: 'delete',
      })),
    ),
  );
  afterAll(async () => {
    brokers.close();
    await admin.close();
  });

  it('asks once for callers that ask for the same topics at the same time or soon after', async () => {
    brokers.forgetTopics();
    const requests = await countRequests(metadata.key, async () => {
      await Promise.all([brokers.lookUpTopics([first, second]), brokers.lookUpTopics([second, first])]);
      await brokers.lookUpTopics([second]);
    });
    expect(requests).toBe(1);
  });

  it('asks again after the answer was forgotten, and whenever a fresh answer is wanted', async () => {
    await brokers.lookUpTopics([first]);
    const requests = await countRequests(metadata.key, async () => {
      brokers.forgetTopics();
      await brokers.lookUpTopics([first]);
      await brokers.lookUpTopics([first], true);
    });
    expect(requests).toBe(2);
  });

  it('reports which topics do not exist', async () => {
    const { found, unknown } = await brokers.lookUpTopics([first, 'nobody-made-this']);
    expect([...found.keys()]).toEqual([first]);
    expect(unknown).toEqual(['nobody-made-this']);
  });
});
