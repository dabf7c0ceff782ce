import { describe, expect, it } from '@jest/globals';
import { createCommits } from '../database/commits.ts';
import { wokenByCommits } from './woken-by-commits.ts';

describe('workers that commits wake', () => {
  it('are woken while they run, and only then', async () => {
    const told: string[] = [];
    const worker = (name: string) => ({
      start: () => void told.push(`start ${name}`),
      stop: async () => void told.push(`stop ${name}`),
      notify: () => void told.push(`wake ${name}`),
    });
    const commits = createCommits();
    const workers = wokenByCommits(commits, [worker('bookings'), worker('deliveries')]);
    commits.announce();
    await workers.start();
    commits.announce();
    await workers.stop();
    commits.announce();
    expect(told).toEqual(['start bookings', 'start deliveries', 'wake bookings', 'wake deliveries', 'stop bookings', 'stop deliveries']);
  });
});
