import assert from 'node:assert/strict';
import { kafkaVersion } from '@millrace/embedded-kafka';
import type { CaseContext } from '../case-context.ts';
import type { ConformanceCase, ForeignClient } from '../conformance-case.ts';
import { reached } from '../reached.ts';
import { compilePrograms, javaCommand } from './java-runner.ts';
import { streamsFailover } from './kafka-streams-failover.ts';
import { consume, produce } from './kcat-commands.ts';

type Start = (...args: readonly string[]) => readonly string[];

export const kafkaStreams: ForeignClient = {
  name: 'streams',
  title: 'two programs of our own on Kafka Streams with exactly_once_v2',
  quick: true,
  async prepare({ print }) {
    const places = await compilePrograms(print);
    const program =
      (name: string): Start =>
      (...args) =>
        javaCommand(places, name, args);
    return {
      version: kafkaVersion(),
      cases: [wordCount(program('WordCount')), streamsFailover(program('Turnover'))],
    };
  },
};

const words = ['mill', 'race', 'wheel', 'stone'];
const lineOf = (index: number): string =>
  [words[index % 4], words[(index + 1) % 4], words[index % 2]].join(' ');

/** The counts per word after this many lines. */
function countsAfter(lines: number): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (let index = 0; index < lines; index += 1)
    for (const word of lineOf(index).split(' ')) counts.set(word, (counts.get(word) ?? 0) + 1);
  return counts;
}

const wordCount = (start: Start): ConformanceCase => ({
  name: 'word count with exactly_once_v2: repartition and changelog topics, killed once',
  quick: true,
  limitMs: 120_000,
  async run(context) {
    const input = await context.topic('lines', { partitions: 2 });
    const output = await context.topic('counts', { partitions: 2 });
    const state = await context.folder();
    const launch = () =>
      context.start(start(context.bootstrapServers, context.name('app'), input, output, state));
    const write = (from: number, to: number) =>
      produce(
        context,
        ['-t', input, '-K', ':'],
        Array.from({ length: to - from }, (_, index) => `${from + index}:${lineOf(from + index)}`),
      );
    const first = launch();
    await first.printed((text) => text.includes('state RUNNING'), 'the state RUNNING', 60_000);
    await write(0, 400);
    await reached(() => counted(context, output, 200), 'the first counts', 30_000);
    await first.stop('SIGKILL');
    await write(400, 800);
    const second = launch();
    await reached(() => counted(context, output, 800), 'the counts of all lines', 60_000);
    await second.stop();
    assertExact(await committed(context, output));
    const topics = await context.run(['kcat', '-b', context.bootstrapServers, '-L']);
    assert.match(topics, /words-repartition/);
    assert.match(topics, /counts-changelog/);
  },
});

const committed = (context: CaseContext, topic: string) =>
  consume(context, ['-t', topic, '-o', 'beginning', '-f', '%p %k %s\n'], {
    'isolation.level': 'read_committed',
  });

/** Whether every word has at least the count that it has after this many lines. */
async function counted(context: CaseContext, topic: string, lines: number): Promise<boolean> {
  const last = new Map(
    (await committed(context, topic)).map((line) => [line.split(' ')[1] ?? '', Number(line.split(' ')[2])]),
  );
  return [...countsAfter(lines)].every(([word, count]) => (last.get(word) ?? 0) >= count);
}

/**
 * Checks that a word's committed counts only grow, and end at exactly what was written: nothing
 * twice, nothing lost. The cache may leave some counts out.
 */
function assertExact(lines: readonly string[]): void {
  const last = new Map<string, number>();
  for (const line of lines) {
    const [, word = '', count = ''] = line.split(' ');
    assert.ok(Number(count) > (last.get(word) ?? 0), `${word} goes from ${last.get(word)} to ${count}`);
    last.set(word, Number(count));
  }
  assert.deepEqual([...last].sort(), [...countsAfter(800)].sort());
}
