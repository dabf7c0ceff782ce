import {
  decideAndRecord,
  isRejected,
  type Decider,
  type DomainEvent,
  type Publish,
  type Recorder,
} from '@millrace/event-sourcing';
import type { SagaEngineOptions } from '@millrace/saga';
import type { Message } from '@millrace/streaming-core/contract';
import type { OutboxMessage } from '@millrace/streaming-core/outbox';
import { metadataOf, recording } from '../events/recording.ts';

/** The means to decide the commands of local pivots, on a stream of the service. */
export interface LocalCommands<Command, Event extends DomainEvent, State> {
  stream(sagaId: string): string;
  readonly decider: Decider<Command, Event, State>;
  /** Turns a command of the saga into one of the decider. `at` is the command's time. */
  command(message: Message, at: string): Command;
}

/**
 * Decides and records as a handler of the command would: the events have the command's id as their
 * cause, and their public messages are published. Every reply to a pivot is an event, so a
 * rejection by the domain is an error.
 */
export const localCommandHandler =
  <Command, Event extends DomainEvent, State>(
    recorder: Recorder,
    { stream, decider, command }: LocalCommands<Command, Event, State>,
  ): NonNullable<SagaEngineOptions['local']> =>
  async (transaction, { key, message, attributes }) => {
    let written: readonly OutboxMessage[] = [];
    const publish: Publish = async (within, events) =>
      (written = (await recorder.publish?.(within, events)) ?? []);
    const outcome = await decideAndRecord(
      { transaction, recorder: { ...recorder, publish }, ...recording(metadataOf(attributes)) },
      decider,
      stream(key),
      command(message, attributes.time),
    );
    if (isRejected(outcome)) throw new Error(`${message.type} was rejected: ${outcome.rejected}`);
    return written;
  };
