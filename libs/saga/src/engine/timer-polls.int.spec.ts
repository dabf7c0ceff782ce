import { describe, expect, it } from '@jest/globals';
import { seconds } from '@millrace/streaming-core/runtime';
import type { SagaEngineOptions } from './options.ts';
import { until } from './saga-world.bench.ts';
import type { TimedProcess } from './timed-processes.ts';
import { timerBench } from './timers.bench.ts';

const reminder = (shortestMs: number): TimedProcess => ({
  name: 'reminder',
  startTopic: 'trip-events',
  topics: [],
  shortestMs,
  locks: () => [],
  fire: async () => undefined,
});

describe('the timers of sagas and timed processes', () => {
  const bench = timerBench();

  async function longestPause(options: Partial<SagaEngineOptions>) {
    const { clock } = bench.world.time;
    const pauses: number[] = [];
    const after: typeof clock.after = (span, work) => (pauses.push(span), clock.after(span, work));
    await bench.assigned(bench.open({ clock: { ...clock, after }, ...options }));
    await until(() => pauses.length > 3, 'several polls of the timers');
    return Math.max(...pauses);
  }

  it('are looked for at least as often as the fastest step times out', async () => {
    expect(await longestPause({ settings: { stepTimeoutMs: seconds(2) } })).toBe(seconds(2));
  });

  it('are looked for at least as often as the fastest process asks for', async () => {
    expect(await longestPause({ timedProcesses: [reminder(seconds(1))] })).toBe(seconds(1));
  });
});
