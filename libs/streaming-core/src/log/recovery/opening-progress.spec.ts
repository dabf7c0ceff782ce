import { describe, expect, it } from '@jest/globals';
import { OpeningProgress } from '../open-partitions.ts';

describe('a long start', () => {
  it('L54 logs its progress every five seconds and lets other work run', async () => {
    let nowMs = 0;
    const said: string[] = [];
    const note = (_: object, message: string) => void said.push(message);
    const logger = { debug: note, info: note, warn: note, error: note } as never;
    const progress = new OpeningProgress({ clock: { monotonic: () => nowMs }, logger, partitions: 1_000 });
    let pauses = 0;
    for (let partition = 0; partition < 1_000; partition += 1) {
      nowMs += 12;
      const pause = progress.opened();
      if (pause !== undefined) {
        let others = false;
        setImmediate(() => (others = true));
        await pause;
        await new Promise((resolve) => setImmediate(resolve));
        expect(others).toBe(true);
        pauses += 1;
      }
    }
    expect(said).toEqual([
      'opening the logs: 417 of 1000 partitions',
      'opening the logs: 834 of 1000 partitions',
    ]);
    expect(pauses).toBe(200);
  });

  it('logs nothing as long as it is short', () => {
    const progress = new OpeningProgress({
      clock: { monotonic: () => 0 },
      logger: undefined as never,
      partitions: 3,
    });
    expect(progress.opened()).toBeUndefined();
    expect(progress.opened()).toBeUndefined();
    expect(progress.opened()).toBeUndefined();
  });
});
