import { randomUUID } from 'node:crypto';
import { Controller, HttpCode, Injectable, Param, Post } from '@nestjs/common';
import { Describe, ProblemError } from '@millrace/service-chassis/app';
import { pause, systemClock } from '@millrace/streaming-core/runtime';
import { BehaviorSubject, type Observable } from 'rxjs';
import { z } from 'zod';
import type { JobView } from '../api/jobs.ts';

/** The result of one page of a job. */
export interface JobPage {
  readonly acted: number;
  /** The reasons for refusals, one sentence each. */
  readonly refused: readonly string[];
}

export interface Job extends Pick<JobView, 'title' | 'actor' | 'reason'> {
  readonly total?: number | undefined;
  /** The number of things per second. By default the job runs as fast as the services answer. */
  readonly perSecond?: number | undefined;
  /** Acts on one page after the other, each time the consumer asks for the next. */
  readonly pages: () => AsyncIterable<JobPage>;
}

const keptMax = 50;
const runningMax = 5;
const refusalsMax = 20;

/** The jobs that are running, and the latest that have ended. They end with the console. */
@Injectable()
export class Jobs {
  readonly #views = new BehaviorSubject<readonly JobView[]>([]);
  readonly #stops = new Map<string, AbortController>();

  /** All jobs, the newest first. */
  get views(): Observable<readonly JobView[]> {
    return this.#views;
  }

  /** Starts a job and returns at once. Throws a 429 if too many run. */
  start(job: Job): JobView {
    if (this.#stops.size >= runningMax) {
      const title = `${runningMax} acts on many things run: wait for one, or stop it`;
      throw new ProblemError(429, 'too_many_jobs', title);
    }
    const { title, actor, reason, total = null } = job;
    const view: JobView = {
      id: randomUUID(),
      title,
      actor,
      reason,
      state: 'running',
      acted: 0,
      refused: 0,
      refusals: [],
      total,
      failure: null,
      startedAt: timeNow(),
      endedAt: null,
    };
    this.#views.next([view, ...this.#views.value].slice(0, keptMax));
    const stop = new AbortController();
    this.#stops.set(view.id, stop);
    void this.#run(view.id, job, stop.signal);
    return view;
  }

  /** Stops a job after its present page. Throws a 404 for a job that does not run. */
  stop(id: string): void {
    const stop = this.#stops.get(id);
    if (stop === undefined) throw new ProblemError(404, 'unknown_job', 'No such act runs');
    stop.abort();
    this.#change(id, () => ({ state: 'stopping' }));
  }

  stopAll(): void {
    for (const stop of this.#stops.values()) stop.abort();
  }

  async #run(id: string, { pages, perSecond = Infinity }: Job, signal: AbortSignal): Promise<void> {
    let end: Partial<JobView> = { state: 'done' };
    try {
      for await (const { acted, refused } of pages()) {
        this.#change(id, (before) => ({
          acted: before.acted + acted,
          refused: before.refused + refused.length,
          refusals: [...refused, ...before.refusals].slice(0, refusalsMax),
        }));
        if (!signal.aborted) await pause(systemClock, ((acted + refused.length) / perSecond) * 1_000, signal);
        if (signal.aborted) {
          end = { state: 'stopped' };
          break;
        }
      }
    } catch (error) {
      end = { state: 'failed', failure: error instanceof Error ? error.message : String(error) };
    }
    this.#stops.delete(id);
    this.#change(id, () => ({ ...end, endedAt: timeNow() }));
  }

  #change(id: string, change: (before: JobView) => Partial<JobView>): void {
    this.#views.next(this.#views.value.map((view) => (view.id === id ? { ...view, ...change(view) } : view)));
  }
}

@Controller('api/jobs')
export class JobsController {
  constructor(private readonly jobs: Jobs) {}

  @Post(':id/stop')
  @HttpCode(204)
  @Describe({
    summary: 'Stop a job after its current page',
    answers: { 204: null },
    problems: { 403: ['read_only'], 404: ['unknown_job'] },
  })
  stop(@Param('id', { schema: z.string() }) id: string): void {
    this.jobs.stop(id);
  }
}

const timeNow = (): string => new Date(systemClock.now()).toISOString();
