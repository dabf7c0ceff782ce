interface ShownMinute {
  readonly window_start: string;
  readonly page_url: string;
  readonly page_views: number;
}

/** Follows the live answer of the dashboard, as its page does. */
export class FollowedMinutes implements AsyncDisposable {
  readonly #closing: AbortController;
  readonly #following: Promise<void>;
  /** The views of each page by minute. */
  readonly #counts = new Map<string, Map<string, number>>();
  readonly #listeners = new Map<string, (count: number) => void>();

  private constructor(body: AsyncIterable<Uint8Array>, closing: AbortController) {
    this.#closing = closing;
    this.#following = this.#follow(body).catch((error: unknown) => {
      if (!this.#closing.signal.aborted) throw error;
    });
  }

  static async open(url: string): Promise<FollowedMinutes> {
    const closing = new AbortController();
    const { body, status } = await fetch(url, { signal: closing.signal });
    if (status !== 200 || body === null) throw new Error(`${url} answered ${status}`);
    return new FollowedMinutes(body, closing);
  }

  /** Calls back with the number of views of a page, of all its minutes, whenever it has changed. */
  onCount(page: string, listener: (count: number) => void): void {
    this.#listeners.set(page, listener);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#following;
  }

  async #follow(body: AsyncIterable<Uint8Array>): Promise<void> {
    const decoder = new TextDecoder();
    let text = '';
    for await (const bytes of body) {
      text += decoder.decode(bytes, { stream: true });
      const events = text.split('\n\n');
      text = events.pop() ?? '';
      for (const event of events) this.#take(event);
    }
  }

  #take(event: string): void {
    const data = event.split('\n').find((line) => line.startsWith('data: '));
    if (data === undefined) return;
    const { minutes = [] } = JSON.parse(data.slice('data: '.length)) as { minutes?: readonly ShownMinute[] };
    for (const { page_url, window_start, page_views } of minutes) {
      const listener = this.#listeners.get(page_url);
      if (listener === undefined) continue;
      const counts = this.#counts.get(page_url) ?? new Map<string, number>();
      this.#counts.set(page_url, counts.set(window_start, page_views));
      listener([...counts.values()].reduce((sum, count) => sum + count, 0));
    }
  }
}
