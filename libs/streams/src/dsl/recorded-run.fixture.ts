import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { serdes } from '../serdes/serdes.ts';
import { TopologyTestDriver } from '../testing/topology-test-driver.ts';
import type { Topology } from '../topology/topology.ts';

const recorded = new Map(
  readFileSync(join(import.meta.dirname, 'recorded/windows.txt'), 'utf8')
    .split(/^== /m)
    .slice(1)
    .map((section) => {
      const end = section.indexOf('\n');
      return [section.slice(0, end), section.slice(end + 1)];
    }),
);

/** The titles that begin with this, without it. */
export const recordedTitles = (start: string): readonly string[] =>
  [...recorded.keys()].filter((title) => title.startsWith(start)).map((title) => title.slice(start.length));

/** Returns what Kafka Streams 4.3.1 wrote under this title: see recorded/WindowFacts.java. */
export function recordedText(title: string): string {
  const text = recorded.get(title);
  if (text === undefined) throw new RangeError(`Nothing is recorded under ${title}`);
  return text;
}

/** Runs the steps of a recorded run on a topology, and writes what happens in the form of the record. */
export function replay(topology: Topology, text: string, cacheBytesMax: number): string {
  using driver = new TopologyTestDriver(topology, { applicationId: 'app', cacheBytesMax });
  const lines: string[] = [];
  try {
    for (const line of text.split('\n').filter((each) => each.includes(' ->'))) {
      const step = line.slice(0, line.indexOf(' ->'));
      lines.push(`${step} ->${play(driver, step)}`);
    }
  } catch (error) {
    return `${[...lines, `throws ${(error as Error).message}`].join('\n')}\n`;
  }
  lines.push(`dropped ${driver.dropped.length}`, ...internalTopics(driver));
  return `${lines.join('\n')}\n`;
}

function play(driver: TopologyTestDriver, step: string): string {
  if (step.startsWith('+')) driver.advanceWallClockTime(Number(step));
  else pipe(driver, step.split(' '));
  return driver
    .createOutputTopic('o', serdes.string, serdes.string)
    .readRecordsToList()
    .map(({ key, value, timestampMs, headers }) => {
      const texts = headers.map((header) => ` ${header.name}=${Buffer.from(header.value ?? []).toString()}`);
      return ` [${key} ${value} ts${timestampMs}${texts.join('')}]`;
    })
    .join('');
}

function pipe(driver: TopologyTestDriver, words: readonly string[]): void {
  const [key = '', value = '', time = ''] = words.length > 3 ? words.slice(1) : words;
  const topic = words.length > 3 ? 't' : 's';
  const headers = [{ name: 'h', value: Buffer.from(value) }];
  driver
    .createInputTopic(topic, serdes.string, serdes.string)
    .pipeInput(orNull(key), orNull(value), timeOf(time), headers);
}

const orNull = (text: string): string | null => (text === '-' ? null : text);

function timeOf(text: string): number {
  const unit = { m: 60_000, h: 3_600_000 }[text.slice(-1)];
  return unit === undefined ? Number(text) : unit * Number(text.slice(0, -1));
}

function internalTopics(driver: TopologyTestDriver): string[] {
  const topics = [...driver.producedTopicNames()].filter((topic) => topic !== 'o').sort();
  return topics.flatMap((topic) => {
    const records = driver.createOutputTopic(topic, serdes.bytes, serdes.bytes).readRecordsToList();
    const lines = records.map(({ key, value, timestampMs }) => {
      // The buffer of `suppress` sends the time of the clock, which the record leaves out.
      const time = topic.includes('SUPPRESS') ? '' : ` ts${timestampMs}`;
      return `${topic} ${hex(key)} = ${hex(value)}${time}`;
    });
    return topic.includes('SUPPRESS') ? sortedByKey(lines) : lines;
  });
}

/** Kafka Streams writes the keys of a commit in the order of a hash set. */
function sortedByKey(lines: readonly string[]): string[] {
  const keyOf = (line: string) => line.slice(0, line.indexOf('='));
  return lines.toSorted((one, other) => Buffer.compare(Buffer.from(keyOf(one)), Buffer.from(keyOf(other))));
}

const hex = (bytes: Uint8Array | null): string =>
  bytes === null ? 'null' : Buffer.from(bytes).toString('hex');
