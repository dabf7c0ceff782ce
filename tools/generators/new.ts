/**
 * `npm run new -- KIND NAME [OPTIONS]` adds a part to the workspace with the Nx generator of that
 * kind, as `npx nx g @millrace/generators:KIND NAME [OPTIONS]` does.
 */
import { runGenerator } from './source/run-generator.ts';

const usage = `npm run new -- service NAME      adds a service
npm run new -- stream-app NAME   adds a stream application, which "npm start -- --with NAME" starts
npx nx g @millrace/generators:KIND --help lists the options of a kind`;

process.exitCode = runGenerator({ prefix: '', usage, words: process.argv.slice(2) });
