import swcJest from '@swc/jest';
import { swcOptions } from './swc-options.mjs';

/**
 * Compiles TypeScript for Jest. The cache keys of `@swc/jest` contain Jest's configuration and the
 * path from the project's folder, so every suite would compile every library again. These keys
 * leave the configuration out and contain the whole path, because the source map names it.
 */
export default {
  createTransformer() {
    const transformer = swcJest.createTransformer(swcOptions);
    return {
      ...transformer,
      getCacheKey: (source, path, options) =>
        transformer.getCacheKey(source, path, { ...options, configString: '', config: { rootDir: '/' } }),
    };
  },
};
