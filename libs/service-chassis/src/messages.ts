/** For the message handlers of a service, and the module that connects them to the log. */
export { recording } from './events/recording.ts';
export { Handles } from './messaging/handles.ts';
export { MessagingModule } from './messaging/messaging.module.ts';
