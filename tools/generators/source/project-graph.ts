import { spawnSync } from 'node:child_process';

/**
 * Makes Nx read the projects again, in a process of its own, because this one keeps those that it
 * began with. ESLint takes the layers of imports from what Nx has cached.
 */
export function readProjectsAgain(root: string): void {
  const [node = '', nx = ''] = process.argv;
  spawnSync(node, [nx, 'show', 'projects'], { cwd: root, stdio: 'ignore' });
}
