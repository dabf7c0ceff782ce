import type { SagaEngine } from '@millrace/saga';
import { token } from '../../ground/provide.ts';

/** The engine of the service's sagas, which `SagaModule` provides. */
export const SAGA_ENGINE = token<SagaEngine>('SagaEngine');
