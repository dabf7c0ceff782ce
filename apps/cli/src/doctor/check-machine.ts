import { accessSync, constants, existsSync, statfsSync } from 'node:fs';
import { arch, platform, userInfo } from 'node:os';
import { dirname } from 'node:path';

/** The result of one check. A problem keeps the system from starting or working; a warning does not. */
export interface Finding {
  readonly check: string;
  readonly result: 'ok' | 'warning' | 'problem';
  readonly detail: string;
  /** Tells the operator how to mend it. Absent if the result is `ok`. */
  readonly remedy?: string;
}

export const ok = (check: string, detail: string): Finding => ({ check, result: 'ok', detail });

export const problem = (check: string, detail: string, remedy: string): Finding => ({
  check,
  result: 'problem',
  detail,
  remedy,
});

export const warning = (check: string, detail: string, remedy: string): Finding => ({
  check,
  result: 'warning',
  detail,
  remedy,
});

const nodeMajorMin = 24;

/** Checks the version of Node that runs this program, which `npm ci` installs. */
export function checkNode(version = process.versions.node): Finding {
  return Number(version.split('.')[0]) >= nodeMajorMin
    ? ok('Node', version)
    : problem(
        'Node',
        `${version} runs this, and ${nodeMajorMin} is needed`,
        'run npm ci, which installs it, and start with npm run',
      );
}

const supported: ReadonlySet<string> = new Set(['linux-x64', 'linux-arm64', 'darwin-x64', 'darwin-arm64']);

export function checkSystem(system = `${platform()}-${arch()}`): Finding {
  return supported.has(system)
    ? ok('system', system)
    : problem('system', `${system} is not supported`, 'use Linux, macOS, or WSL on Windows');
}

const gigabyte = 1024 ** 3;
const freeMin = gigabyte / 4;
const freeComfortable = 2 * gigabyte;

/** Checks that the folder can be written and that its disk has room. The folder need not exist yet. */
export function checkDataFolder(folder: string): readonly Finding[] {
  const existing = nearestExisting(folder);
  return [writability(folder, existing), diskSpace(existing)];
}

function writability(folder: string, existing: string): Finding {
  const detail = existing === folder ? folder : `${folder}, which the first start creates`;
  try {
    accessSync(existing, constants.W_OK | constants.X_OK);
    return ok('data folder', detail);
  } catch {
    return problem(
      'data folder',
      `${existing} cannot be written by user ${userInfo().username}`,
      'make it writable, or set MILLRACE_DATA to another folder',
    );
  }
}

function diskSpace(existing: string): Finding {
  const { bavail, bsize } = statfsSync(existing);
  return spaceFinding(bavail * bsize, existing);
}

/** Judges the bytes that are free on the disk of a folder. */
export function spaceFinding(freeBytes: number, folder: string): Finding {
  const detail = `${(freeBytes / gigabyte).toFixed(1)} GB free at ${folder}`;
  if (freeBytes >= freeComfortable) return ok('disk', detail);
  const remedy = 'make room: docs/operations/sizing.md says how fast the data grow';
  return (freeBytes < freeMin ? problem : warning)('disk', detail, remedy);
}

function nearestExisting(folder: string): string {
  return existsSync(folder) || dirname(folder) === folder ? folder : nearestExisting(dirname(folder));
}
