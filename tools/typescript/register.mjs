/**
 * Makes Node load TypeScript with decorators from source:
 * `node --conditions=@millrace/source --import ./tools/typescript/register.mjs FILE`.
 */
import { readFileSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { fileURLToPath } from 'node:url';
import { compile } from './compile.mjs';

registerHooks({
  load(url, context, nextLoad) {
    const { protocol, pathname } = new URL(url);
    if (protocol !== 'file:' || !pathname.endsWith('.ts')) return nextLoad(url, context);
    const filename = fileURLToPath(url);
    return {
      format: 'module',
      source: compile(filename, readFileSync(filename, 'utf8')),
      shortCircuit: true,
    };
  },
});
