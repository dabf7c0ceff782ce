import { spawnSync } from 'node:child_process';
import { setTimeout as pause } from 'node:timers/promises';

/** Makes strace available for the test "no fsync, no ack": on Debian, as root, from its own packages. Elsewhere it says what to do. */
const attemptsMax = 4;
const attemptDelayMs = 5_000;

const succeeds = (command: string, ...args: string[]) =>
  spawnSync(command, args, { stdio: 'inherit', env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' } }).status === 0;
const isInstalled = () => spawnSync('strace', ['--version']).status === 0;
const install = () => succeeds('apt-get', 'update') && succeeds('apt-get', 'install', '--yes', '--no-install-recommends', 'strace');

async function main(): Promise<void> {
  if (isInstalled()) return;
  if (spawnSync('apt-get', ['--version']).status !== 0 || process.getuid?.() !== 0)
    throw new Error(
      'strace is missing: install the package strace of your system (on Debian and Ubuntu: sudo apt-get install strace; Linux only)',
    );
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    if (install() && isInstalled()) return;
    if (attempt < attemptsMax) await pause(attemptDelayMs * attempt);
  }
  throw new Error(`strace could not be installed with apt-get in ${attemptsMax} attempts: see its output above`);
}

main().catch((error: unknown) => {
  console.error(error instanceof Error ? error.message : error);
  process.exitCode = 1;
});
