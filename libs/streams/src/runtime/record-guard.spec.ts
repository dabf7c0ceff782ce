import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { ProducedRecord } from '../task/record-collector.ts';
import type { InputRecord } from './raw-records.ts';
import { RecordGuard } from './record-guard.ts';
import type { ErrorPolicy } from './streams-options.ts';

const raw: InputRecord = {
  topic: 'in',
  partition: 2,
  offset: 7n,
  timestampMs: 5,
  key: Buffer.from('k'),
  value: Buffer.from('v'),
  headers: [],
  sizeBytes: 2,
};
const failing = (): never => {
  throw new RangeError('13 brings bad luck');
};

let dropped: unknown[];
const note = (message: unknown) => void dropped.push(message);
beforeEach(() => {
  dropped = [];
  subscribe('millrace:streams:dropped', note);
});
afterEach(() => void unsubscribe('millrace:streams:dropped', note));

/** Lets a record fail in each of the three ways. */
function failEach(policy: ErrorPolicy) {
  const letters: ProducedRecord[] = [];
  const box = { collect: (record: ProducedRecord) => void letters.push(record) };
  const policies = { onDeserializationError: policy, onProcessingError: policy, onProductionError: policy };
  const guard = new RecordGuard({ applicationId: 'app', logger: silentLogger, ...policies }, '0_2');
  const answers = [
    () => guard.decode(raw, failing, box),
    () => guard.process(raw, failing, box),
    () => guard.refused({ topic: 'out', key: null, value: Buffer.from('v') }, new Error('too large')),
  ];
  return { answers, letters };
}

describe('a record that fails', () => {
  it.each<[string, ErrorPolicy, number]>([
    ['skip', 'skip', 0],
    ['deadLetter', { deadLetter: 'letters' }, 2],
  ])(
    'counts each record that a policy lets pass, whatever becomes of it: %s',
    (_name, policy, lettersExpected) => {
      const { answers, letters } = failEach(policy);

      for (const answer of answers) answer();

      const reasons = ['deserialization_error', 'processing_error', 'production_error'];
      expect(dropped).toEqual(reasons.map((reason) => ({ applicationId: 'app', task: '0_2', reason })));
      expect(letters).toHaveLength(lettersExpected);
    },
  );

  it('is not counted if it ends the application, and the error names it', () => {
    const { answers } = failEach('fail');

    expect(answers[0]).toThrow('the record 7 of in/2 could not be decoded: 13 brings bad luck');
    expect(answers[1]).toThrow('the record 7 of in/2 could not be processed: 13 brings bad luck');
    expect(answers[2]).toThrow('a record for out could not be written: too large');
    expect(dropped).toEqual([]);
  });
});
