import { delimiter } from 'node:path';

/**
 * The PATH of a shell outside npm scripts, in which the first `node` is the one that the user
 * installed.
 */
export const usersPath = (process.env.PATH ?? '')
  .split(delimiter)
  .filter((folder) => !/node_modules\/\.bin$|node-gyp-bin$/.test(folder))
  .join(delimiter);
