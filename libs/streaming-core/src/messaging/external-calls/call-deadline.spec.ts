import { describe, expect, it } from '@jest/globals';
import { systemClock } from '../../runtime/index.ts';
import { withDeadline } from './call-deadline.ts';

const never = () => new Promise<never>(() => undefined);
const limits = (timeoutMs: number, interruption = new AbortController().signal) => ({
  clock: systemClock,
  timeoutMs,
  interruption,
});

describe('a call with a deadline', () => {
  it('gives its result or its error in time', async () => {
    expect(await withDeadline(limits(1_000), () => Promise.resolve('charged'))).toBe('charged');
    await expect(withDeadline(limits(1_000), () => Promise.reject(new Error('refused')))).rejects.toThrow(
      'refused',
    );
  });

  it('ends when its time is up, even if it ignores its signal', async () => {
    await expect(withDeadline(limits(5), never)).rejects.toMatchObject({ code: 'call_timed_out' });
  });

  it('tells the call that its time is up', async () => {
    let told: AbortSignal | undefined;
    await expect(withDeadline(limits(5), (signal) => ((told = signal), never()))).rejects.toThrow();

    expect(told?.aborted).toBe(true);
  });

  it('ends when its worker is stopped, before or during the call', async () => {
    const worker = new AbortController();
    const during = withDeadline(limits(60_000, worker.signal), never);
    worker.abort();

    await expect(during).rejects.toMatchObject({ code: 'call_interrupted' });
    await expect(withDeadline(limits(60_000, worker.signal), never)).rejects.toMatchObject({
      code: 'call_interrupted',
    });
  });
});
