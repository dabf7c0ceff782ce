/** The entry point for services that run stream applications. */
export {
  StreamsModule,
  streamsApp,
  streamStore,
  type StreamsModuleOptions,
} from './modules/stream-processing/streams.module.ts';
