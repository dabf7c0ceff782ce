import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, renameSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from '../cache-folder.ts';

const serverVersion = '1.32.0';
const sdkVersion = '1.24.0';
export const versions = `Temporal ${serverVersion}, TypeScript SDK ${sdkVersion}`;
const goModule = 'go.temporal.io/server';
const packages = [
  ...['client', 'common', 'worker', 'workflow'].map((name) => `@temporalio/${name}@${sdkVersion}`),
  'pg@8.22.0',
];

/** The paths of Temporal's parts on this machine. */
export interface InstalledTemporal {
  readonly server: string;
  /** Creates and updates the tables of the server. */
  readonly sqlTool: string;
  /** The folder of the versions of the tables. */
  readonly schema: string;
  /** The worker's program, beside the SDK. */
  readonly worker: string;
}

/**
 * Builds Temporal's server and installs its SDK in a folder of the cache, unless they are there. The Go module comes
 * from the proxy that `go env GOPROXY` names, and the SDK from npm. Throws an error that names the remedy.
 */
export function installTemporal(print: (line: string) => void): InstalledTemporal {
  const folder = join(cacheFolder(), `temporal-${serverVersion}-${sdkVersion}`);
  if (!existsSync(folder)) {
    const making = `${folder}.new`;
    rmSync(making, { recursive: true, force: true });
    mkdirSync(making, { recursive: true });
    print(`building Temporal's server ${serverVersion} in ${folder}; this takes some minutes, once`);
    const bin = { GOBIN: join(making, 'bin') };
    run(
      'go',
      ['install', `${goModule}/cmd/server@v${serverVersion}`, `${goModule}/cmd/tools/sql@v${serverVersion}`],
      {
        env: bin,
        remedy: 'install Go 1.26 or newer, and check that its module proxy is up',
      },
    );
    print(`installing Temporal's SDK ${sdkVersion}`);
    const npm = ['install', '--prefix', making, '--save-exact', '--no-audit', '--no-fund', ...packages];
    run('npm', npm, { remedy: "check that npm's registry is up" });
    renameSync(making, folder);
  }
  const worker = join(folder, 'worker');
  cpSync(join(import.meta.dirname, 'worker'), worker, { recursive: true });
  return {
    server: join(folder, 'bin/server'),
    sqlTool: join(folder, 'bin/sql'),
    schema: join(moduleFolder(), 'schema/postgresql/v12'),
    worker: join(worker, 'run.mjs'),
  };
}

const moduleFolder = (): string =>
  join(
    run('go', ['env', 'GOMODCACHE'], { remedy: 'install Go 1.26 or newer', quiet: true }).trim(),
    `${goModule}@v${serverVersion}`,
  );

interface RunOptions {
  readonly env?: Readonly<Record<string, string>>;
  readonly remedy: string;
  readonly quiet?: boolean;
}

function run(program: string, args: readonly string[], { env, remedy, quiet = false }: RunOptions): string {
  const { status, stdout } = spawnSync(program, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', quiet ? 'pipe' : 'ignore', 'inherit'],
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`${program} ${args[0]} failed: ${remedy}`);
  return stdout ?? '';
}
