import { EventEmitter } from 'node:events';
import type { ServerResponse } from 'node:http';

/** A response whose client reads, unless `isFull` says that it does not. */
export class TestResponse extends EventEmitter {
  isFull = false;
  isDestroyed = false;

  get writableNeedDrain(): boolean {
    return this.isFull;
  }

  destroy(): void {
    this.isDestroyed = true;
    this.emit('close');
  }

  /** The response as code that answers over HTTP expects it. It has no more than that code uses. */
  get raw(): ServerResponse {
    return this as unknown as ServerResponse;
  }
}
