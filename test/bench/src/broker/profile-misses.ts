import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { SourceMap } from 'node:module';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { BenchTopics } from './bench-topics.ts';
import { summaryOf, type CpuProfile, type Frame, type ProfileSummary } from './cpu-profile.ts';
import { ourSubjects, startOurs } from './engines.ts';
import { measures, type Measure } from './measures.ts';
import type { NativeClient } from './native-run.ts';
import type { SubjectName } from './subjects.ts';
import type { Verdict } from './targets.ts';

/** The work of our broker's serving thread in a measure that missed its target. */
export interface MissProfile extends ProfileSummary {
  readonly measure: string;
  readonly subject: SubjectName;
}

interface ProfileOptions {
  readonly client: NativeClient;
  readonly seconds: number;
  readonly say: (line: string) => void;
}

const partsMax = 10;
const intervalUs = 200;

/** Runs each measure with a missed ratio once more, on a new broker under V8's profiler. */
export async function profileMisses(
  verdicts: readonly Verdict[],
  options: ProfileOptions,
): Promise<readonly MissProfile[]> {
  const profiles: MissProfile[] = [];
  const missed = verdicts.flatMap(({ met, of }) => (met || of === undefined ? [] : [of]));
  for (const [key, { measure, subject }] of new Map(
    missed.map((of) => [`${of.measure}, ${of.subject}`, of]),
  )) {
    const run = measures.find(({ name }) => name === measure);
    if (run === undefined) continue;
    options.say(`profiling ${key}`);
    profiles.push({ measure, subject, ...(await profiled(run, subject, options)) });
  }
  return profiles;
}

/** Runs the measure twice and looks at the second run, which finds compiled code. */
async function profiled(
  measure: Measure,
  name: SubjectName,
  { client, seconds }: ProfileOptions,
): Promise<ProfileSummary> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-profile-'));
  const flush = name === 'ours, fsync' ? 'commit' : 'none';
  const engine = await startOurs(flush, [
    '--cpu-prof',
    `--cpu-prof-dir=${folder}`,
    `--cpu-prof-interval=${intervalUs}`,
  ]);
  try {
    const [subject] = ourSubjects(engine, flush);
    if (subject === undefined) throw new Error(`there is no ${name}`);
    const tools = { client, topics: new BenchTopics(subject), seconds, kept: new Map<string, string>() };
    const { perSecond } = await measure.run(subject, { ...tools, perSecondBefore: undefined });
    const fromUs = monotonicUs();
    await measure.run(subject, { ...tools, perSecondBefore: perSecond });
    const toUs = monotonicUs();
    await engine.end();
    const [file = ''] = await readdir(folder);
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    return summaryOf(profile, { fromUs, toUs, partsMax, nameOf: await namesFrom(profile) });
  } finally {
    await engine.stop();
    await rm(folder, { recursive: true, force: true });
  }
}

const monotonicUs = (): number => Number(process.hrtime.bigint() / 1_000n);

/** Names functions of the bundle together with the file that they come from. */
async function namesFrom({ nodes }: CpuProfile): Promise<(frame: Frame) => string> {
  const bundles = new Set(
    nodes
      .map(({ callFrame }) => callFrame.url)
      .filter((url) => url.startsWith('file:') && url.includes('/apps/broker/dist/')),
  );
  const maps = new Map<string, SourceMap>();
  for (const url of bundles)
    maps.set(url, new SourceMap(JSON.parse(await readFile(`${fileURLToPath(url)}.map`, 'utf8')) as never));
  return ({ functionName, url, lineNumber, columnNumber }) => {
    const name = functionName === '' ? 'a function' : functionName;
    const entry = maps.get(url)?.findEntry(lineNumber, columnNumber);
    const source = entry !== undefined && 'originalSource' in entry ? entry.originalSource : url;
    return source === '' ? name : `${name}, ${source.startsWith('node:') ? source : basename(source)}`;
  };
}
