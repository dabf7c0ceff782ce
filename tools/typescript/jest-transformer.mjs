import { createHash } from 'node:crypto';
import { version } from '@swc/core';
import swcJest from '@swc/jest';
import { swcOptions } from './swc-options.mjs';

/**
 * Compiles TypeScript for Jest. A cache key of `@swc/jest` contains Jest's configuration, so every
 * suite would compile every library again. These keys contain what decides the result, and nothing
 * else.
 */
export default {
  createTransformer() {
    const compiler = JSON.stringify([version, swcOptions]);
    return {
      ...swcJest.createTransformer(swcOptions),
      getCacheKey: (source, path, { instrument, supportsStaticESM }) =>
        createHash('sha256')
          .update(JSON.stringify([compiler, path, source, instrument, supportsStaticESM]))
          .digest('hex'),
    };
  },
};
