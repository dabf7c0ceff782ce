import { describe, expect, it } from '@jest/globals';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { SendBuffer } from './send-buffer.ts';

const load = (records: number) => ({ records, bytes: records * 10 });

function bufferOf(maxBlockMs: number) {
  const clock = new ManualClock();
  return { clock, buffer: new SendBuffer({ clock, maxBlockMs, queueRecordsMax: 10, bufferBytesMax: 1_000 }) };
}

describe('the buffer of a producer', () => {
  it('rejects at once what exceeds it if calls may not wait', () => {
    const { buffer } = bufferOf(0);
    buffer.reserve(load(8));

    expect(() => buffer.reserve(load(3))).toThrow(expect.objectContaining({ code: 'queue_full' }));
    buffer.release(load(8));
    expect(buffer.reserve(load(10))).toBeUndefined();
  });

  it('lets calls wait for room in their order', async () => {
    const { buffer } = bufferOf(100);
    const admitted: string[] = [];
    buffer.reserve(load(8));
    const large = buffer.reserve(load(5))?.then(() => admitted.push('large'));
    const small = buffer.reserve(load(1))?.then(() => admitted.push('small'));
    expect(buffer.isFull).toBe(true);
    buffer.release(load(8));

    await Promise.all([large, small]);
    expect(admitted).toEqual(['large', 'small']);
    expect(buffer.isFull).toBe(false);
  });

  it('rejects a call that has waited for maxBlockMs, and at once one that never fits', async () => {
    const { clock, buffer } = bufferOf(100);
    buffer.reserve(load(8));
    const late = expect(buffer.reserve(load(5))).rejects.toMatchObject({ code: 'queue_full' });
    expect(() => buffer.reserve(load(11))).toThrow(expect.objectContaining({ code: 'queue_full' }));
    await clock.advance(100);

    await late;
    expect(buffer.reserve(load(2))).toBeUndefined();
  });
});
