import type { Message } from '@millrace/streaming-core/contract';
import type { PublicMessage } from '@millrace/event-sourcing';

/** A message on its way from an outbox to its readers. */
export interface Letter {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly message: Message;
  readonly causationId: string;
  /** The saga to which it belongs, if its messages name one. */
  readonly saga?: string;
  /**
   * What a story calls it. The title does not depend on what happens to other orders, so that a shorter
   * story has the same titles.
   */
  readonly title?: string;
}

/** The messages of a service that are committed and not published yet. */
export class Outbox {
  readonly letters: Letter[] = [];
  readonly newId: () => string;
  /** The ids of the letters of each type and key so far. */
  readonly #known = new Map<string, string[]>();
  /** The sagas of handled messages, by the id of the message. */
  readonly #sagas = new Map<string, string>();

  constructor(newId: () => string) {
    this.newId = newId;
  }

  /** Whatever is published because of this message belongs to its saga, also after an external call. */
  belongs = (id: string, saga: string): void => void this.#sagas.set(id, saga);

  publish(messages: readonly PublicMessage[], causationId: string): readonly Letter[] {
    const letters = messages.map(({ messageType, key, message, saga = this.#sagas.get(causationId) }) => {
      const topic = messageType.topic.name;
      return { id: this.newId(), topic, key, message, causationId, ...(saga !== undefined && { saga }) };
    });
    for (const letter of letters) this.append(letter);
    return letters;
  }

  append(letter: Letter): void {
    const { id, key, message } = letter;
    const title = `${message.type} of ${key}`;
    const known = this.#known.get(title) ?? [];
    if (!known.includes(id)) known.push(id);
    this.#known.set(title, known);
    const number = known.indexOf(id) + 1;
    this.letters.push({ ...letter, title: number === 1 ? title : `${title} (${number})` });
  }
}

const partitions = 2;

interface Reader {
  /** Whether the service handles the message. It skips the others. */
  takes(letter: Letter): boolean;
}

/** A message that a service can take now. */
export interface WaitingLetter {
  readonly letter: Letter;
  take(): void;
}

/**
 * The topics in memory. A partition keeps the order of its messages, and each service reads each partition
 * at its own pace.
 */
export class SimulatedLog {
  /** The messages that a service has not taken, by service and partition. */
  readonly #queues: ReadonlyMap<Reader, Map<string, Letter[]>>;

  constructor(readers: readonly Reader[]) {
    this.#queues = new Map(readers.map((reader) => [reader, new Map<string, Letter[]>()]));
  }

  append(letter: Letter): void {
    const number = [...letter.key].reduce((sum, char) => sum + char.charCodeAt(0), 0) % partitions;
    const partition = `${letter.topic}/${number}`;
    for (const [reader, queues] of this.#queues) {
      if (!reader.takes(letter)) continue;
      const queue = queues.get(partition);
      if (queue === undefined) queues.set(partition, [letter]);
      else queue.push(letter);
    }
  }

  /** What the service can take now: the next message of each partition. */
  waiting(reader: Reader): readonly WaitingLetter[] {
    const queues = [...(this.#queues.get(reader)?.values() ?? [])];
    return queues.flatMap((queue) => {
      const [letter] = queue;
      return letter === undefined ? [] : [{ letter, take: () => void queue.shift() }];
    });
  }
}
