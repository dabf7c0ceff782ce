import type { Message } from '@millrace/streaming-core/contract';
import type { PublicMessage } from '@millrace/event-sourcing';

/** A message on its way. */
export interface Letter {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly message: Message;
  readonly causationId: string;
}

/** Topics in memory: one queue for each key of each topic, which keeps its order; between queues there is none. */
export class ModelLog {
  readonly #queues = new Map<string, Letter[]>();
  #ids = 0;

  newId = (): string => `message-${++this.#ids}`;

  publish(messages: readonly PublicMessage[], causationId: string): void {
    for (const { messageType, key, message } of messages)
      this.append({ id: this.newId(), topic: messageType.topic.name, key, message, causationId });
  }

  append(letter: Letter): void {
    const name = `${letter.topic} ${letter.key}`;
    this.#queues.set(name, [...(this.#queues.get(name) ?? []), letter]);
  }

  /** Queues that hold something, in the order in which they came into being. */
  get waiting(): readonly string[] {
    return [...this.#queues].filter(([, letters]) => letters.length > 0).map(([name]) => name);
  }

  /** The first letter of the queue comes last. */
  putBack(name: string): void {
    const [letter, ...rest] = this.#queues.get(name) ?? [];
    if (letter !== undefined) this.#queues.set(name, [...rest, letter]);
  }

  /** With `again`, as after a crash of a relay: the letter comes a second time, behind what was published since. */
  take(name: string, again: boolean): Letter | undefined {
    const [letter, ...rest] = this.#queues.get(name) ?? [];
    if (letter !== undefined) this.#queues.set(name, again ? [...rest, letter] : rest);
    return letter;
  }
}
