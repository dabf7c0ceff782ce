/**
 * `npm run new -- KIND NAME [OPTIONS]` adds a part to the workspace with the Nx generator of that
 * kind, as `npx nx g @millrace/generators:KIND NAME [OPTIONS]` does.
 */
import { newProject } from '../fork/project.ts';
import { runGenerator } from './source/run-generator.ts';

const usage = `npm run new -- service NAME                   adds a service
npm run new -- saga NAME --in SERVICE         adds a saga to a service
                                              --starts EVENT --asks COMMAND: one that an event begins
npm run new -- step NAME --saga SAGA          adds a step to a saga; --by SERVICE carries it out
npm run new -- read-model NAME --in SERVICE   adds a read model with its routes to a service
npm run new -- stream-app NAME                adds a stream application, which "npm start -- --with NAME" starts;
                                              --of SERVICE: on the events of that service
npm run new -- project NAME                   makes a fork in a folder and a git repository of its own
npx nx g @millrace/generators:KIND --help lists the options of a kind`;

const words = process.argv.slice(2);
process.exitCode =
  words[0] === 'project' ? await newProject(words.slice(1)) : runGenerator({ prefix: '', usage, words });
