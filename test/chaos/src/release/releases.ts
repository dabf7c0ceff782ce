import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/**
 * `first` starts sagas with version 1 of the fulfillment and does not know version 2. `learning`
 * knows version 2 as well. `starting` starts new sagas with version 2.
 */
export type ReleaseName = 'first' | 'learning' | 'starting';

/**
 * The releases of the order service. A process runs the one that was deployed when it started, as if
 * a deployment replaced its files on disk.
 */
export interface Releases {
  /** Environment variables for the whole stack. */
  readonly environment: Readonly<Record<string, string>>;
  deploy(release: ReleaseName): void;
  /** The release that a process of the order service runs; undefined while the process boots. */
  runBy(pid: number): string | undefined;
  remove(): Promise<void>;
}

export async function openReleases(): Promise<Releases> {
  const folder = await mkdtemp(join(tmpdir(), 'millrace-releases-'));
  const hook = join(import.meta.dirname, 'choose-release.mjs');
  const deploy = (release: ReleaseName) => writeFileSync(join(folder, 'deployed'), release);
  deploy('first');
  return {
    environment: { NODE_OPTIONS: `--import ${JSON.stringify(hook)}`, CHAOS_RELEASES: folder },
    deploy,
    runBy(pid) {
      const file = join(folder, String(pid));
      return existsSync(file) ? readFileSync(file, 'utf8') : undefined;
    },
    remove: () => rm(folder, { recursive: true, force: true }),
  };
}
