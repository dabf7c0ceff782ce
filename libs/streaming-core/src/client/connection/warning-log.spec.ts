import { describe, expect, it, jest } from '@jest/globals';
import { ManualClock } from '../../runtime/manual-clock.fake.ts';
import { ClientError } from '../errors/client-error.ts';
import { connectionSettings } from './connection-settings.ts';
import { WarningLog } from './warning-log.ts';

const logging = () => {
  const clock = new ManualClock();
  const lines: string[] = [];
  return {
    clock,
    lines,
    log: new WarningLog({ clientId: 'shop', clock, write: (line) => lines.push(line) }),
  };
};

describe('the log of a client that is given no logger', () => {
  it('Q18 writes warnings and errors, one line each, and nothing else', () => {
    const { lines, log } = logging();

    log.debug();
    log.info();
    log.warn({ groupId: 'payment', attempts: 3, partitions: [] }, 'could not join');
    log.error({ err: new ClientError('unreachable', 'no broker\nanswers') }, 'gave up');

    expect(lines).toEqual([
      expect.stringMatching(
        /^\S+Z warning of Kafka client shop: could not join \(groupId: payment, attempts: 3\)\n$/,
      ),
      expect.stringMatching(/^\S+Z error of Kafka client shop: gave up \(reason: no broker answers\)\n$/),
    ]);
  });

  it('Q18 shows the class of an error of the application, but not its text, which may be about a person', () => {
    const { lines, log } = logging();

    log.error({ error: new TypeError('no mail to zora@x') }, 'the delivery callback of a record threw');

    expect(lines.join('')).toContain('(reason: TypeError)');
    expect(lines.join('')).not.toContain('zora');
  });

  it('Q18 repeats a text once a minute, with the number of lines that it has left out', async () => {
    const { clock, lines, log } = logging();
    for (let second = 0; second < 61; second += 1) {
      log.warn({}, 'a broker did not answer');
      await clock.advance(1_000);
    }
    log.warn({}, 'a broker did not answer');

    expect(lines).toHaveLength(2);
    expect(lines[1]).toContain('a broker did not answer [59 more since the last such line]');
  });

  it('Q18 cannot be flooded by texts that always differ', () => {
    const { lines, log } = logging();

    for (let index = 0; index < 1_000; index += 1) log.warn({}, `topic-${index} is missing`);

    expect(lines).toHaveLength(21);
  });

  it('Q18 is that of standard error by default, and is replaced by the logger that is given', () => {
    const stderr = jest.spyOn(process.stderr, 'write').mockReturnValue(true);
    const place = { bootstrapServers: ['127.0.0.1:1'], clientId: 'shop' };
    const warn = jest.fn();
    const nothing = () => undefined;

    connectionSettings(place).logger.warn({}, 'on standard error');
    connectionSettings({
      ...place,
      logger: { debug: nothing, info: nothing, warn, error: nothing },
    }).logger.warn({}, 'elsewhere');

    const written = stderr.mock.calls.map(([line]) => String(line)).join('');
    stderr.mockRestore();
    expect(written).toContain('warning of Kafka client shop: on standard error');
    expect(written).not.toContain('elsewhere');
    expect(warn).toHaveBeenCalledWith({}, 'elsewhere');
  });
});
