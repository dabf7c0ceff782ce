import { startBroker } from '@millrace/streaming-core/broker';
import { seededRandom } from '@millrace/testing/random';
import { WireClient } from '@millrace/streaming-core/protocol';
import { surveyLog, type LogSurvey } from '../crash/log-survey.ts';
import { brokerSettings, recordRun } from '../crash/recorded-run.ts';
import { DiskImage, type DiskContents } from '../disk/disk-image.ts';
import { watchFolder } from '../disk/watch-file-system.ts';
import { writeContents } from '../disk/write-contents.ts';
import { inMemoryFolder } from '../in-folder.ts';
import type { RunOptions } from '../main.ts';
import { everyMinute } from '../progress.ts';
import type { FaultsFound } from '../report.ts';

type Random = () => number;

const below = (random: Random, limit: number): number => Math.floor(random() * limit);

const damages: Readonly<Record<string, (bytes: Buffer, random: Random) => Buffer>> = {
  'a bit flipped': (bytes, random) => {
    const damaged = Buffer.from(bytes);
    const at = below(random, bytes.length);
    damaged[at] = (damaged[at] ?? 0) ^ (1 << below(random, 8));
    return damaged;
  },
  'the end cut off': (bytes, random) => bytes.subarray(0, below(random, bytes.length)),
  'zeros in a sector': (bytes, random) => {
    const damaged = Buffer.from(bytes);
    const from = 512 * below(random, Math.ceil(bytes.length / 512));
    return damaged.fill(0, from, Math.min(bytes.length, from + 512));
  },
  'bytes at the end': (bytes, random) =>
    Buffer.concat([
      bytes,
      Buffer.from(Array.from({ length: 1 + below(random, 80) }, () => below(random, 256))),
    ]),
};

const damageNames: readonly string[] = Object.keys(damages);

/** A file as a failing disk returns it, and the name of the damage. */
function damage(bytes: Buffer, random: Random): { readonly name: string; readonly bytes: Buffer } {
  const name = damageNames[below(random, damageNames.length)] ?? '';
  return { name, bytes: damages[name]?.(bytes, random) ?? bytes };
}

interface Outcome {
  /** Why the broker did not start. */
  readonly refused?: string;
  readonly survey?: LogSurvey;
}

/** The slice tries at least this many files, however slow the machine is. */
const quick = { untilMs: 9_000, atLeast: 12 };
const triesMax = 6_000;

/**
 * Small texts without a checksum, in which a changed letter or digit makes another name or number.
 */
const unchecked: ReadonlySet<string> = new Set([
  '.lock',
  'log-start-offset-checkpoint',
  'producer-ids',
  'meta.properties',
  'broker-starts',
]);

/**
 * Damages the files of a broker that was stopped cleanly, one at a time. The broker must serve what
 * was stored and refuse the rest.
 */
export async function runDamage({
  quick: isQuick,
  seed,
  print,
  minutesMax,
}: RunOptions): Promise<FaultsFound> {
  const startedAt = performance.now();
  const random = seededRandom(seed);
  const { operations, book } = await recordRun({ random, batches: 12 });
  const image = new DiskImage();
  for (const operation of operations) image.apply(operation);
  const contents = image.contents('killed', random);
  const groups = new Set(book.commits.map(({ group }) => group));
  const whole = await startOn(contents, groups);
  if (whole.survey === undefined)
    throw new Error(`the broker does not start on the undamaged folder: ${whole.refused}`);
  const counts = { same: 0, refused: 0, partly: 0 };
  const kinds = new Map<string, number>();
  const problems: string[] = [];
  const files = [...contents]
    .filter(([path, bytes]) => Buffer.isBuffer(bytes) && bytes.length > 0 && !unchecked.has(path))
    .map(([path]) => path);
  const say = everyMinute((count: number) => print(`${count} files damaged`));
  const untilMs = startedAt + (isQuick ? quick.untilMs : minutesMax * 60_000);
  for (
    let count = 0;
    (performance.now() < untilMs || count < quick.atLeast) && count < triesMax;
    count += 1
  ) {
    say(count);
    const path = files[Math.floor(random() * files.length)] as string;
    const damaged = damage(contents.get(path) as Buffer, random);
    const outcome = await startOn(new Map(contents).set(path, damaged.bytes), groups);
    const found = outcome.survey === undefined ? [] : differences(whole.survey, outcome.survey);
    const isRefused =
      outcome.survey === undefined ||
      [...outcome.survey.partitions.values()].some(({ errorCode }) => errorCode !== undefined);
    counts[outcome.survey === undefined ? 'refused' : isRefused ? 'partly' : 'same'] += 1;
    kinds.set(damaged.name, (kinds.get(damaged.name) ?? 0) + 1);
    for (const problem of found) print(`${damaged.name} in ${path}: ${problem}`);
    problems.push(...found.map((problem) => `${damaged.name} in ${path}: ${problem}`));
  }
  const note =
    `${counts.same} served as before, ${counts.partly} with a partition refused, ` +
    `${counts.refused} on which the broker did not start`;
  const rows = damageNames.map((name) => ({
    what: name,
    tried: kinds.get(name) ?? 0,
    violations: problems.filter((problem) => problem.startsWith(name)).length,
    note: '',
  }));
  const all = {
    what: 'damaged files',
    tried: rows.reduce((sum, { tried }) => sum + tried, 0),
    violations: problems.length,
    note,
  };
  return {
    rows: [...rows, all],
    problems,
  };
}

function startOn(contents: DiskContents, groups: Iterable<string>): Promise<Outcome> {
  return inMemoryFolder(async (folder) => {
    writeContents(folder, contents);
    // This makes syncs free.
    const stop = watchFolder(folder, { onOperation: () => undefined, syncMsMax: 0, random: () => 0 });
    try {
      const broker = await startBroker({ dataFolder: folder, flush: 'none', ...brokerSettings });
      try {
        const client = await WireClient.connect(broker);
        return { survey: await surveyLog(client, groups).finally(() => client.close()) };
      } finally {
        await broker.close();
      }
    } catch (error) {
      return { refused: error instanceof Error ? error.message : String(error) };
    } finally {
      stop();
    }
  });
}

/** The differences in what is served. A refusal is not a difference. */
function differences(whole: LogSurvey, now: LogSurvey): readonly string[] {
  const problems: string[] = [];
  for (const [name, id] of whole.topicIds)
    if (now.topicIds.get(name) !== id)
      problems.push(`topic ${name} ${now.topicIds.has(name) ? 'has another id' : 'is gone'}`);
  for (const name of now.topicIds.keys())
    if (!whole.topicIds.has(name)) problems.push(`there is a new topic ${name}`);
  for (const [name, { start, end, records }] of whole.partitions) {
    const found = now.partitions.get(name);
    if (found?.errorCode !== undefined) continue;
    if (found === undefined) problems.push(`${name} is gone`);
    else if (found.start !== start || found.end !== end)
      problems.push(`${name} is ${found.start}..${found.end}, but was ${start}..${end}`);
    else if (
      found.records.some(
        ({ offset, value }, index) => offset !== records[index]?.offset || value !== records[index]?.value,
      )
    )
      problems.push(`${name} has other records`);
    else if (found.records.length !== records.length)
      problems.push(`${name} has ${found.records.length} records instead of ${records.length}`);
  }
  for (const [group, offsets] of whole.offsets) {
    const found = now.offsets.get(group);
    if (typeof offsets === 'number' || typeof found === 'number') continue;
    for (const [partition, offset] of offsets)
      if (found?.get(partition) !== offset)
        problems.push(`${group} has ${found?.get(partition)} of ${partition}, but had ${offset}`);
  }
  return problems;
}
