import type { Message } from '@millrace/streaming-core/contract';
import type { PublicMessage } from '@millrace/event-sourcing';

/** A message on its way from an outbox to its readers. */
export interface Letter {
  readonly id: string;
  readonly topic: string;
  readonly key: string;
  readonly message: Message;
  readonly causationId: string;
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

  constructor(newId: () => string) {
    this.newId = newId;
  }

  publish(messages: readonly PublicMessage[], causationId: string): readonly Letter[] {
    const letters = messages.map(({ messageType, key, message }) => {
      return { id: this.newId(), topic: messageType.topic.name, key, message, causationId };
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

/**
 * The topics in memory. A partition keeps the order of its messages, and each service reads each partition
 * at its own pace.
 */
export class SimulatedLog {
  readonly #partitions = new Map<string, Letter[]>();
  readonly #offsets = new Map<string, number>();

  append(letter: Letter): void {
    const number = [...letter.key].reduce((sum, char) => sum + char.charCodeAt(0), 0) % partitions;
    const name = `${letter.topic}/${number}`;
    this.#partitions.set(name, [...(this.#partitions.get(name) ?? []), letter]);
  }

  /** The partitions of these topics that have messages which the service has not taken. */
  waiting(service: string, topics: readonly string[]): readonly string[] {
    return [...this.#partitions.keys()].filter(
      (name) => topics.includes(name.split('/')[0] ?? '') && this.next(service, name) !== undefined,
    );
  }

  next(service: string, partition: string): Letter | undefined {
    return this.#partitions.get(partition)?.[this.#offsets.get(`${service} ${partition}`) ?? 0];
  }

  take(service: string, partition: string): Letter | undefined {
    const letter = this.next(service, partition);
    const reads = `${service} ${partition}`;
    if (letter !== undefined) this.#offsets.set(reads, (this.#offsets.get(reads) ?? 0) + 1);
    return letter;
  }
}
