import { describe, expect, it } from '@jest/globals';
import { createCommits, wokenByCommits } from './commits.ts';

describe('commits that leave work', () => {
  it('wake the workers that they leave it for, but only while these run', async () => {
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

  it('are passed on to other processes unless a worker of this one is in charge', async () => {
    const passedOn: string[][] = [];
    const commits = createCommits();
    commits.passOnTo((workers) => void passedOn.push([...workers]));
    const idle = { start: () => undefined, stop: async () => undefined, notify: () => undefined };
    const relay = { ...idle, worker: 'relay', inCharge: false };
    const bookings = { ...idle, worker: 'bookings' };
    await wokenByCommits(commits, [relay, bookings]).start();

    commits.announce(new Set(['relay', 'bookings', 'deliveries']));
    relay.inCharge = true;
    commits.announce(new Set(['relay', 'bookings']));

    expect(passedOn).toEqual([['relay', 'deliveries']]);
  });
});
