import { join } from 'node:path';
import { jest } from '@jest/globals';
import type { SagaDefinition } from '@millrace/saga';
import type { Settings } from '@millrace/service-chassis/config';
import { SagaModule } from '@millrace/service-chassis/saga';
import { filesOf, workspace } from './workspace.ts';

/** The newest version of a saga, and the service that runs it. */
export interface ServiceSaga {
  readonly service: string;
  readonly definition: SagaDefinition;
}

/**
 * The sagas of every service, as its module gives them to `SagaModule` under the default settings. A
 * service has `src/NAME.module.ts`, which exports `NAMEModule`, and `src/config.ts`, which exports
 * `settings`. Nothing is started.
 */
export async function serviceSagas(): Promise<readonly ServiceSaga[]> {
  const found: ServiceSaga[] = [];
  for (const path of filesOf('apps/*/src/*.module.ts')) {
    const [, service = ''] = path.split('/');
    if (path !== `apps/${service}/src/${service}.module.ts`) continue;
    for (const definition of await sagasOf(service)) found.push({ service, definition });
  }
  return found;
}

async function sagasOf(service: string): Promise<readonly SagaDefinition[]> {
  const { settings } = (await import(join(workspace, 'apps', service, 'src/config.ts'))) as {
    readonly settings: Settings;
  };
  const exported = (await import(join(workspace, 'apps', service, `src/${service}.module.ts`))) as Readonly<
    Record<string, unknown>
  >;
  const name = `${service.replaceAll(/-(\w)/g, (_, letter: string) => letter.toUpperCase())}Module`;
  const module = exported[name];
  if (typeof module !== 'function')
    throw new Error(`apps/${service}/src/${service}.module.ts exports no ${name}`);
  const forRoot = jest.spyOn(SagaModule, 'forRoot');
  try {
    module(defaultsOf(settings));
    return forRoot.mock.calls.flatMap(([{ sagas }]) => sagas.map(({ versions }) => versions.at(-1)!));
  } finally {
    forRoot.mockRestore();
  }
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
