/**
 * Resolves the workspace's packages to their sources, like Node's option
 * `--conditions=@millrace/source`.
 */
import { registerHooks } from 'node:module';

registerHooks({
  resolve: (specifier, context, nextResolve) =>
    nextResolve(specifier, { ...context, conditions: [...context.conditions, '@millrace/source'] }),
});
