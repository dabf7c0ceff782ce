import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { startBroker } from '@millrace/streaming-core/broker';
import { connectAdmin, connectGroupConsumer, type Admin } from '@millrace/streaming-core/client';
import { startStreamsOver } from './streams-start-over.ts';

let dataFolder: string;
beforeEach(async () => void (dataFolder = await mkdtemp(join(tmpdir(), 'millrace-start-over-'))));
afterEach(() => rm(dataFolder, { recursive: true, force: true }));

/** Runs the broker of the folder for as long as the work takes. */
async function onBroker<Result>(work: (admin: Admin, servers: readonly string[]) => Promise<Result>) {
  const broker = await startBroker({ dataFolder, port: 0 });
  const bootstrapServers = [`${broker.host}:${broker.port}`];
  const admin = connectAdmin({ bootstrapServers, clientId: 'start-over-test' });
  try {
    return await work(admin, bootstrapServers);
  } finally {
    await admin.close();
    await broker.close();
  }
}

const internal = ['counts-days-changelog', 'counts-days-repartition'];
const kept = ['counts', 'orders', 'orders-by-hand-changelog'];

describe('the stream applications of a restored log', () => {
  it('start over, although a copied member seems to run, and other groups and topics stay', async () => {
    await onBroker(async (admin, bootstrapServers) => {
      await admin.topics.create([...internal, ...kept].map((name) => ({ name, partitions: 1 })));
      for (const groupId of ['counts', 'reader']) {
        const offsets = [{ topic: 'orders', partition: 0, offset: 0n }];
        await admin.groups.resetOffsets(groupId, { mode: 'to-earliest' }, { topics: ['orders'] });
        expect(await admin.groups.offsets(groupId)).toMatchObject(offsets);
      }
      const member = connectGroupConsumer({
        bootstrapServers,
        clientId: 'counts-1',
        groupId: 'counts',
        topics: ['orders'],
        groupInstanceId: 'counts-1', // a static member stays in the group when it is closed
      });
      const joined = Promise.withResolvers<void>();
      await member.start({
        onAssigned: () => Promise.resolve(joined.resolve()),
        onRevoked: () => Promise.resolve(),
        onLost: () => Promise.resolve(),
        onStopped: joined.reject,
      });
      await joined.promise;
      await member.close();
    });
    const printed: string[] = [];

    await startStreamsOver(dataFolder, (line) => void printed.push(line));

    expect(printed).toEqual(['the stream application counts will start over from its input topics']);
    await onBroker(async (admin) => {
      const names = (await admin.topics.list()).map(({ name }) => name);
      expect(names.filter((name) => !name.startsWith('__'))).toEqual(kept);
      expect((await admin.groups.list()).map(({ groupId }) => groupId)).toEqual(['reader']);
    });
  });
});
