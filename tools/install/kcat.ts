/**
 * `npm run program -- tools/install/kcat.ts` installs kcat, a foreign client that the tests need,
 * from Debian's packages, unless it is already installed. If a registry is down, it retries and
 * names the registry. On other systems it prints the remedy.
 */
import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';

const attemptsMax = 5;
const retryDelayMs = 5_000;

function run(command: string, args: readonly string[]) {
  const result = spawnSync(command, args, {
    encoding: 'utf8',
    env: { ...process.env, DEBIAN_FRONTEND: 'noninteractive' },
  });
  return {
    ok: result.status === 0,
    output: `${result.stdout ?? ''}${result.stderr ?? ''}${result.error?.message ?? ''}`,
  };
}

function version(): string | undefined {
  const { ok, output } = run('kcat', ['-V']);
  return ok ? /Version (\S+)/.exec(output)?.[1] : undefined;
}

function stop(message: string): never {
  console.error(message);
  process.exit(1);
}

/** The hosts that apt could not reach, according to its messages. */
function unreachable(output: string): string {
  const hosts = [...output.matchAll(/(?:https?:\/\/|Could not (?:resolve|connect to) ')([a-z0-9.-]+)/gi)].map(
    (match) => match[1],
  );
  return [...new Set(hosts)].join(', ') || 'the registries in /etc/apt/sources.list';
}

async function install(): Promise<void> {
  for (let attempt = 1; attempt <= attemptsMax; attempt += 1) {
    const update = run('apt-get', ['update', '-q']);
    const installed = run('apt-get', ['install', '-y', '-q', '--no-install-recommends', 'kcat']);
    if (installed.ok) return;
    const output = update.output + installed.output;
    if (attempt === attemptsMax)
      stop(
        `kcat could not be installed after ${attemptsMax} attempts: is ${unreachable(output)} up?\n${output}`,
      );
    console.error(
      `apt-get could not install kcat (${unreachable(output)}); ` +
        `attempt ${attempt + 1} of ${attemptsMax} in ${retryDelayMs / 1000} s`,
    );
    await pause(retryDelayMs);
  }
}

if (version() === undefined) {
  if (!existsSync('/usr/bin/apt-get'))
    stop(
      'this script can install kcat only on Debian: install kcat 1.7 or newer with ' +
        '`brew install kcat`, or see github.com/edenhill/kcat',
    );
  if (process.getuid?.() !== 0)
    stop('kcat is missing, and only root can install it: run `sudo apt-get install kcat`');
  await install();
}
const found = version();
if (found === undefined) stop('kcat was installed but does not start: try `kcat -V`');
console.log(`kcat ${found} is installed`);
