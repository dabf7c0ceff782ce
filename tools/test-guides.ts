/** `npm run test:guides -- G22 G27`: the guides' scenarios, all that have a test or those whose ids are given. */
import { spawn } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { workspace } from './checks.ts';

const folder = join(workspace, 'test/guides');
const jest = createRequire(import.meta.url).resolve('jest/bin/jest');

/** `src/g22-account.spec.ts` tests G22. */
const specs = readdirSync(join(folder, 'src'))
  .filter((file) => /^g\d{2}-.*\.spec\.ts$/.test(file))
  .sort()
  .map((file) => ({ id: file.slice(0, 3).toUpperCase(), path: join(folder, 'src', file) }));

const wanted = process.argv.slice(2);
const problems = wanted.flatMap((id) => {
  if (!/^G\d{2}$/i.test(id)) return [`${id} is no scenario: their ids look like G22`];
  return specs.some((spec) => spec.id === id.toUpperCase()) ? [] : [`${id} has no test`];
});
if (problems.length > 0) {
  process.stderr.write(`test:guides: ${problems.join('; ')}. There are tests of ${specs.map(({ id }) => id).join(', ')}\n`);
  process.exitCode = 1;
} else {
  const ids = new Set(wanted.map((id) => id.toUpperCase()));
  const paths = specs.filter(({ id }) => ids.size === 0 || ids.has(id)).map(({ path }) => path);
  const child = spawn(process.execPath, [jest, '-c', 'jest.config.mjs', '--runTestsByPath', ...paths], {
    cwd: folder,
    stdio: 'inherit',
    env: { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --conditions=@millrace/source --no-warnings' },
  });
  process.on('SIGINT', () => undefined); // Ctrl-C reaches Jest as well, and Jest says how it ended
  child.once('close', (code) => (process.exitCode = code ?? 1));
}
