import type { BuildOptions } from 'esbuild';

/** The bundler's options for a program of the workspace that this version of Node runs. */
export const nodeBundle = {
  bundle: true,
  conditions: ['@millrace/source'],
  format: 'esm',
  platform: 'node',
  target: `node${process.versions.node}`,
} satisfies BuildOptions;
