import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/** With `node --import`: at its end the process writes what it has loaded into the file that `MILLRACE_LOADED_MODULES` names. */
const loaded: string[] = [];

registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    return nextLoad(url, context);
  },
});

process.on('exit', () => writeFileSync(process.env.MILLRACE_LOADED_MODULES ?? '', loaded.join('\n')));
