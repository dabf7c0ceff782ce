import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** Makes programs available that a test needs: on Debian, as root, from its own packages, which are named like them. Elsewhere it says what to do. */
const programs = [
  { name: 'strace', neededFor: 'the test "no fsync, no ack", on Linux' },
  { name: 'curl', neededFor: 'the test of the commands in the README' },
  { name: 'git', neededFor: 'the test that applies a patch to a copy of the workspace' },
];
const attemptsMax = 4;
const attemptDelayMs = 5_000;

const succeeds = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
const isInstalled = (name: string) => spawnSync(name, ['--version']).status === 0;
const install = (name: string) =>
  succeeds('apt-get', 'update') && succeeds('apt-get', 'install', '--yes', '--no-install-recommends', name) && isInstalled(name);

async function provide(name: string, neededFor: string): Promise<void> {
  if (isInstalled(name)) return;
  if (spawnSync('apt-get', ['--version']).status !== 0 || process.getuid?.() !== 0)
    throw new Error(`${name} is missing (${neededFor}): install it (on Debian and Ubuntu: sudo apt-get install ${name})`);
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    if (install(name)) return;
    if (attempt < attemptsMax) await pause(attemptDelayMs * attempt);
  }
  throw new Error(`${name} could not be installed with apt-get in ${attemptsMax} attempts: see its output above`);
}

async function main(): Promise<void> {
  for (const { name, neededFor } of programs) await provide(name, neededFor);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
