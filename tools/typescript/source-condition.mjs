/** Resolves the workspace's packages to their sources, as `--conditions=@millrace/source` does for a process of its own. */
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(specifier, { ...context, conditions: [...context.conditions, '@millrace/source'] }),
});
