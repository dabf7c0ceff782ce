import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { summaryOf, type CpuProfile, type Frame, type ProfileSummary } from '../broker/cpu-profile.ts';
import { sourceOf } from '../client/profile-ours.ts';
import { profiledCommands } from './peers.ts';
import type { StreamsRuns } from './run-workload.ts';
import type { Workload } from './workloads.ts';

const partsMax = 20;
const percent = (share: number): string => `${Math.round(share * 100)}%`;

/** Runs the workload once more with ours under V8's profiler, and tells where the main thread was. */
export async function profileOf(runs: StreamsRuns, workload: Workload): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-profile-'));
  try {
    await runs.run(workload, profiledCommands(folder));
    return inWords(workload, await summaryIn(folder));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** The longest profile: a restore starts a second process, which only finds its state. */
async function summaryIn(folder: string): Promise<ProfileSummary> {
  const files = await readdir(folder);
  const profiles = await Promise.all(
    files.map(async (file) => JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile),
  );
  const [longest] = profiles.sort((one, other) => other.samples.length - one.samples.length);
  if (longest === undefined) throw new Error(`no profile was written to ${folder}`);
  return summaryOf(longest, { fromUs: 0, toUs: Infinity, partsMax, nameOf });
}

const nameOf = (frame: Frame): string => {
  const source = sourceOf(frame);
  return frame.url.startsWith('file:') ? `${frame.functionName || 'a function'} in ${source}` : source;
};

const inWords = ({ title }: Workload, { idleShare, parts }: ProfileSummary): string =>
  `${title}: idle for ${percent(idleShare)}; of the rest, ` +
  parts.map(({ name, share }) => `${percent(share)} ${name}`).join(', ');
