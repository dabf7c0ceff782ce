import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, rename, rm, writeFile } from 'node:fs/promises';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const attemptsMax = 4;
const attemptDelayMs = 5_000;
const marker = 'complete';

/**
 * The cache is outside the workspace, so that clones share what is fetched: `$MILLRACE_CACHE`, or
 * `~/.cache/millrace`.
 */
const cacheFolder = (): string =>
  join(process.env.MILLRACE_CACHE || join(homedir(), '.cache/millrace'), 'conformance');

export interface Provision {
  /**
   * The name of the folder in the cache. It includes versions and everything else that needs its
   * own folder.
   */
  readonly name: string;
  /** The registry to download from, which an error names when it is down. */
  readonly registry: string;
  readonly print: (line: string) => void;
  /** Fills the folder. Rejects with the output of the command that failed. */
  fill(folder: string): Promise<void>;
}

/**
 * Resolves with the folder, which it fills first if the folder does not exist yet. The folder
 * appears only when it is complete. If the registry is down, it retries and names the registry in
 * the error.
 */
export async function provide({ name, registry, print, fill }: Provision): Promise<string> {
  const folder = join(cacheFolder(), name);
  if (existsSync(join(folder, marker))) return folder;
  await mkdir(dirname(folder), { recursive: true });
  for (let attempt = 1; ; attempt += 1) {
    const staging = await mkdtemp(`${folder}.fetching-`);
    try {
      print(`fetching ${name} from ${registry}`);
      await fill(staging);
      await writeFile(join(staging, marker), '');
      await publish(staging, folder);
      return folder;
    } catch (cause) {
      const said = cause instanceof Error ? cause.message : String(cause);
      if (attempt >= attemptsMax)
        throw new Error(
          `${name} could not be fetched in ${attemptsMax} attempts: is ${registry} up? ${said}`,
          {
            cause,
          },
        );
      print(
        `${name} could not be fetched (${registry}): ${said}; attempt ${attempt + 1} of ${attemptsMax} ` +
          `in ${attemptDelayMs / 1_000} s`,
      );
      await pause(attemptDelayMs);
    } finally {
      await rm(staging, { recursive: true, force: true });
    }
  }
}

async function publish(staging: string, folder: string): Promise<void> {
  if (existsSync(folder) && !existsSync(join(folder, marker)))
    await rm(folder, { recursive: true, force: true });
  await rename(staging, folder).catch((error: unknown) => {
    if (!existsSync(join(folder, marker))) throw error; // another process was faster
  });
}
