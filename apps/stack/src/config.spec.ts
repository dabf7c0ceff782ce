import { describe, expect, it } from '@jest/globals';
import { readSettings } from './config.ts';
import { listeners } from './define-stack.ts';
import { stack } from './stack.ts';

const read = (environment: Record<string, string>) => readSettings(stack, environment, '/workspace');
const portsOf = (environment: Record<string, string>) =>
  Object.fromEntries(listeners(read(environment).definition).map(({ portSetting, port }) => [portSetting, port]));

describe('the settings of the stack', () => {
  it('are the documented ports and folder by default', () => {
    expect(read({})).toMatchObject({ dataFolder: '/workspace/.millrace', logLevel: 'info' });
    expect(portsOf({})).toEqual({
      POSTGRES_PORT: 54_329,
      BROKER_PORT: 9092,
      SMTP_PORT: 2525,
      ORDER_PORT: 3001,
      INVENTORY_PORT: 3002,
      PAYMENT_PORT: 3003,
      SHIPPING_PORT: 3004,
      NOTIFICATION_PORT: 3005,
    });
  });

  it('move what they name, and nothing else', () => {
    expect(portsOf({ ORDER_PORT: '0', BROKER_PORT: ' 19092 ', SMTP_PORT: '' })).toEqual({
      ...portsOf({}),
      ORDER_PORT: 0,
      BROKER_PORT: 19_092,
    });
  });

  it.each([
    ['/var/millrace', '/var/millrace'],
    ['data/one', '/workspace/data/one'],
    ['', '/workspace/.millrace'],
  ])('put the data of MILLRACE_DATA=%s into %s', (MILLRACE_DATA, dataFolder) => {
    expect(read({ MILLRACE_DATA }).dataFolder).toBe(dataFolder);
  });

  it.each(['abc', '-1', '65536', '1.5', '0x10', '1e3'])('refuse the port %s', (port) => {
    expect(() => read({ ORDER_PORT: port })).toThrow(
      `wrong setting: ORDER_PORT=${port} must be a whole number from 0 (any free port) to 65535.`,
    );
  });

  it('take the log levels that the services take', () => {
    expect(['debug', 'info', 'warn', 'error', 'silent'].map((LOG_LEVEL) => read({ LOG_LEVEL }).logLevel)).toHaveLength(5);
    expect(() => read({ LOG_LEVEL: 'trace' })).toThrow('LOG_LEVEL=trace must be one of debug, info, warn, error, silent');
  });

  it('list every problem in one line', () => {
    expect(() => read({ ORDER_PORT: 'abc', LOG_LEVEL: 'loud' })).toThrow(/^wrong settings: ORDER_PORT=abc [^\n]*; LOG_LEVEL=loud [^\n]*$/);
  });

  it('refuse one port for two parts, unless each is to get a free one', () => {
    expect(() => read({ ORDER_PORT: '3002' })).toThrow('ORDER_PORT and INVENTORY_PORT are both 3002');
    expect(portsOf({ ORDER_PORT: '0', INVENTORY_PORT: '0' })).toMatchObject({ ORDER_PORT: 0, INVENTORY_PORT: 0 });
  });
});
