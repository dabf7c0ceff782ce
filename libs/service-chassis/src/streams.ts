/** The entry point for services that run stream applications. */
export { streamStore, streamsApp } from './modules/stream-processing/streams.module.ts';
export { StreamsModule, type StreamsModuleOptions } from './modules/stream-processing/streams.module.ts';
