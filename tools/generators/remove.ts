/**
 * `npm run remove -- KIND NAME [OPTIONS]` removes a part of the workspace with the Nx generator
 * `remove-KIND`, as `npx nx g @millrace/generators:remove-KIND NAME [OPTIONS]` does.
 */
import { runGenerator } from './source/run-generator.ts';

const usage = `npm run remove -- service NAME           removes a service
npm run remove -- service NAME --force   removes it although other files still use it
npm run remove -- service NAME --dry-run shows what it would remove
npm run remove -- stream-app NAME        removes a stream application
npm run remove -- console-shop           removes the sample shop from the console
npx nx g @millrace/generators:remove-KIND --help lists the options of a kind`;

process.exitCode = runGenerator({ prefix: 'remove-', usage, words: process.argv.slice(2) });
