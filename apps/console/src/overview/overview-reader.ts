import { Injectable } from '@nestjs/common';
import { judgedMetrics } from '@millrace/operations/alarms';
import { askProcesses, withStops } from '@millrace/operations/client';
import { systemClock } from '@millrace/streaming-core/runtime';
import type { Observable } from 'rxjs';
import type { Overview } from '../api/overview.ts';
import { Sources, type Reading } from '../live/sources.ts';
import { System } from '../system/system.ts';
import { overviewOf, shownMetrics, type Seen } from './overview.ts';
import { OverviewHistory } from './overview-history.ts';

/** The metrics that are requested, since all of them would cost every process ten times as much. */
const metrics: readonly string[] = [...new Set([...judgedMetrics, ...shownMetrics])];

/**
 * The limit on an answer. The look waits for every process, so one that hangs soon counts as
 * silent.
 */
const answerMsMax = 2_500;

/** How often every process is asked for its readiness and its metrics while a page is open. */
const everyMs = 2_000;

/** The overview, which every page follows for the alarms in its heading. */
@Injectable()
export class OverviewReader {
  readonly history = new OverviewHistory();
  #seen: Seen | undefined;

  constructor(
    private readonly system: System,
    private readonly sources: Sources,
  ) {}

  get readings(): Observable<Reading<Overview>> {
    return this.sources.follow('overview', { everyMs, read: () => this.#look() });
  }

  async #look(): Promise<Overview> {
    const { addresses } = this.system;
    const urls = addresses.processes();
    if (Object.keys(urls).length === 0)
      throw addresses.noStack('set MILLRACE_SERVICES for the console, such as order=http://HOST:PORT');
    const reports = await withStops(addresses, await askProcesses(urls, { metrics, answerMsMax }));
    const look = { atMs: systemClock.monotonic(), services: addresses.services(), reports };
    this.#seen = overviewOf(look, this.#seen);
    this.history.add(this.#seen.overview, systemClock.now());
    return this.#seen.overview;
  }
}
