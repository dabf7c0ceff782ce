import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { RetriableConnectError } from '../../plugin/connect-error.ts';
import { jsonRecord, startSink } from '../sink-task.fixture.ts';
import { openSearchSink } from './opensearch-sink-connector.ts';

/** Answers as an OpenSearch in trouble, since a healthy one cannot be made to. */
let server: Server;
let answers: object[] = [];
beforeEach(async () => {
  server = createServer((request, response) => {
    request.resume();
    request.on('end', () => response.end(JSON.stringify(answers.shift())));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

const start = () =>
  startSink({
    connector: openSearchSink,
    config: { 'connection.url': `http://127.0.0.1:${(server.address() as AddressInfo).port}` },
    tolerates: true,
  });
const partitions = [{ topic: 'user-events', partition: 0 }];

describe('N68 the OpenSearch sink', () => {
  it('waits for its offsets while OpenSearch cannot read them, and begins at 0 only if they are not there', async () => {
    const failed = (type: string) => ({
      docs: [{ _id: 'sink:user-events-0', error: { type, reason: 'r' } }],
    });
    answers = [failed('no_shard_available_action_exception'), failed('index_not_found_exception')];
    const { task } = await start();
    await expect(task.assigned!(partitions)).rejects.toThrow(RetriableConnectError);
    expect(await task.assigned!(partitions)).toEqual([{ topic: 'user-events', partition: 0, offset: 0n }]);
  });

  it('sends a record to the dead letters once, although the bulk with it is repeated', async () => {
    const item = (status: number, type?: string) => ({
      index: { status, ...(type && { error: { type, reason: 'r' } }) },
    });
    const refused = item(400, 'mapper_parsing_exception');
    answers = [
      { items: [refused, item(429, 'rejected_execution_exception')] },
      { items: [refused, item(201)] },
    ];
    const { task, rejected } = await start();
    const records = [jsonRecord(0, 'a', { n: 'text' }), jsonRecord(1, 'b', { n: 1 })];
    await expect(task.put(records)).rejects.toThrow(RetriableConnectError);
    await task.put(records);
    expect(rejected).toEqual([expect.stringContaining('offset 0 of partition 0')]);
  });
});
