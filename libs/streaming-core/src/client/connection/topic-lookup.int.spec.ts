import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { Consumer } from '@platformatic/kafka';
import { silentLogger } from '../../runtime/index.ts';
import { connectAdmin } from '../admin.ts';
import { connectionSettings, libraryOptions } from './connection.ts';
import { lookUpTopics } from './topic-lookup.ts';

const options = {
  bootstrapServers: [process.env.MILLRACE_TEST_BROKER ?? ''],
  clientId: 'lookup-test',
  logger: silentLogger,
};
const settings = connectionSettings(options);
const first = `lookup-first-${process.pid}`;
const second = `lookup-second-${process.pid}`;

describe('looking topics up', () => {
  const library = new Consumer({ ...libraryOptions(settings), groupId: 'lookup-test' });
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
    await library.close(true);
    await admin.close();
  });

  it('finds a topic that the cache loses while another one is requested', async () => {
    await lookUpTopics(library, settings, [first]);
    const looking = lookUpTopics(library, settings, [first, second]);
    library.clearMetadata(); // as a failed fetch does

    const { found, unknown } = await looking;
    expect([...found.keys()].sort()).toEqual([first, second]);
    expect(unknown).toEqual([]);
  });

  it('reports which topics do not exist', async () => {
    const { found, unknown } = await lookUpTopics(library, settings, [first, 'nobody-made-this']);
    expect([...found.keys()]).toEqual([first]);
    expect(unknown).toEqual(['nobody-made-this']);
  });
});
