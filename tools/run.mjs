/**
 * `node tools/run.mjs PROGRAM.ts [ARGUMENTS]` runs a program of the workspace from source: every
 * package is loaded from its TypeScript instead of its build.
 */
import { resolve } from 'node:path';
import { pathToFileURL } from 'node:url';
import './typescript/source-condition.mjs';
import './typescript/register.mjs';

process.argv.splice(1, 1);
process.argv[1] = resolve(process.argv[1]);
await import(pathToFileURL(process.argv[1]).href);
