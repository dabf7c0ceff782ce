/**
 * `npm run new -- KIND NAME [OPTIONS]` adds a part to the workspace with the Nx generator of that
 * kind, as `npx nx g @millrace/generators:KIND NAME [OPTIONS]` does.
 */
import { newProject } from '../fork/project.ts';
import { runGenerator } from './source/run-generator.ts';

const usage = `npm run new -- service NAME      adds a service
npm run new -- stream-app NAME   adds a stream application, which "npm start -- --with NAME" starts
npm run new -- project NAME      makes a fork in a folder and a git repository of its own
npx nx g @millrace/generators:KIND --help lists the options of a kind`;

const words = process.argv.slice(2);
process.exitCode =
  words[0] === 'project' ? newProject(words.slice(1)) : runGenerator({ prefix: '', usage, words });
