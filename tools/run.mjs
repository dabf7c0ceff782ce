/**
 * `node tools/run.mjs PROGRAM.ts [ARGUMENTS]` runs a program of the workspace. This is the only way
 * in which the stack, the tests and npm's scripts start one: a program of `apps/` from its bundle,
 * any other from source (`tools/bundles/start-program.ts`).
 */
import { enableCompileCache } from 'node:module';
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';

// Compiled code is kept outside the checkout and the data folder. Child processes inherit the
// setting, and Node strips the types of the files below only once.
process.env.NODE_COMPILE_CACHE ??= join(
  process.env.MILLRACE_CACHE || join(homedir(), '.cache/millrace'),
  'bundles/compiled',
);
enableCompileCache(process.env.NODE_COMPILE_CACHE);

process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1]);
const { startProgram } = await import('./bundles/start-program.ts');
await startProgram(process.argv[1]);
