/** The entry point for services that run stream applications. */
export { streamStores, type StreamStores } from './stream-processing/stream-stores.ts';
export { streamsApp, StreamsModule, type StreamsModuleOptions } from './stream-processing/streams.module.ts';
