import type { Logger } from '../runtime/index.ts';

/**
 * Passes a value through the interceptors in their order. If an interceptor throws, this logs the
 * error, and passes the value that the interceptor got to the next one.
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
      logger.warn({ err: error }, 'an interceptor of the Kafka client threw an error and was skipped');
    }
  return current;
}
