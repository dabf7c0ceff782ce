/**
 * The entry point for the module of a service that runs sagas. The other entry points do not load
 * the saga library.
 */
export { SAGA_ENGINE } from './modules/saga/saga-engine.token.ts';
export type { ProcessInstance, ProcessInstances } from './modules/saga/operated-processes.ts';
export { SagaModule, serviceSaga, type ServiceProcess } from './modules/saga/saga.module.ts';
