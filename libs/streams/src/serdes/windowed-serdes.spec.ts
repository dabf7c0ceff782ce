import { describe, expect, it } from '@jest/globals';
import { fc } from '@millrace/testing/random';
import type { Serde } from './serde.ts';
import { serdes } from './serdes.ts';

const hex = (bytes: Uint8Array | null) => (bytes === null ? null : Buffer.from(bytes).toString('hex'));
const fiveMinutesMs = 300_000;
const inWindows = serdes.timeWindowed(serdes.string, fiveMinutesMs);
const inSessions = serdes.sessionWindowed(serdes.string);

describe('the serdes of windowed keys', () => {
  it('write the key and the start of a time window', () => {
    const key = { key: 'k', window: { startMs: 300_000, endMs: 600_000 } };

    expect(hex(inWindows.encode(key, 'counts'))).toBe('6b00000000000493e0');
  });

  it('write the key, the end and the start of a session', () => {
    const key = { key: 'k', window: { startMs: 300_000, endMs: 301_000 } };

    expect(hex(inSessions.encode(key, 'counts'))).toBe('6b00000000000497c800000000000493e0');
  });

  it('read what they wrote, with the size of the window from the reader', () => {
    fc.assert(
      fc.property(fc.string(), fc.nat(), fc.nat(), (key, startMs, lengthMs) => {
        const session = { key, window: { startMs, endMs: startMs + lengthMs } };
        const window = { key, window: { startMs, endMs: startMs + fiveMinutesMs } };

        expect(inSessions.decode(inSessions.encode(session, 't') ?? Buffer.of(), 't')).toEqual(session);
        expect(inWindows.decode(inWindows.encode(window, 't') ?? Buffer.of(), 't')).toEqual(window);
      }),
    );
  });

  it('name the topic and the expected length of bytes that are too short', () => {
    expect(() => inWindows.decode(Buffer.alloc(7), 'counts')).toThrow(
      'serde timeWindowed, topic counts: expected at least 8 bytes, got 7',
    );
    expect(() => inSessions.decode(Buffer.alloc(15), 'counts')).toThrow(
      'serde sessionWindowed, topic counts: expected at least 16 bytes, got 15',
    );
  });

  it('refuse a size of 0', () => {
    expect(() => serdes.timeWindowed(serdes.string, 0)).toThrow(
      'the size of a window is at least 1 ms, got 0',
    );
  });

  it('refuse a key that encodes to nothing', () => {
    const nothing: Serde<string> = { encode: () => null, decode: () => null };
    const key = { key: 'k', window: { startMs: 0, endMs: 1 } };

    expect(() => serdes.timeWindowed(nothing, 1).encode(key, 'counts')).toThrow('made null of a key');
    expect(() => serdes.sessionWindowed(nothing).decode(Buffer.alloc(16), 'counts')).toThrow('made null');
  });
});
