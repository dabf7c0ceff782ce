import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export interface NeededProgram {
  readonly name: string;
  readonly neededFor: string;
  /** The Debian package, by default named like the program. */
  readonly debianPackage?: string;
  /** The argument with which the program prints its version and exits with 0. */
  readonly versionFlag?: string;
}

const attemptsMax = 4;
const attemptDelayMs = 5_000;

const succeeds = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    .status === 0;

const isInstalled = ({ name, versionFlag = '--version' }: NeededProgram) =>
  spawnSync(name, [versionFlag]).status === 0;

/**
 * Installs a program that a test needs, from Debian's packages when run as root. Elsewhere it
 * rejects with the remedy.
 */
export async function provideProgram(program: NeededProgram): Promise<void> {
  const { name, neededFor, debianPackage = name } = program;
  if (isInstalled(program)) return;
  if (spawnSync('apt-get', ['--version']).status !== 0 || process.getuid?.() !== 0)
    throw new Error(
      `${name} is not installed, but it is needed for ${neededFor}: install it (on Debian and Ubuntu: ` +
        `sudo apt-get install ${debianPackage})`,
    );
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const installed =
      succeeds('apt-get', 'update') &&
      succeeds('apt-get', 'install', '--yes', '--no-install-recommends', debianPackage);
    if (installed && isInstalled(program)) return;
    if (attempt < attemptsMax) await pause(attemptDelayMs * attempt);
  }
  throw new Error(
    `${name} could not be installed with apt-get in ${attemptsMax} attempts: see the output above, ` +
      'and check that the registries in /etc/apt/sources.list are up',
  );
}
