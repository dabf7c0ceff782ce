import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import { changed } from './changed.ts';
import { serdes } from './serdes.ts';

const serde = changed(serdes.string);
const hex = (bytes: Uint8Array | null) => Buffer.from(bytes ?? []).toString('hex');
const latest = <V>(newValue: V | null, oldValue: V | null) => ({ newValue, oldValue, isLatest: true });

describe('an update of a grouped table', () => {
  it('has the bytes of Kafka Streams', () => {
    expect(hex(serde.encode(latest('x1', null), 't'))).toBe('783101');
    expect(hex(serde.encode(latest<string>(null, 'x2'), 't'))).toBe('783200');
    expect(hex(serde.encode(latest('x3', 'x1'), 't'))).toBe('047833783102');
    expect(hex(serde.encode(latest('n'.repeat(64), 'o'), 't'))).toBe(`8001${'6e'.repeat(64)}6f02`);
  });

  it('can be decoded again', () => {
    const value = fc.option(fc.string(), { nil: null });
    fc.assert(
      fc.property(value, value, (newValue, oldValue) => {
        fc.pre(newValue !== null || oldValue !== null);
        const bytes = serde.encode(latest(newValue, oldValue), 't');
        expect(serde.decode(bytes ?? new Uint8Array(), 't')).toEqual(latest(newValue, oldValue));
      }),
    );
  });

  it('can be read in the formats of versions that write isLatest', () => {
    const decode = (text: string) => serde.decode(Buffer.from(text, 'hex'), 't');

    expect(decode('78310103')).toEqual({ newValue: null, oldValue: 'x1', isLatest: true });
    expect(decode('78310004')).toEqual({ newValue: 'x1', oldValue: null, isLatest: false });
    expect(decode('04783378310105')).toEqual({ newValue: 'x3', oldValue: 'x1', isLatest: true });
  });

  it('is rejected without any value, and with an unknown format', () => {
    expect(() => serde.encode(latest<string>(null, null), 't')).toThrow('needs an old value or a new value');
    expect(() => serde.decode(Uint8Array.of(6), 't')).toThrow('unknown format 6');
    expect(() => serde.decode(new Uint8Array(), 't')).toThrow('unknown format undefined');
  });
});
