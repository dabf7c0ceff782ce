import type { Tree } from '@nx/devkit';

export const stackFile = 'apps/stack/src/stack.ts';
const portMin = 1_024;
const portMax = 65_535;

/** Every port that `stack.ts` names. */
const portsOf = (tree: Tree): ReadonlySet<number> =>
  new Set(
    [...(tree.read(stackFile, 'utf8') ?? '').matchAll(/\b(?:port|sidePort): ([\d_]+)/g)].map(
      ([, port = '']) => Number(port.replaceAll('_', '')),
    ),
  );

/** Throws an error that names the option unless the port is one that no other part has. */
export function checkPort(tree: Tree, port: number): void {
  if (!Number.isInteger(port) || port < portMin || port > portMax)
    throw new Error(`--port ${port}: give a whole number from ${portMin} to ${portMax}`);
  if (portsOf(tree).has(port))
    throw new Error(`--port ${port}: ${stackFile} gives this port to another part: choose another one`);
}

/** The first port from this one on that no part has. */
export function freePort(tree: Tree, first: number): number {
  const taken = portsOf(tree);
  let port = first;
  while (taken.has(port)) port += 1;
  return port;
}
