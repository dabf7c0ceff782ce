import { describe, expect, it } from '@jest/globals';
import { createCommits } from '../database/commits.ts';
import { wokenByCommits } from './woken-by-commits.ts';

describe('workers woken by commits', () => {
  it('wake up for commits that leave them work, but only while they run', async () => {
    const told: string[] = [];
    const worker = (name: string) => ({
      worker: name,
      start: () => void told.push(`start ${name}`),
      stop: async () => void told.push(`stop ${name}`),
      notify: () => void told.push(`wake ${name}`),
    });
    const commits = createCommits();
    const workers = wokenByCommits(commits, [worker('bookings'), worker('deliveries')]);
    const all = new Set(['bookings', 'deliveries']);
    commits.announce(all);
    await workers.start();
    commits.announce(all);
    commits.announce(new Set(['relay']));
    commits.announce(new Set(['relay', 'deliveries']));
    await workers.stop();
    commits.announce(all);
    expect(told).toEqual([
      'start bookings',
      'start deliveries',
      'wake bookings',
      'wake deliveries',
      'wake deliveries',
      'stop bookings',
      'stop deliveries',
    ]);
  });
});
