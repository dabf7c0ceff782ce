import { join } from 'node:path';
import type { DynamicModule } from '@nestjs/common';
import type { Settings } from '@millrace/service-chassis/config';
import { filesOf, workspace } from './workspace.ts';

/** The module of an app, which has `src/NAME.module.ts` with `NAMEModule`, and `src/config.ts` with `settings`. */
export interface AppModule {
  readonly app: string;
  /** Makes the module under the default settings, or those that are given. It starts nothing. */
  readonly make: (given?: Readonly<Record<string, unknown>>) => DynamicModule;
}

/** The modules of every app that has one. */
export async function appModules(): Promise<readonly AppModule[]> {
  const found: AppModule[] = [];
  for (const path of filesOf('apps/*/src/*.module.ts')) {
    const [, app = ''] = path.split('/');
    if (path === `apps/${app}/src/${app}.module.ts`) found.push(await moduleOf(app, path));
  }
  return found;
}

async function moduleOf(app: string, path: string): Promise<AppModule> {
  const { settings } = (await import(join(workspace, 'apps', app, 'src/config.ts'))) as {
    readonly settings: Settings;
  };
  const exported = (await import(join(workspace, path))) as Readonly<Record<string, unknown>>;
  const name = `${app.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Module`;
  const module = exported[name];
  if (typeof module !== 'function') throw new Error(`${path} exports no ${name}`);
  const make = module as (config: object) => DynamicModule;
  return { app, make: (given = {}) => make({ ...defaultsOf(settings), ...given }) };
}

/** The values of settings by default, or of their examples where they have no default. */
const defaultsOf = (settings: Settings): Readonly<Record<string, unknown>> =>
  Object.fromEntries(
    Object.entries(settings).map(([name, setting]) => {
      if ('readTogether' in setting) return [name, setting.readTogether({})];
      const byDefault = setting.schema.safeParse(undefined);
      return [name, byDefault.success ? byDefault.data : setting.schema.parse(setting.example)];
    }),
  );
