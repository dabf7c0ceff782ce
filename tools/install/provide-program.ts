import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

export interface NeededProgram {
  readonly name: string;
  readonly neededFor: string;
  /** Debian's package, named like the program by default. */
  readonly debianPackage?: string;
  /** What makes it print its version and end well. */
  readonly versionFlag?: string;
}

const attemptsMax = 4;
const attemptDelayMs = 5_000;

const succeeds = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } })
    .status === 0;

const isInstalled = ({ name, versionFlag = '--version' }: NeededProgram) =>
  spawnSync(name, [versionFlag]).status === 0;

/** Makes a program available that a test needs: on Debian, as root, from its own packages. Elsewhere it says what to do. */
export async function provideProgram(program: NeededProgram): Promise<void> {
  const { name, neededFor, debianPackage = name } = program;
  if (isInstalled(program)) return;
  if (spawnSync('apt-get', ['--version']).status !== 0 || process.getuid?.() !== 0)
    throw new Error(
      `${name} is missing (${neededFor}): install it (on Debian and Ubuntu: sudo apt-get install ${debianPackage})`,
    );
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const installed =
      succeeds('apt-get', 'update') &&
      succeeds('apt-get', 'install', '--yes', '--no-install-recommends', debianPackage);
    if (installed && isInstalled(program)) return;
    if (attempt < attemptsMax) await pause(attemptDelayMs * attempt);
  }
  throw new Error(
    `${name} could not be installed with apt-get in ${attemptsMax} attempts: are the registries in /etc/apt/sources.list up? See its output above`,
  );
}
