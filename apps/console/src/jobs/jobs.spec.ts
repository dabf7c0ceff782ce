import { describe, expect, it } from '@jest/globals';
import { filter, firstValueFrom, map } from 'rxjs';
import type { JobView } from '../api/jobs.ts';
import { Jobs, type Job, type JobPage } from './jobs.ts';

const ended = (jobs: Jobs): Promise<JobView> =>
  firstValueFrom(
    jobs.views.pipe(
      map(([job]) => job as JobView),
      filter(({ endedAt }) => endedAt !== null),
    ),
  );
const job = (pages: Job['pages'], more: Partial<Job> = {}): Job => ({
  title: 'retry sagas',
  actor: 'ada',
  reason: 'INC-7',
  pages,
  ...more,
});
async function* endless(): AsyncGenerator<JobPage> {
  for (;;) yield { acted: 1, refused: [] };
}

describe('an act on many things', () => {
  it('counts what it has done and what was refused, page by page', async () => {
    const jobs = new Jobs();
    jobs.start(
      job(async function* () {
        yield { acted: 2, refused: [] };
        yield { acted: 1, refused: ['order: it has changed'] };
      }),
    );
    expect(await ended(jobs)).toMatchObject({
      title: 'retry sagas',
      actor: 'ada',
      state: 'done',
      acted: 3,
      refused: 1,
      refusals: ['order: it has changed'],
    });
  });

  it('says why it has failed, and keeps what it had done', async () => {
    const jobs = new Jobs();
    jobs.start(
      job(async function* () {
        yield { acted: 2, refused: [] };
        throw new Error('order does not answer');
      }),
    );
    expect(await ended(jobs)).toMatchObject({ state: 'failed', acted: 2, failure: 'order does not answer' });
  });

  it('ends after the page that is under way when it is stopped, however slow its rate', async () => {
    const jobs = new Jobs();
    const { id } = jobs.start(job(endless, { perSecond: 0.1 }));
    await firstValueFrom(jobs.views.pipe(filter(([view]) => view?.acted === 1)));
    jobs.stop(id);
    expect(await ended(jobs)).toMatchObject({ state: 'stopped', acted: 1 });
    expect(() => jobs.stop(id)).toThrow('No such act runs');
  });

  it('is refused while five others run', async () => {
    const jobs = new Jobs();
    for (let count = 0; count < 5; count += 1) jobs.start(job(endless, { perSecond: 0.1 }));
    expect(() => jobs.start(job(endless))).toThrow('wait for one, or stop it');
    jobs.stopAll();
    await ended(jobs);
  });
});
