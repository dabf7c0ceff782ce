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

/** The program alone, out of Debian's package: installing that would start a server, too. */
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

/** Where promtool is: on the path, in `$MILLRACE_CACHE` or `~/.cache/millrace`, or there from now on, on Debian. Elsewhere it says what to do. */
export async function promtool(): Promise<string> {
  if (isThere('promtool')) return 'promtool';
  const cached = join(process.env.MILLRACE_CACHE ?? join(homedir(), '.cache/millrace'), 'promtool');
  if (isThere(cached)) return cached;
  if (spawnSync('apt-get', ['--version']).status !== 0)
    throw new Error(
      'promtool is missing (the tests of the alert rules): install Prometheus, or put its promtool on the PATH',
    );
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    if (unpack(cached)) return cached;
    if (attempt < attemptsMax) await pause(attemptDelayMs * attempt);
  }
  throw new Error(
    `promtool could not be taken from Debian's package ${debianPackage} in ${attemptsMax} attempts: are the registries in /etc/apt/sources.list up? See the output above`,
  );
}
