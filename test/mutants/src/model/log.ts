import type { Message } from '@millrace/streaming-core/contract';
import type { PublicMessage } from '@millrace/event-sourcing';

/** A message that has not been delivered yet. */
export interface Letter {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly message: Message;
  readonly causationId: string;
}

/** The topics in memory. Each key of each topic has a queue; there is no order among queues. */
export class ModelLog {
  readonly #queues = new Map<string, Letter[]>();
  #ids = 0;

  newId = (): string => `message-${++this.#ids}`;

  publish(messages: readonly PublicMessage[], causationId: string): readonly Letter[] {
    const letters = messages.map(({ messageType, key, message }) => {
      return { id: this.newId(), topic: messageType.topic.name, key, message, causationId };
    });
    for (const letter of letters) this.append(letter);
    return letters;
  }

  append(letter: Letter): void {
    const name = `${letter.topic} ${letter.key}`;
    this.#queues.set(name, [...(this.#queues.get(name) ?? []), letter]);
  }

  /** The queues that are not empty, oldest first. */
  get waiting(): readonly string[] {
    return [...this.#queues].filter(([, letters]) => letters.length > 0).map(([name]) => name);
  }

  /** Moves the first letter of the queue to its end. */
  putBack(name: string): void {
    const [letter, ...rest] = this.#queues.get(name) ?? [];
    if (letter !== undefined) this.#queues.set(name, [...rest, letter]);
  }

  /**
   * Takes the first letter. With `again`, a copy goes to the end of the queue, as happens after a
   * crash of a relay.
   */
  take(name: string, again: boolean): Letter | undefined {
    const [letter, ...rest] = this.#queues.get(name) ?? [];
    if (letter !== undefined) this.#queues.set(name, again ? [...rest, letter] : rest);
    return letter;
  }
}
