import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, join } from 'node:path';
import { summaryOf, type CpuProfile, type Frame, type ProfileSummary } from '../broker/cpu-profile.ts';
import { runScript } from './run-client.ts';
import type { Place, Workload } from './workload.ts';

/** The profile of our client's main thread in a workload. */
export interface ClientProfile extends ProfileSummary {
  readonly engine: string;
  readonly workload: Workload;
}

const partsMax = 8;
const intervalUs = 200;

/** Runs the workload once more with our client, under V8's profiler. */
export async function profileOurs(place: Place, workload: Workload): Promise<ProfileSummary> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-bench-profile-'));
  try {
    const { beganUs, endedUs } = await runScript('ours', place, workload, [
      '--cpu-prof',
      `--cpu-prof-dir=${folder}`,
      `--cpu-prof-interval=${intervalUs}`,
    ]);
    const [file = ''] = await readdir(folder);
    const profile = JSON.parse(await readFile(join(folder, file), 'utf8')) as CpuProfile;
    return summaryOf(profile, { fromUs: beganUs, toUs: endedUs, partsMax, nameOf: sourceOf });
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Names a frame after the file of its function, because our functions are small. */
export function sourceOf({ functionName, url }: Frame): string {
  if (functionName === '(garbage collector)') return 'garbage collection';
  if (functionName === '(program)') return 'reading sockets and other native code';
  if (url.startsWith('file:')) return basename(url);
  return url === '' ? functionName || 'a native function' : 'Node.js itself';
}
