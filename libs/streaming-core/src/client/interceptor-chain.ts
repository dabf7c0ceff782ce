import type { Logger } from '../runtime/index.ts';

/**
 * Passes a value through the interceptors in their order. One that throws is logged and passed
 * over: the next one gets the value that it was given.
 */
export function throughInterceptors<Interceptor, Value>(
  interceptors: readonly Interceptor[],
  logger: Logger,
  value: Value,
  call: (interceptor: Interceptor, value: Value) => Value,
): Value {
  let current = value;
  for (const interceptor of interceptors)
    try {
      current = call(interceptor, current);
    } catch (error) {
      logger.warn({ err: error }, 'an interceptor of the Kafka client threw an error and was passed over');
    }
  return current;
}
