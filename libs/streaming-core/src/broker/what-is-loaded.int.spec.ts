import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from '@jest/globals';

const workspace = join(import.meta.dirname, '../../../..');

/** Prints the npm packages that an import of the broker loads. */
const program = `
  import { registerHooks } from 'node:module';
  const packages = new Set();
  registerHooks({ load(url, context, next) {
    const name = /.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.[1];
    if (name) packages.add(name);
    return next(url, context);
  } });
  await import('./libs/streaming-core/src/broker/index.ts');
  console.log(JSON.stringify([...packages]));
`;

it('the broker loads no package except its checksums, because each one costs start time and memory', async () => {
  const args = [
    '--conditions=@millrace/source',
    '--import',
    './tools/typescript/register.mjs',
    '--input-type=module',
    '-e',
    program,
  ];
  const { stdout } = await promisify(execFile)(process.execPath, args, { cwd: workspace, timeout: 60_000 });
  // The loader's compiler runs for sources that were not compiled before. It is not part of the
  // broker.
  const expected = /^@(node-rs\/crc32|swc\/)/;
  expect((JSON.parse(stdout) as string[]).filter((name) => !expected.test(name))).toEqual([]);
});
