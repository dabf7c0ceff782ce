import { describe, expect, it } from '@jest/globals';
import { NotFoundException, type ArgumentsHost } from '@nestjs/common';
import { silentLogger } from '@millrace/streaming-core/runtime';
import { ProblemFilter, problemOf } from './problem-answers.ts';
import { ProblemError } from './problem.ts';

describe('the log of failed requests', () => {
  it('has one line for a database outage, however many requests fail, and one line for each other failure', () => {
    const lines: string[] = [];
    const note = (_fields: object, message: string) => void lines.push(message);
    const filter = new ProblemFilter({ ...silentLogger, warn: note, error: note });
    const http = {
      getResponse: () => ({ sent: true }),
      getRequest: () => ({ method: 'GET', url: '/orders' }),
    };
    const host = { getType: () => 'http', switchToHttp: () => http } as unknown as ArgumentsHost;
    const away = Object.assign(new Error('connect ECONNREFUSED'), { code: 'ECONNREFUSED' });
    for (let asked = 0; asked < 100; asked += 1) filter.catch(away, host);
    for (let asked = 0; asked < 2; asked += 1) filter.catch(new TypeError('an internal fault'), host);

    expect(lines).toEqual(['a request failed and can be repeated', 'a request failed', 'a request failed']);
  });
});

describe('the problem that a caller sees', () => {
  it('repeats a refusal with its fields', () => {
    expect(problemOf(new ProblemError(409, 'insufficient_funds', 'Not enough', { balance: 120 }))).toEqual({
      type: '/problems/insufficient_funds',
      title: 'Not enough',
      status: 409,
      code: 'insufficient_funds',
      balance: 120,
    });
  });

  it.each([
    ['malformed JSON', { code: 'FST_ERR_CTP_INVALID_JSON_BODY', statusCode: 400 }, 400, 'malformed_json'],
    [
      'a body that is too large',
      { code: 'FST_ERR_CTP_BODY_TOO_LARGE', statusCode: 413 },
      413,
      'body_too_large',
    ],
    [
      'a wrong media type',
      { code: 'FST_ERR_CTP_INVALID_MEDIA_TYPE', statusCode: 415 },
      415,
      'unsupported_media_type',
    ],
    ['an unknown route', new NotFoundException('Cannot GET /nowhere'), 404, 'not_found'],
    [
      'a pool without a free connection',
      new Error('timeout exceeded when trying to connect'),
      503,
      'temporarily_unavailable',
    ],
    ['a conflict that did not resolve', { code: 'wrong_expected_version' }, 503, 'temporarily_unavailable'],
    ['a transaction that took too long', { code: '25P04' }, 503, 'temporarily_unavailable'],
    ['an unreachable database', { code: 'ECONNREFUSED' }, 503, 'temporarily_unavailable'],
  ])('has the status and the code of %s', (_what, error, status, code) => {
    expect(problemOf(error)).toMatchObject({ status, code, type: `/problems/${code}` });
  });

  it('R04 reveals nothing internal', () => {
    const error = new Error('relation account does not exist at 10.0.0.7');
    expect(JSON.stringify(problemOf(error))).not.toMatch(/account|10\.0/);
    expect(problemOf(error).status).toBe(500);
  });
});
