import { afterAll, beforeAll, describe, expect, it } from '@jest/globals';
import { connectAdmin } from '@millrace/streaming-core/client';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { openSuite, type Suite } from '../open-suite.fixture.ts';
import { recordPipeline } from '../settings/record-pipeline.ts';
import { pluginTable } from '../settings/plugin-table.ts';
import { RecordErrors } from './record-errors.ts';
import { defaultConverters } from './worker-options.ts';

let suite: Suite;
beforeAll(async () => {
  suite = await openSuite();
}, 60_000);
afterAll(() => suite?.close());

describe('a dead letter', () => {
  it('N35 that could not be sent keeps offsets from being committed until it is on the log', async () => {
    await suite.send('orders', ['no JSON']);
    const [record] = await suite.records('orders', 1);
    const errors = new RecordErrors({
      connector: 'orders',
      task: 0,
      config: {
        'errors.tolerance': 'all',
        'errors.deadletterqueue.topic.name': 'dead',
        'errors.deadletterqueue.topic.replication.factor': '3', // there is one broker
      },
      pipeline: recordPipeline(pluginTable({ connectors: [] }), defaultConverters('sink')),
      connection: suite.connection(),
      clock: systemClock,
      logger: silentLogger,
      measures: new Map(),
      onRunning: () => undefined,
      onTopic: () => undefined,
    });
    errors.failed(record, {
      stage: 'VALUE_CONVERTER',
      failedClass: 'JsonConverter',
      error: new Error('no JSON'),
    });
    await expect(errors.flush()).rejects.toMatchObject({ code: 'replication_factor' });
    await expect(errors.flush()).rejects.toMatchObject({ code: 'replication_factor' });

    await using admin = connectAdmin(suite.connection());
    await admin.topics.create([{ name: 'dead', partitions: 1 }]);
    await errors.flush();
    expect((await suite.records('dead', 1)).map(({ value }) => String(value))).toEqual(['no JSON']);
    await errors.close();
  }, 60_000);
});
