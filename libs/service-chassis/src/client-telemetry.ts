/** The entry point for programs that use the Kafka client without the chassis. */
export { observeClients } from './telemetry/client-spans.ts';
