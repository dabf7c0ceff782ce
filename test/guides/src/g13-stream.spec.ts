import { describe, expect, it } from '@jest/globals';
import { serdes } from '@millrace/streams';
import { TopologyTestDriver } from '@millrace/streams/test-driver';
import { transform } from './topologies/transform.ts';

describe('G13 consume, transform, produce as a topology', () => {
  it('writes one output record for each input record, with its key and its time', () => {
    using driver = new TopologyTestDriver(transform());
    const input = driver.createInputTopic('input-topic', serdes.string, serdes.string);
    input.pipeInput('key-0', 'record 0', 10);
    input.pipeInput('key-1', 'record 1', 20);

    const output = driver.createOutputTopic('output-topic', serdes.string, serdes.string);
    expect(output.readRecordsToList()).toEqual([
      { key: 'key-0', value: 'RECORD 0', timestampMs: 10, headers: [] },
      { key: 'key-1', value: 'RECORD 1', timestampMs: 20, headers: [] },
    ]);
  });
});
