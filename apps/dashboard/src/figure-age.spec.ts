import { describe, expect, it } from '@jest/globals';
import { silentLogger, systemClock } from '@millrace/streaming-core/runtime';
import { FigureAge } from './figure-age.ts';
import { sinkGroup } from './sinks/postgres-minutes.ts';
import { topics } from './topology.ts';

const startMs = Date.parse('2024-01-15T10:00:00.000Z');

/** The figures of a sink that has read and committed this many of the records on the log. */
function figures() {
  let nowMs = startMs;
  let sink = { committed: 0, end: 0, lagMs: 0 as number | undefined };
  const ofGroup = async (group: string) => {
    if (group !== sinkGroup) return [];
    const { committed, end, lagMs } = sink;
    const at = { topic: topics.minutes, partition: 0 };
    const lag = { committedOffset: BigInt(committed), endOffset: BigInt(end), lag: BigInt(end - committed) };
    return [{ ...at, ...lag, ...(lagMs !== undefined && { lagMs }) }];
  };
  const clock = { ...systemClock, now: () => nowMs };
  const age = new FigureAge({ lags: { ofGroup, close: async () => undefined }, clock, logger: silentLogger });
  return {
    /** Looks at the second, when the sink is so far. */
    async look(second: number, committed: number, end: number, lagMs?: number) {
      nowMs = startMs + second * 1_000;
      sink = { committed, end, lagMs };
      await age.look();
    },
    staleAt(second: number) {
      nowMs = startMs + second * 1_000;
      return age.stale;
    },
  };
}

const since = (second: number) => new Date(startMs + second * 1_000).toISOString();

describe('T36 the figures', () => {
  it('are up to date as long as all that was written is read within seconds', async () => {
    const { look, staleAt } = figures();
    for (let second = 0; second < 20; second += 1) await look(second, second * 10, second * 10 + 10, 500);
    expect(staleAt(20)).toBeNull();
  });

  it('are as old as the last time the sink had read everything, and up to date once it has caught up', async () => {
    const { look, staleAt } = figures();
    const reason = 'figures wait to be written to the database';
    await look(0, 10, 10);
    await look(1, 10, 20, 100);
    await look(9, 15, 40, 8_000);
    expect(staleAt(9)).toEqual({ reason, since: since(0) });
    await look(10, 20, 40, 4_000);
    expect(staleAt(10)).toEqual({ reason, since: since(1) });
    await look(11, 40, 40);
    expect(staleAt(11)).toBeNull();
  });

  it('are as old as the next record if they were old before the process started', async () => {
    const { look, staleAt } = figures();
    await look(60, 10, 20, 50_000);
    expect(staleAt(60)).toMatchObject({ since: since(10) });
  });

  it('are up to date even if markers of transactions follow the last record', async () => {
    const { look, staleAt } = figures();
    for (let second = 0; second < 20; second += 1) await look(second, 10, 11);
    expect(staleAt(20)).toBeNull();
  });

  it('are as old as the last answer of the brokers', async () => {
    const { look, staleAt } = figures();
    await look(3, 10, 10);
    expect(staleAt(8)).toBeNull();
    expect(staleAt(9)).toEqual({ reason: 'the brokers do not answer', since: since(3) });
  });
});
