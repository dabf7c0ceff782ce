/**
 * `npm run test:guides -- G22 G27` runs the guides with these ids, or all that need only the
 * embedded engines. A test that needs Apache Kafka or Redis runs only if its guide is named.
 */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { workspace } from '../workspace.ts';
import { jestCommand } from './jest-command.ts';

const folder = join(workspace, 'test/guides');

/** The spec files with the ids of their guides: `src/g22-account.spec.ts` tests G22. */
const specs = readdirSync(join(folder, 'src'))
  .filter((file) => /^g\d{2}-.*\.spec\.ts$/.test(file))
  .sort()
  .map((file) => ({ id: file.slice(0, 3).toUpperCase(), path: join(folder, 'src', file) }));

const wanted = process.argv.slice(2);
const problems = wanted.flatMap((id) => {
  if (!/^G\d{2}$/i.test(id)) return [`${id} is not the id of a guide, which looks like G22`];
  return specs.some((spec) => spec.id === id.toUpperCase()) ? [] : [`${id} has no test`];
});
if (problems.length > 0) {
  process.stderr.write(
    `test:guides: ${problems.join('; ')}. ` +
      `The guides with tests are ${[...new Set(specs.map(({ id }) => id))].join(', ')}\n`,
  );
  process.exitCode = 1;
} else {
  const ids = new Set(wanted.map((id) => id.toUpperCase()));
  const needing = (what?: string) => specs.filter(({ path }) => need(path) === what);
  const named = (of: typeof specs) => of.filter(({ id }) => ids.has(id));
  // Ctrl-C reaches Jest as well, and its exit code tells how it ended.
  process.on('SIGINT', () => undefined);
  const codes = [
    await run('jest.all.config.mjs', ids.size === 0 ? needing() : named(needing())),
    await run('jest.kafka.config.mjs', named(needing('kafka'))),
    await run('jest.redis.config.mjs', named(needing('redis'))),
  ];
  process.exitCode = codes.find((code) => code !== 0) ?? 0;
}

function need(path: string): string | undefined {
  return /\.(kafka|redis)\.spec\.ts$/.exec(path)?.[1];
}

async function run(configuration: string, wantedSpecs: typeof specs): Promise<number> {
  if (wantedSpecs.length === 0) return 0;
  const paths = wantedSpecs.map(({ path }) => path);
  const child = spawn(
    process.execPath,
    [jestCommand.program, '-c', configuration, '--runTestsByPath', ...paths],
    {
      cwd: folder,
      stdio: 'inherit',
      env: { ...process.env, ...jestCommand.environment },
    },
  );
  const [code] = (await once(child, 'close')) as [number | null];
  return code ?? 1;
}
