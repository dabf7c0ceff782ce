import type { SagaEngine } from '@millrace/saga';
import { token } from '../../ground/provide.ts';

/**
 * The engine of the service's sagas, which `SagaModule` provides.
 *
 * @example
 * ```ts
 * import { Inject, Injectable } from '@nestjs/common';
 * import type { SagaEngine } from '@millrace/saga';
 * import { SAGA_ENGINE } from '@millrace/service-chassis/saga';
 *
 * @Injectable()
 * export class Rooms {
 *   constructor(@Inject(SAGA_ENGINE) readonly sagas: SagaEngine) {}
 * }
 * ```
 */
export const SAGA_ENGINE = token<SagaEngine>('SagaEngine');
