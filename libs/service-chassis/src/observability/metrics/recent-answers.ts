import { hours, minutes, seconds, type Clock, type DurationMs } from '@millrace/streaming-core/runtime';
import { Gauge, type Registry } from 'prom-client';

interface Slot {
  /** Which span of time it counts, from the start of the clock. */
  readonly index: number;
  answers: number;
  errors: number;
}

const slotMs = seconds(15);

/** The windows in which the rules about the error budget look. */
const windows = { '5m': minutes(5), '1h': hours(1) } as const;
const slotsMax = Math.ceil(windows['1h'] / slotMs) + 1;

/**
 * Counts the answers of this process within the last minutes and hour, for whoever has no Prometheus
 * to calculate a rate. A window may be longer by one slot.
 */
export class RecentAnswers {
  readonly #clock: Pick<Clock, 'monotonic'>;
  readonly #slots: Slot[] = [];

  constructor(clock: Pick<Clock, 'monotonic'>) {
    this.#clock = clock;
  }

  count(status: number): void {
    const index = Math.floor(this.#clock.monotonic() / slotMs);
    let last = this.#slots.at(-1);
    if (last?.index !== index) {
      last = { index, answers: 0, errors: 0 };
      this.#slots.push(last);
      if (this.#slots.length > slotsMax) this.#slots.shift();
    }
    last.answers += 1;
    if (status >= 500) last.errors += 1;
  }

  within(windowMs: DurationMs): Omit<Slot, 'index'> {
    const first = Math.floor((this.#clock.monotonic() - windowMs) / slotMs);
    const found = { answers: 0, errors: 0 };
    for (const { index, answers, errors } of this.#slots) {
      if (index < first) continue;
      found.answers += answers;
      found.errors += errors;
    }
    return found;
  }
}

/** Shows the counts on `/metrics`. */
export function showRecentAnswers(registry: Registry, recent: RecentAnswers): void {
  const show = (name: string, help: string, figure: 'answers' | 'errors') =>
    new Gauge({
      name,
      help,
      labelNames: ['window'] as const,
      registers: [registry],
      collect() {
        for (const [window, windowMs] of Object.entries(windows))
          this.set({ window }, recent.within(windowMs)[figure]);
      },
    });
  show(
    'millrace_http_requests_recent',
    'Requests that this process has answered within the last 5m and 1h (label window)',
    'answers',
  );
  show(
    'millrace_http_server_errors_recent',
    'Those of them that were answered with 5xx, by the same windows; `millrace status` judges their share',
    'errors',
  );
}
