import { jest } from '@jest/globals';
import type { SagaDefinition } from '@millrace/saga';
import { SagaModule } from '@millrace/service-chassis/saga';
import { appModules, type AppModule } from './app-modules.ts';

/** The newest version of a saga, and the service that runs it. */
export interface ServiceSaga {
  readonly service: string;
  readonly definition: SagaDefinition;
}

/** The sagas of every service, as its module gives them to `SagaModule` under the default settings. */
export async function serviceSagas(): Promise<readonly ServiceSaga[]> {
  return (await appModules()).flatMap((module) =>
    sagasOf(module).map((definition) => ({ service: module.app, definition })),
  );
}

function sagasOf({ make }: AppModule): readonly SagaDefinition[] {
  const forRoot = jest.spyOn(SagaModule, 'forRoot');
  try {
    make();
    return forRoot.mock.calls.flatMap(([{ sagas }]) => sagas.map(({ versions }) => versions.at(-1)!));
  } finally {
    forRoot.mockRestore();
  }
}
