import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { decodeOffsetMetadata, encodeOffsetMetadata } from './offset-metadata.ts';

const unknown = { partitionTimeMs: -1, nodeTimes: new Map() };

/** Results of `TopicPartitionMetadata.encode` in Kafka Streams 4.3.1. */
const recorded = [
  { encoded: 'AgAAAAAABJfI', partitionTimeMs: 301_000, nodeTimes: new Map() },
  { encoded: 'Av//////////', partitionTimeMs: -1, nodeTimes: new Map() },
  {
    encoded: 'AgAAAAAABJfIAAAAAQAAAAZjb3VudHMAAAAAAAST4A==',
    partitionTimeMs: 301_000,
    nodeTimes: new Map([['counts', 300_000]]),
  },
];

describe('the metadata of a committed offset', () => {
  it.each(recorded)('has the text $encoded of Kafka Streams', ({ encoded, partitionTimeMs, nodeTimes }) => {
    expect(encodeOffsetMetadata({ partitionTimeMs, nodeTimes })).toBe(encoded);
    expect(decodeOffsetMetadata(encoded)).toEqual({ partitionTimeMs, nodeTimes });
  });

  it('can be read back', () => {
    const times = fc.uniqueArray(fc.tuple(fc.string({ unit: 'grapheme' }), fc.nat()), {
      selector: ([name]) => name,
    });
    fc.assert(
      fc.property(fc.nat(), times, (partitionTimeMs, entries) => {
        const metadata = { partitionTimeMs, nodeTimes: new Map(entries) };

        expect(decodeOffsetMetadata(encodeOffsetMetadata(metadata))).toEqual(metadata);
      }),
    );
  });

  it('is read in version 1, which ends after the time', () => {
    expect(decodeOffsetMetadata('AQAAAAAABJfI')).toEqual({ partitionTimeMs: 301_000, nodeTimes: new Map() });
  });

  it('is unknown if it is absent, of a later version, too short or not base64', () => {
    expect(decodeOffsetMetadata(undefined)).toEqual(unknown);
    expect(decodeOffsetMetadata(null)).toEqual(unknown);
    expect(decodeOffsetMetadata('')).toEqual(unknown);
    expect(decodeOffsetMetadata('AwAAAAAABJfI')).toEqual(unknown);
    expect(decodeOffsetMetadata('AgAAAAAABJc=')).toEqual(unknown);
    expect(decodeOffsetMetadata('AgAAAAAABJfI!')).toEqual(unknown);
    expect(decodeOffsetMetadata('{"note":"a tool wrote this"}')).toEqual(unknown);
  });

  it('keeps the time if the times of the nodes are cut off', () => {
    const whole = Buffer.from(
      encodeOffsetMetadata({ partitionTimeMs: 5, nodeTimes: new Map([['n', 1]]) }),
      'base64',
    );
    fc.assert(
      fc.property(fc.integer({ min: 9, max: whole.length - 1 }), (length) => {
        const cut = whole.subarray(0, length).toString('base64');

        expect(decodeOffsetMetadata(cut)).toEqual({ partitionTimeMs: 5, nodeTimes: new Map() });
      }),
    );
  });

  it('reads any bytes without an error', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(decodeOffsetMetadata(Buffer.from(bytes).toString('base64')).nodeTimes).toBeInstanceOf(Map);
      }),
    );
  });
});
