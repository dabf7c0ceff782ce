/**
 * Jest's `runtime`, which loads test files. Jest's own one evaluates every module again for each test file, in a VM
 * context without compiled code, and that takes longer than most of our tests do. This one lets Node load them, with
 * what Node has compiled. Packages are evaluated once in each worker. The modules of the workspace are evaluated again
 * for each test file, because their state is that of one file.
 */
import { createRequire, registerHooks } from 'node:module';
import { pathToFileURL } from 'node:url';
import { useFramework } from './globals.mjs';
import '../typescript/register.mjs';

const require = createRequire(import.meta.url);
const globals = new URL('globals.mjs', import.meta.url).href;

/** The query in the URL of a module says which test file it belongs to. */
registerHooks({
  resolve(specifier, context, nextResolve) {
    if (specifier === '@jest/globals') return { url: globals, format: 'module', shortCircuit: true };
    const resolved = nextResolve(specifier, context);
    const { search } = new URL(context.parentURL ?? globals);
    return resolved.url.endsWith('.ts') ? { ...resolved, url: resolved.url + search } : resolved;
  },
});

let filesLoaded = 0;

/** The part of Jest's `Runtime` that `jest-runner` and `jest-circus` call for such tests. */
export default class NodeRuntime {
  /** Loads the framework anew, because its state is that of one file. */
  requireInternalModule(path) {
    delete globalThis[Symbol.for('EVENT_HANDLERS')];
    delete require.cache[path];
    return require(path);
  }

  requireModule = require;

  setGlobalsForRuntime(framework) {
    useFramework(framework);
  }

  unstable_shouldLoadAsEsm = () => true;

  unstable_importModule(path) {
    filesLoaded += 1;
    return import(`${pathToFileURL(path).href}?file=${filesLoaded}`);
  }

  getSourceMaps = () => new Map();
  getAllCoverageInfoCopy() {}
  enterTestCode() {}
  leaveTestCode() {}
  teardown() {}
}
