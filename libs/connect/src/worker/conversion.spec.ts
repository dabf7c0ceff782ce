import { setImmediate as turn } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import type { FetchedRecord } from '@millrace/streaming-core/client';
import type { Converter } from '../converters/converter.ts';
import type { SourceRecord } from '../record/records.ts';
import type { RecordPipeline } from '../settings/record-pipeline.ts';
import { recordForLog, recordForSink } from './conversion.ts';

const failing = (fail: () => never | Promise<never>): Converter => ({ toBytes: fail, toData: fail });

/** The key asks a registry, and the value fails without asking. */
const pipeline: RecordPipeline = {
  key: failing(() => Promise.reject(new Error('no registry'))),
  value: failing(() => {
    throw new Error('not Avro');
  }),
  header: failing(() => Promise.reject(new Error('no header'))),
  transforms: [],
  classes: { KEY_CONVERTER: 'Key', VALUE_CONVERTER: 'Value', HEADER_CONVERTER: 'Header' },
};

describe('a record whose key and value both fail', () => {
  it('fails with the value, and the later failure of the key does not end the process', async () => {
    const read = { topic: 'orders', key: null, value: null, headerList: [] } as unknown as FetchedRecord;
    const made: SourceRecord = {
      topic: 'orders',
      key: { value: 'k' },
      value: { value: 'v' },
      headers: [],
      sourcePartition: {},
      sourceOffset: {},
    };
    expect(() => recordForSink(pipeline, read)).toThrow('not Avro');
    expect(() => recordForLog(pipeline, made)).toThrow('not Avro');
    await turn(); // Jest fails a test during which a rejection is unhandled
  });
});
