import { expect } from '@jest/globals';
import { kcat } from '@millrace/testing/kcat';
import { seed } from '@millrace/testing/random';
import { until } from '@millrace/testing/within';
import type { LogWorld } from './log-world.fixture.ts';

const words = Array.from({ length: 23 }, (_, index) => `word${index}`);

/** How often each word was written. */
export type WordCounts = Readonly<Record<string, number>>;

/** Writes lines of random words until `stop`, which resolves to how often it has written each word. */
export function keepWriting(
  world: LogWorld,
  topic: string,
  random: () => number,
): { stop(): Promise<WordCounts> } {
  const written: Record<string, number> = {};
  let stopped = false;
  const writing = (async () => {
    while (!stopped) {
      const lines = Array.from({ length: 5 }, () =>
        Array.from({ length: 4 }, () => words[Math.floor(random() * words.length)]!),
      );
      for (const word of lines.flat()) written[word] = (written[word] ?? 0) + 1;
      await world.send(lines.map((line, index) => ({ topic, key: `k${index}`, value: line.join(' ') })));
      await new Promise((resolve) => setTimeout(resolve, 5));
    }
  })();
  return {
    async stop() {
      stopped = true;
      await writing;
      return written;
    },
  };
}

/** The committed counts of every word in the order of the log, as a foreign client sees them. */
export async function countsByWord(world: LogWorld, topic: string): Promise<Record<string, number[]>> {
  const [broker = ''] = world.bootstrapServers;
  const committedOnly = 'isolation.level=read_committed';
  const form = ['-X', committedOnly, '-s', 'value=q', '-f', '%k %s\n'];
  const lines = await kcat(['-b', broker, '-C', '-t', topic, '-o', 'beginning', '-e', '-q'].concat(form));
  const counts: Record<string, number[]> = {};
  for (const line of lines.split('\n').filter((text) => text !== '')) {
    const [word = '', count] = line.split(' ');
    (counts[word] ??= []).push(Number(count));
  }
  return counts;
}

const lastOfEach = (counts: Readonly<Record<string, readonly number[]>>): WordCounts =>
  Object.fromEntries(Object.entries(counts).map(([word, all]) => [word, all.at(-1) ?? 0]));

/**
 * Waits until as many words are counted as were written. Expects each count to be exact, and no
 * result to have been committed twice.
 */
export async function expectExactCounts(
  world: LogWorld,
  topic: string,
  written: WordCounts,
  limitMs = 30_000,
): Promise<void> {
  const total = (counts: WordCounts) => Object.values(counts).reduce((sum, count) => sum + count, 0);
  const counted = async () => total(lastOfEach(await countsByWord(world, topic)));
  await until(counted, (sum) => sum >= total(written), limitMs).catch((error: unknown) => {
    throw new Error(`seed ${seed}: ${total(written)} words were written`, { cause: error });
  });
  const counts = await countsByWord(world, topic);
  expect({ seed, counts: lastOfEach(counts) }).toEqual({ seed, counts: written });
  for (const each of Object.values(counts)) expect(each).toEqual([...new Set(each)].sort(ascending));
}

const ascending = (one: number, other: number): number => one - other;
