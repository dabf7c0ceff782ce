/**
 * The entry point for the message handlers of a service, and for the module that connects them to
 * the log.
 */
export { metadataOf, recording } from './modules/events/recording.ts';
export { Handles } from './modules/messaging/consumer-transport.ts';
export { MessagingModule } from './modules/messaging/messaging.module.ts';
