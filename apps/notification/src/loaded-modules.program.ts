import { writeFileSync } from 'node:fs';
import { registerHooks } from 'node:module';

/**
 * This module is loaded with `node --import`. When the process exits, it writes the URLs of all
 * loaded modules into the file that `MILLRACE_LOADED_MODULES` names.
 */
const loaded: string[] = [];

registerHooks({
  load(url, context, nextLoad) {
    loaded.push(url);
    return nextLoad(url, context);
  },
});

process.on('exit', () => writeFileSync(process.env.MILLRACE_LOADED_MODULES ?? '', loaded.join('\n')));
