import { describe, expect, it } from '@jest/globals';
import { seconds } from '@millrace/streaming-core/runtime';
import { until } from './saga-world.bench.ts';
import { timerBench } from './timers.bench.ts';

describe('the timers of sagas', () => {
  const bench = timerBench();

  it('run at least as often as the fastest step times out', async () => {
    const { clock } = bench.world.time;
    const pauses: number[] = [];
    const after: typeof clock.after = (span, work) => (pauses.push(span), clock.after(span, work));
    await bench.assigned(bench.open({ clock: { ...clock, after }, settings: { stepTimeoutMs: seconds(2) } }));
    await until(() => pauses.length > 3, 'several polls of the timers');

    expect(Math.max(...pauses)).toBe(seconds(2));
  });
});
