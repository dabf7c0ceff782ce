/** `npm run test:guides -- G22`: the guides' scenarios, all or those whose id is given. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { workspace } from './checks.ts';

const ids = process.argv.slice(2);
const wrong = ids.filter((id) => !/^G\d{2}$/.test(id));
if (wrong.length > 0) {
  process.stderr.write(`test:guides: ${wrong.join(', ')} is no scenario id: they look like G22\n`);
  process.exit(1);
}
const pattern = ids.length > 0 ? ['--testNamePattern', `^(${ids.join('|')}) `] : [];
const environment = { ...process.env, NODE_OPTIONS: '--experimental-vm-modules --conditions=@millrace/source --no-warnings' };
const { status } = spawnSync('jest', ['-c', 'jest.config.mjs', ...pattern], {
  cwd: join(workspace, 'test/guides'),
  stdio: 'inherit',
  env: environment,
});
process.exitCode = status ?? 1;
