/** The entry point for services that run stream applications. */
export { streamStore, streamsApp } from './stream-processing/stream-tokens.ts';
export { StreamsModule, type StreamsModuleOptions } from './stream-processing/streams.module.ts';
