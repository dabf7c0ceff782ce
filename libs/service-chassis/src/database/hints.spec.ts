import { setImmediate } from 'node:timers/promises';
import { describe, expect, it } from '@jest/globals';
import { silentLogger, type Clock } from '@millrace/streaming-core/runtime';
import { createHintSender } from './hints.ts';

describe('hints to other processes', () => {
  function bench() {
    const sent: string[] = [];
    const warnings: string[] = [];
    const ends: (() => void)[] = [];
    const clock: Clock = {
      now: () => 0,
      monotonic: () => 0,
      after: (_, work) => {
        ends.push(work);
        return () => undefined;
      },
    };
    let away = false;
    const send = createHintSender({
      database: {
        query: async (_, values) => {
          if (away) throw new Error('the database is away');
          sent.push(String(values?.[1]));
          return { rows: [], rowCount: 0 };
        },
      },
      clock,
      logger: { ...silentLogger, warn: (_: object, message: string) => void warnings.push(message) },
    });
    return {
      sent,
      warnings,
      hint: (...workers: string[]) => send(new Set(workers)),
      intervalEnds: async () => {
        ends.pop()?.();
        await setImmediate();
      },
      setAway: (now: boolean) => (away = now),
    };
  }

  it('M46 are sent at once, and those within an interval are sent together at its end', async () => {
    const { sent, hint, intervalEnds } = bench();
    hint('relay');
    expect(sent).toEqual(['relay']);

    for (let commit = 0; commit < 100; commit += 1) hint('relay');
    hint('external calls mail');
    await setImmediate();
    expect(sent).toEqual(['relay']);

    await intervalEnds();
    expect(sent).toEqual(['relay', 'relay,external calls mail']);

    await intervalEnds();
    hint('relay');
    expect(sent).toHaveLength(3);
  });

  it('are logged when they cannot be sent, and sent again once the database is back', async () => {
    const { sent, warnings, hint, intervalEnds, setAway } = bench();
    setAway(true);
    hint('relay');
    await setImmediate();
    setAway(false);
    await intervalEnds();
    expect(sent).toEqual([]);
    expect(warnings).toHaveLength(1);

    hint('relay');
    expect(sent).toEqual(['relay']);
  });
});
