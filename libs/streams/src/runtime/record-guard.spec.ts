import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { afterEach, beforeEach, describe, expect, it } from '@jest/globals';
import { silentLogger } from '@millrace/streaming-core/runtime';
import type { RecordContext } from '../processor/record.ts';
import { IteratorLeftOpenError } from '../state/open-iterators.ts';
import { SuppressBytesExceeded } from '../state/store-limits.ts';
import type { ProducedRecord } from '../task/task-record.ts';
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

const failureOf = (context: RecordContext) => ({
  nodeName: 'UPPER',
  error: new RangeError('13 brings bad luck'),
  context,
});

let dropped: unknown[];
const note = (message: unknown) => void dropped.push(message);
beforeEach(() => {
  dropped = [];
  subscribe('millrace:streams:dropped', note);
});
afterEach(() => void unsubscribe('millrace:streams:dropped', note));

/** Returns the text of each header of a record. */
const textsOf = (letter: ProducedRecord | undefined): Readonly<Record<string, string>> =>
  Object.fromEntries(letter?.headers.map(({ name, value }) => [name, String(value)]) ?? []);

function guardOf(policy: ErrorPolicy) {
  const letters: ProducedRecord[] = [];
  const box = { collect: (record: ProducedRecord) => void letters.push(record) };
  const policies = { onDeserializationError: policy, onProcessingError: policy, onProductionError: policy };
  const guard = new RecordGuard({ applicationId: 'app', logger: silentLogger, ...policies }, '0_2');
  return { guard, letters, box };
}

/** Makes a record fail in each of the three ways. */
function failEach(policy: ErrorPolicy) {
  const { guard, letters, box } = guardOf(policy);
  const answers = [
    () => guard.decode(raw, { decode: failing }, box),
    () => guard.nodeFailed(failureOf(raw), raw, box),
    () => guard.refused({ topic: 'out', key: null, value: Buffer.from('v') }, new Error('too large')),
  ];
  return { answers, letters };
}

describe('a record that fails', () => {
  it.each<[string, ErrorPolicy, number]>([
    ['skip', 'skip', 0],
    ['deadLetter', { deadLetter: 'letters' }, 2],
  ])('counts each record that a policy lets pass: %s', (_name, policy, lettersExpected) => {
    const { answers, letters } = failEach(policy);

    for (const answer of answers) answer();

    const reasons = ['deserialization_error', 'processing_error', 'production_error'];
    expect(dropped).toEqual(reasons.map((reason) => ({ applicationId: 'app', task: '0_2', reason })));
    expect(letters).toHaveLength(lettersExpected);
  });

  it('is not counted if it ends the application, and is named in the error', () => {
    const { answers } = failEach('fail');

    expect(answers[0]).toThrow('the record 7 of in/2 could not be decoded: 13 brings bad luck');
    expect(answers[1]).toThrow('the record 7 of in/2 could not be processed by UPPER: 13 brings bad luck');
    expect(answers[2]).toThrow('a record for out could not be written: too large');
    expect(dropped).toEqual([]);
  });

  it('T12 becomes a dead letter that names the node, with its bytes and its time on the log', () => {
    const { guard, letters, box } = guardOf({ deadLetter: 'letters' });

    guard.nodeFailed(failureOf({ ...raw, timestampMs: 99 }), raw, box);

    const [letter] = letters;
    expect(letter).toMatchObject({ topic: 'letters', key: raw.key, value: raw.value, timestampMs: 5 });
    expect(textsOf(letter)).toMatchObject({
      dlq_node: 'UPPER',
      dlq_reason: '13 brings bad luck',
      dlq_topic: 'in',
      dlq_partition: '2',
      dlq_offset: '7',
    });
  });

  it('T37 becomes a dead letter without what would make it too large, which its headers report', () => {
    const { guard, letters, box } = guardOf({ deadLetter: 'letters' });
    const large = Buffer.alloc(950_001);
    const headers = [{ name: 'trace', value: Buffer.from('t') }];
    const decode = (record: Partial<InputRecord>) =>
      guard.decode({ ...raw, headers, ...record }, { decode: failing }, box);

    decode({ value: large });
    decode({ key: large, value: null });
    decode({ headers: [{ name: 'trace', value: large }, ...headers] });
    decode({ value: large.subarray(0, 900_000) });

    const [noValue, noKey, noHeaders, whole] = letters;
    expect(noValue).toMatchObject({ key: raw.key, value: null });
    expect(textsOf(noValue)).toMatchObject({ trace: 't', dlq_value_omitted: '950001', dlq_offset: '7' });
    expect(noKey).toMatchObject({ key: null, value: null });
    expect(textsOf(noKey)).toMatchObject({ dlq_key_omitted: '950001', dlq_headers_omitted: '1' });
    expect(noHeaders).toMatchObject({ key: null, value: null });
    expect(textsOf(noHeaders)).toMatchObject({ dlq_headers_omitted: '2', dlq_offset: '7' });
    expect(whole?.value).toHaveLength(900_000);
    expect(Object.keys(textsOf(whole))).not.toContain('dlq_value_omitted');
  });

  it('becomes a dead letter without its bytes if a cache held it back while another record is processed', () => {
    const { guard, letters, box } = guardOf({ deadLetter: 'letters' });

    guard.nodeFailed(failureOf({ ...raw, offset: 3n, timestampMs: 1 }), raw, box);

    const [letter] = letters;
    expect(letter).toMatchObject({ key: null, value: null, timestampMs: 1 });
    expect(textsOf(letter)).toMatchObject({ dlq_node: 'UPPER', dlq_offset: '3' });
  });

  it('is treated as refused by the log if a serde cannot encode the record to write', () => {
    const { guard, letters, box } = guardOf({ deadLetter: 'letters' });
    const { error, context } = failureOf(raw);

    guard.notEncoded({ topic: 'out', error, context }, raw, box);

    expect(letters[0]).toMatchObject({ key: raw.key, value: raw.value });
    expect(textsOf(letters[0])).toMatchObject({ dlq_topic: 'in', dlq_offset: '7' });
    expect(dropped).toEqual([{ applicationId: 'app', task: '0_2', reason: 'production_error' }]);
    expect(() => guardOf('fail').guard.notEncoded({ topic: 'out', error, context }, raw, box)).toThrow(
      'a record for out could not be written: 13 brings bad luck',
    );
  });

  it('ends the application under any policy if it exceeds the memory limit', () => {
    const { guard, letters, box } = guardOf('skip');
    const error = new SuppressBytesExceeded('buffer', 11, 10);

    expect(() => guard.nodeFailed({ ...failureOf(raw), error }, raw, box)).toThrow(error);
    expect(letters).toEqual([]);
    expect(dropped).toEqual([]);
  });

  it('ends the application under any policy if the state file fails', () => {
    const { guard, letters, box } = guardOf('skip');
    const malformed = { code: 'ERR_SQLITE_ERROR', errcode: 11 };
    const error = Object.assign(new Error('database disk image is malformed'), malformed);

    expect(() => guard.nodeFailed({ ...failureOf(raw), error }, raw, box)).toThrow(error);
    expect(letters).toEqual([]);
    expect(dropped).toEqual([]);
  });

  it('is processed if it leaves an iterator open, so it is neither skipped nor a dead letter', () => {
    const error = new IteratorLeftOpenError('UPPER', 'counts');
    const { guard, letters, box } = guardOf({ deadLetter: 'letters' });
    guard.nodeFailed({ ...failureOf(raw), error }, raw, box);

    expect(letters).toEqual([]);
    expect(dropped).toEqual([]);
    expect(() => guardOf('fail').guard.nodeFailed({ ...failureOf(raw), error }, raw, box)).toThrow(
      'the record 7 of in/2 could not be processed by UPPER: UPPER, or a node behind it, has left an iterator',
    );
  });

  it('has no position if a callback fails', () => {
    const callback = { topic: '', partition: -1, offset: -1n, timestampMs: 40, headers: [] };
    const { guard, letters, box } = guardOf({ deadLetter: 'letters' });
    guard.nodeFailed(failureOf(callback), undefined, box);

    const texts = textsOf(letters[0]);
    expect(texts).toMatchObject({ dlq_node: 'UPPER', dlq_reason: '13 brings bad luck' });
    expect(Object.keys(texts)).not.toContain('dlq_offset');
    expect(() => guardOf('fail').guard.nodeFailed(failureOf(callback), undefined, box)).toThrow(
      'a callback of UPPER failed: 13 brings bad luck',
    );
  });
});
