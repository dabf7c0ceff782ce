/** The `SagaEngine` of a service that runs sagas. */
export const SAGA_ENGINE = Symbol('SagaEngine');
