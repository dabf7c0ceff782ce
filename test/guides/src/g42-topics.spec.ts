import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from '@jest/globals';
import { topics } from '@millrace/contracts';
import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { sharedStack } from '@millrace/test-support/stack';

describe('G42 the topics of a running system', () => {
  const admin = connectAdmin({
    bootstrapServers: [sharedStack().bootstrapServers],
    clientId: 'topics',
    logger: silentLogger,
  });
  afterAll(() => admin.close());

  it('have the partitions, the retention and the clean-up of their declarations', async () => {
    const names = topics.map(({ name }) => name);
    const described = await admin.topics.describe(names);
    const configs = await admin.configs.describe(names.map((name) => ({ type: 'topic', name })));
    const running = names.map((name, index) => ({
      name,
      partitions: described.get(name)?.partitions.length,
      retention: configs[index]?.get('retention.ms')?.value,
      cleanup: configs[index]?.get('cleanup.policy')?.value,
    }));

    expect(running).toEqual(
      topics.map(({ name, partitions, retention, cleanup }) => ({
        name,
        partitions,
        retention: retention === 'unlimited' ? '-1' : String(retention),
        cleanup,
      })),
    );
  });

  it('are all declared, as far as they belong to a service', async () => {
    const ofServices = /^(order|inventory|product|payment|account|shipping|notification)-(commands|events)/;
    const running = (await admin.topics.list())
      .map(({ name }) => name)
      .filter((name) => ofServices.test(name));
    expect(running.sort()).toEqual(topics.map(({ name }) => name).sort());
  });

  it('all have their reasons on the page of topics, except for those of dead letters', () => {
    const page = readFileSync(join(import.meta.dirname, '../../../docs/TOPICS.md'), 'utf8');
    const names = topics.map(({ name }) => name).filter((name) => !name.endsWith('.dlq'));
    expect(names.filter((name) => !page.includes(`- [\`${name}\`]`))).toEqual([]);
  });
});
