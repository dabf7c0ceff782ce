import { describe, expect, it } from '@jest/globals';
import { z } from 'zod';
import { readSettings, wholeMilliseconds, wholePort } from './program.ts';

const declared = {
  HOST: z.string().default('127.0.0.1'),
  PORT: wholePort,
  WAIT_MS: wholeMilliseconds.default(5),
};

describe('the settings of a program that runs beside the services', () => {
  it('are read from the environment, where an empty variable counts as absent', () => {
    expect(readSettings(declared, { PORT: ' 2525 ', HOST: '', OTHER: 'x' })).toEqual({
      HOST: '127.0.0.1',
      PORT: 2525,
      WAIT_MS: 5,
    });
  });

  it('are refused in one line that lists every problem and shows no value', () => {
    expect(() => readSettings(declared, { WAIT_MS: 'secret' })).toThrow(
      /^wrong settings: PORT is missing; WAIT_MS must be a whole number of milliseconds, at most 9999999$/,
    );
    expect(() => readSettings(declared, { PORT: '70000' })).toThrow(/^wrong settings: PORT must be a port$/);
  });
});
