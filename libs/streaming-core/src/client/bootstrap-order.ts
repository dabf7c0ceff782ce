import { kGetBootstrapConnection, type Base, type Connection } from '@platformatic/kafka';

/**
 * Which broker is asked first for what any of them knows. The library asks the first that takes a connection, and one that hangs still does: without
 * this, everybody would wait for it as long as it hangs. Shared by all that is made with the same settings.
 */
export class BootstrapOrder {
  #turn = 0;
  readonly #asked = new WeakMap<Base, Connection>();

  /** From now on this client begins with the broker whose turn it is. */
  guide(client: Base): void {
    const ask = client[kGetBootstrapConnection].bind(client);
    client[kGetBootstrapConnection] = (callback, attempt = 0) =>
      ask((error, connection) => {
        if (connection) this.#asked.set(client, connection);
        callback(error, connection);
      }, attempt + this.#turn);
  }

  /** The next one is asked from now on. */
  next(): void {
    this.#turn += 1;
  }

  /** The broker that was asked does not answer: the next one is asked, and whoever still waits for this one is told. */
  passOver(client: Base): void {
    this.next();
    void this.#asked.get(client)?.close();
  }
}
