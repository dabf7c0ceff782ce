import { once } from 'node:events';
import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { silentLogger } from '../runtime/index.ts';
import { connectAdmin } from './admin/admin.ts';
import {
  newTopic,
  readRecords,
  TestMember,
  textOf,
  uniqueName,
  type Engine,
  reach,
} from './client.fixture.ts';
import { connectProducer } from './producer/producer.ts';

const metadataTimeoutMs = 300;

export function hungBrokerSuite(engine: () => Engine): void {
  describe('a broker that accepts connections but never answers', () => {
    let hung: Server;
    const sockets: Socket[] = [];

    beforeAll(async () => {
      hung = createServer((socket) => sockets.push(socket.on('error', () => undefined))).listen(
        0,
        '127.0.0.1',
      );
      await once(hung, 'listening');
    });
    afterAll(() => {
      sockets.forEach((socket) => socket.destroy());
      hung.close();
    });

    it('A06 is skipped by the admin client, producer, reader and member although it is listed first', async () => {
      const bootstrapServers = [
        `127.0.0.1:${(hung.address() as AddressInfo).port}`,
        ...engine().bootstrapServers,
      ];
      const connection = {
        ...reach(engine()),
        bootstrapServers,
        clientId: 'hung-test',
        logger: silentLogger,
        metadataTimeoutMs,
      };
      const admin = connectAdmin(connection);
      const producer = connectProducer(connection);
      const topic = await newTopic(admin, 1);
      await producer.send([{ topic, key: 'a', value: '1' }]);

      const member = new TestMember({ ...engine(), bootstrapServers }, uniqueName('group'), [topic], {
        metadataTimeoutMs,
      });
      const [record] = await readRecords(member.consumer, [{ topic, partition: 0, offset: 0n }], 1);
      expect(textOf(record)).toBe('1');
      await member.start();
      expect(member.owned).toEqual([`${topic}/0`]);

      await Promise.all([member.close(), producer.close(), admin.close()]);
    });
  });
}
