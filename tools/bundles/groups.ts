import { existsSync, readdirSync } from 'node:fs';
import { join } from 'node:path';

/** Programs that are bundled into one file. Each is evaluated only when it is started. */
export interface Group {
  readonly name: string;
  /** The paths of their `main.ts`, relative to the workspace. */
  readonly programs: readonly string[];
}

/**
 * Groups the programs of `apps/`. The services are one group, because nearly all modules of one are
 * modules of all. Every other app is a group of its own, so that the broker's file stays small.
 */
export function groupsOf(workspace: string): readonly Group[] {
  const apps = namesIn(join(workspace, 'apps'));
  const isService = (app: string) => existsSync(join(workspace, 'apps', app, 'src', `${app}.module.ts`));
  const services = apps.filter(isService);
  return [
    { name: 'services', programs: services.map((app) => `apps/${app}/src/main.ts`) },
    ...apps
      .filter((app) => !services.includes(app))
      .map((name) => ({ name, programs: mainsOf(workspace, name) })),
  ].filter(({ programs }) => programs.length > 0);
}

/** The app's own `main.ts` and those of its parts that start by themselves. */
function mainsOf(workspace: string, app: string): readonly string[] {
  const source = join('apps', app, 'src');
  return [
    join(source, 'main.ts'),
    ...namesIn(join(workspace, source)).map((part) => join(source, part, 'main.ts')),
  ].filter((main) => existsSync(join(workspace, main)));
}

const namesIn = (folder: string): readonly string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);
