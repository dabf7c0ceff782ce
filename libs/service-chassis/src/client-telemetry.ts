/** The entry point for programs that use the Kafka client without the chassis. */
export { observeClients } from './observability/telemetry/client-spans.ts';
