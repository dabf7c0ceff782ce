import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/index.ts';
import { withDeadline } from './call-handling.ts';

const never = () => new Promise<never>(() => undefined);
const limits = (timeoutMs: number, interruption = new AbortController().signal) => ({
  clock: systemClock,
  timeoutMs,
  interruption,
});

describe('a call with a deadline', () => {
  it('settles with the result or the error of the call if it ends in time', async () => {
    expect(await withDeadline(limits(1_000), () => Promise.resolve('charged'))).toBe('charged');
    await expect(withDeadline(limits(1_000), () => Promise.reject(new Error('refused')))).rejects.toThrow(
      'refused',
    );
  });

  it('times out even if the call ignores its signal', async () => {
    await expect(withDeadline(limits(5), never)).rejects.toMatchObject({ code: 'call_timed_out' });
  });

  it('aborts the signal of the call when it times out', async () => {
    let told: AbortSignal | undefined;
    await expect(withDeadline(limits(5), (signal) => ((told = signal), never()))).rejects.toThrow();

    expect(told?.aborted).toBe(true);
  });

  it('is interrupted when its worker stops, before or during the call', async () => {
    const worker = new AbortController();
    const during = withDeadline(limits(60_000, worker.signal), never);
    worker.abort();

    await expect(during).rejects.toMatchObject({ code: 'call_interrupted' });
    await expect(withDeadline(limits(60_000, worker.signal), never)).rejects.toMatchObject({
      code: 'call_interrupted',
    });
  });
});
