import type { Tree } from '@nx/devkit';
import { chartPrograms, programsFile, programSources } from '../../chart/programs.ts';
import type { Registration } from './registration.ts';

/** Writes the programs of the Helm chart anew, once the files that name them have changed. */
export function writeChartPrograms(tree: Tree): void {
  if (!tree.exists(programsFile)) return;
  const read = (path: string) => tree.read(path, 'utf8') ?? '';
  const { compose, dockerfile, stack, settings } = programSources;
  const texts = {
    compose: read(compose),
    dockerfile: read(dockerfile),
    stack: read(stack),
    settings: read(settings),
  };
  tree.write(programsFile, chartPrograms(texts));
}

/** It follows the registrations in the stack and in docker-compose.yml, from which the chart is made. */
export const chart: Registration = { add: writeChartPrograms, remove: writeChartPrograms };
