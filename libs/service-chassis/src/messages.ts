/**
 * The entry point for the message handlers of a service, and for the module that connects them to
 * the log.
 */
export { recording } from './events/recording.ts';
export { Handles } from './messaging/handles.ts';
export { MessagingModule } from './messaging/messaging.module.ts';
