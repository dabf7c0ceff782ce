import { spawnSync } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { homedir, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

const attemptsMax = 4;
const attemptDelayMs = 5_000;
const debianPackage = 'prometheus';

const isThere = (program: string): boolean => spawnSync(program, ['--version']).status === 0;

const succeeds = (command: string, args: readonly string[], cwd?: string): boolean =>
  spawnSync(command, [...args], {
    cwd,
    stdio: 'inherit',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  }).status === 0;

/**
 * Extracts only promtool from Debian's package, since installing the package would also start a
 * server.
 */
function unpack(target: string): boolean {
  const folder = mkdtempSync(join(tmpdir(), 'millrace-promtool-'));
  try {
    const update = process.getuid?.() !== 0 || succeeds('apt-get', ['update', '--quiet']);
    if (!update || !succeeds('apt-get', ['download', debianPackage], folder)) return false;
    const [file] = readdirSync(folder).filter((name) => name.endsWith('.deb'));
    if (file === undefined || !succeeds('dpkg-deb', ['--extract', file, 'unpacked'], folder)) return false;
    mkdirSync(join(target, '..'), { recursive: true });
    cpSync(join(folder, 'unpacked/usr/bin/promtool'), target);
    return isThere(target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/**
 * Resolves to promtool: on the PATH, in `$MILLRACE_CACHE` or `~/.cache/millrace`, or on Debian
 * newly downloaded there. Elsewhere it rejects with the remedy.
 */
export async function promtool(): Promise<string> {
  if (isThere('promtool')) return 'promtool';
  const cached = join(process.env.MILLRACE_CACHE ?? join(homedir(), '.cache/millrace'), 'promtool');
  if (isThere(cached)) return cached;
  if (spawnSync('apt-get', ['--version']).status !== 0)
    throw new Error(
      'promtool is not installed, but it is needed for the tests of the alert rules: ' +
        'install Prometheus, or put its promtool on the PATH',
    );
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    if (unpack(cached)) return cached;
    if (attempt < attemptsMax) await pause(attemptDelayMs * attempt);
  }
  throw new Error(
    `promtool could not be extracted from Debian's package ${debianPackage} in ${attemptsMax} ` +
      'attempts: see the output above, and check that the registries in /etc/apt/sources.list are up',
  );
}
