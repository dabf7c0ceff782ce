import { join } from 'node:path';

const own = join(import.meta.dirname, '../../..');

/** The arguments with which Node runs a program of a workspace, as npm's scripts do. */
export const programCommand = (
  program: string,
  workspace = own,
): readonly [runner: string, program: string] => [join(workspace, 'tools/run.mjs'), join(workspace, program)];

/** The least environment of a program: PATH, and what decides where and whether it is bundled. */
export const programEnvironment = (): NodeJS.ProcessEnv => {
  const { PATH, HOME, MILLRACE_CACHE, MILLRACE_BUNDLE } = process.env;
  return { PATH, HOME, MILLRACE_CACHE, MILLRACE_BUNDLE };
};
