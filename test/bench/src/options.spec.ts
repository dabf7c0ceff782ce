import { describe, expect, it } from '@jest/globals';
import { brokerBenchOptions, wantedMeasures } from './broker/options.ts';
import { benchOptions } from './options.ts';
import { between } from './report.ts';
import { backlogBenchOptions, hasBacklog, scaleBenchOptions } from './scale/options.ts';
import { streamsBenchOptions } from './streams/options.ts';

const defaults = { rounds: 3, seconds: 1.5, only: '', quick: false, write: false };
const largest = { rounds: 20, seconds: 60 };

describe('the options of a bench', () => {
  it('have the defaults and the types of the defaults', () => {
    expect(benchOptions(['--rounds', '2', '--quick'], defaults, largest)).toEqual({
      ...defaults,
      rounds: 2,
      quick: true,
    });
    expect(benchOptions(['--seconds=0.5', '--only=a'], defaults, largest)).toMatchObject({
      seconds: 0.5,
      only: 'a',
    });
  });

  it.each([
    [['--rounds', '0']],
    [['--rounds', '1.5']],
    [['--rounds', '21']],
    [['--seconds', 'x']],
    [['--seconds', '60.1']],
    [['--seconds', 'Infinity']],
    [['--quick', '--write']],
    [['--only', 'a', '--write']],
  ])('name the one that is wrong: %j', (values) => {
    expect(() => benchOptions(values, defaults, largest)).toThrow(/^--/);
  });

  it('name the largest value of a number', () => {
    expect(() => benchOptions(['--rounds', '21'], defaults, largest)).toThrow(
      '--rounds must be a whole number above 0 and at most 20, not "21"',
    );
    expect(() => streamsBenchOptions(['--records', '10000001'])).toThrow('at most 10000000');
    expect(benchOptions(['--rounds', '20', '--seconds', '60'], defaults, largest)).toMatchObject({
      rounds: 20,
      seconds: 60,
    });
  });

  it('choose the main measures of the broker for --quick, or measures by parts of their names', () => {
    const names = (values: readonly string[]) =>
      wantedMeasures(brokerBenchOptions(values)).map(({ name }) => name);
    expect(names(['--quick'])).not.toContain('produce 100 B, 1000 partitions');
    expect(names(['--only', 'consume'])).toEqual(['consume 100 B', 'consume 1 KB']);
    expect(names([])).toHaveLength(13);
    expect(() => brokerBenchOptions(['--only', 'nothing'])).toThrow('--only nothing');
  });

  it('choose topologies by name, the broker, and the numbers of processes', () => {
    expect(streamsBenchOptions(['--quick', '--only', 'restore'])).toMatchObject({
      rounds: 1,
      records: 100_000,
    });
    expect(() => streamsBenchOptions(['--only', 'joins'])).toThrow('--only joins is no topology');
    expect(() => streamsBenchOptions(['--on', 'rabbit'])).toThrow('--on must be ours or kafka');
    expect(scaleBenchOptions(['--counts', '4,2']).counts).toEqual([1, 2, 4]);
    expect(() => scaleBenchOptions(['--counts', '2,x'])).toThrow('--counts');
  });

  it('measure a backlog with the threshold of the Helm chart, and with no option of the other mode', () => {
    expect(hasBacklog(['--rounds', '1', '--backlog', '60'])).toBe(true);
    expect(hasBacklog(['--backlog=60'])).toBe(true);
    expect(hasBacklog(['--counts', '2'])).toBe(false);
    expect(backlogBenchOptions(['--backlog', '60'])).toMatchObject({
      backlog: 60,
      'lag-threshold': 500,
      rounds: 2,
    });
    expect(() => backlogBenchOptions(['--backlog', '0'])).toThrow('--backlog must be a whole number');
    expect(() => backlogBenchOptions(['--backlog', '60', '--counts', '2'])).toThrow('--counts');
  });
});

describe('a page with markers', () => {
  it('gets the numbers between them', () => {
    const page = between('before\n<!-- scale -->\nstale\n<!-- /scale -->\nafter\n', 'scale', 'new');
    expect(page).toBe('before\n<!-- scale -->\n\nnew\n\n<!-- /scale -->\nafter\n');
    expect(() => between('no markers', 'scale', 'new')).toThrow('<!-- scale -->');
  });
});
