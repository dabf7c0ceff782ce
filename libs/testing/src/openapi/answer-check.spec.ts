import { describe, expect, it } from '@jest/globals';
import { answerCheck, type SeenAnswer } from './answer-check.ts';
import { documentProblems } from './document-problems.ts';

const problem = (status: number, code: string) => ({
  description: code,
  content: {
    'application/problem+json': {
      schema: {
        allOf: [{ $ref: '#/components/schemas/Problem' }, { properties: { code: { enum: [code] } } }],
      },
      example: { type: `/problems/${code}`, title: code, status, code },
    },
  },
});
const thing = {
  type: 'object',
  properties: { id: { type: 'string', format: 'uuid' }, amount: { type: 'integer' } },
  required: ['id', 'amount'],
  additionalProperties: false,
};
const operation = (operationId: string, parameters: object[] = []) => ({
  operationId,
  parameters,
  responses: {
    200: { description: 'One', content: { 'application/json': { schema: thing } } },
    204: { description: 'None' },
    404: problem(404, 'unknown_thing'),
    429: problem(429, 'rate_limited'),
    500: problem(500, 'internal_error'),
    503: problem(503, 'overloaded'),
  },
});
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string' }, example: '7' };
const document = {
  openapi: '3.1.0',
  info: { title: 'sample', version: '1' },
  paths: { '/things/{id}': { get: operation('one', [id]) }, '/things/best': { get: operation('best') } },
  components: {
    schemas: {
      Problem: {
        type: 'object',
        properties: { status: { type: 'integer' } },
        required: ['type', 'title', 'status', 'code'],
      },
    },
  },
};

const check = answerCheck(document);
const good = { id: '0199f000-0000-7000-8000-000000000001', amount: 1 };
const seen = (fields: Partial<SeenAnswer>): SeenAnswer => ({
  method: 'GET',
  url: 'http://127.0.0.1:1/things/7?x=1',
  status: 200,
  contentType: 'application/json; charset=utf-8',
  body: JSON.stringify(good),
  ...fields,
});
const refused = (status: number, code: string, fields = {}) =>
  seen({
    status,
    contentType: 'application/problem+json',
    body: JSON.stringify({ type: 't', title: 't', status, code, ...fields }),
  });

describe('the answer of a service', () => {
  it.each([
    ['a body of its schema', seen({})],
    ['an answer without a body', seen({ status: 204, contentType: null, body: '' })],
    ['an answer to HEAD', seen({ method: 'HEAD', body: '' })],
    ['a documented problem', refused(404, 'unknown_thing', { detail: 'more' })],
    ['an unknown address', { ...refused(404, 'not_found'), url: 'http://127.0.0.1:1/nowhere' }],
    ['an unknown method', { ...refused(405, 'method_not_allowed'), method: 'DELETE' }],
    ['a probe', seen({ url: 'http://127.0.0.1:1/readyz', body: '{"status":"ready"}' })],
  ])('H09 passes with %s', (_what, answer) => {
    expect(() => check(answer)).not.toThrow();
  });

  it.each([
    ['an undocumented status', seen({ status: 202 }), /status 202 is not documented/],
    [
      'an undocumented content type',
      seen({ contentType: 'text/plain' }),
      /content type text\/plain is not documented/,
    ],
    [
      'a missing field',
      seen({ body: JSON.stringify({ id: good.id }) }),
      /must have required property 'amount'/,
    ],
    [
      'an undocumented field',
      seen({ body: JSON.stringify({ ...good, secret: 1 }) }),
      /must NOT have additional properties/,
    ],
    [
      'a wrong type',
      seen({ body: JSON.stringify({ ...good, amount: '1' }) }),
      /body\/amount must be integer/,
    ],
    [
      'a wrong format',
      seen({ body: JSON.stringify({ ...good, id: '7' }) }),
      /body\/id must match format "uuid"/,
    ],
    ['a body that is not JSON', seen({ body: '{' }), /body must be object/],
    ['an undocumented body', seen({ status: 204, contentType: null, body: 'x' }), /a body is not documented/],
    [
      'an undocumented code',
      refused(404, 'gone_fishing'),
      /body\/code must be equal to one of the allowed values/,
    ],
    [
      'a problem without its fields',
      seen({ status: 404, contentType: 'application/problem+json', body: '{}' }),
      /required property 'code'/,
    ],
    [
      'an answer at an unknown address',
      seen({ url: 'http://127.0.0.1:1/nowhere' }),
      /200 undefined is not an answer for an unknown address/,
    ],
  ])('H09 fails with %s, and the error names it', (_what, answer, message) => {
    expect(() => check(answer)).toThrow(message);
  });

  it('is checked against the most specific path', () => {
    expect(() => check(seen({ url: 'http://127.0.0.1:1/things/best', status: 202 }))).toThrow(
      '/things/best differs from its documentation',
    );
  });
});

describe('a document', () => {
  const one = document.paths['/things/{id}'].get;
  const withOne = (changes: object) => ({
    ...document,
    paths: { '/things/{id}': { get: { ...one, ...changes } } },
  });

  it('has no problems if it is right', () => {
    expect(documentProblems(document)).toEqual([]);
  });

  it.each([
    ['another version', { ...document, openapi: '2.0' }, 'openapi: is not version 3.1'],
    ['no title', { ...document, info: {} }, 'info: needs a title and a version'],
    [
      'a taken id',
      { ...document, paths: { '/a': { get: operation('x') }, '/b': { get: operation('x') } } },
      'get /a: its operationId is taken',
    ],
    [
      'a parameter that is not described',
      withOne({ parameters: [] }),
      'get /things/{id}: {id} is not described',
    ],
    [
      'a parameter without a schema',
      withOne({ parameters: [{ ...id, schema: undefined }] }),
      'get /things/{id}: parameter id has no schema',
    ],
    [
      'a path parameter without an example',
      withOne({ parameters: [{ ...id, example: undefined }] }),
      'get /things/{id}: parameter id of the path has no example',
    ],
    [
      'an example of another status',
      withOne({ responses: { ...one.responses, 404: one.responses[500] } }),
      'get /things/{id}: 404 application/problem+json has an example of another status',
    ],
    [
      'no success',
      withOne({ responses: { 404: one.responses[404] } }),
      'get /things/{id}: does not say how it succeeds',
    ],
    [
      'no description of overload',
      withOne({ responses: { 200: one.responses[200], 429: one.responses[429], 500: one.responses[500] } }),
      'get /things/{id}: does not describe 503',
    ],
    [
      'a refusal that is not a problem',
      withOne({ responses: { ...one.responses, 404: one.responses[200] } }),
      'get /things/{id}: 404 is not problem+json',
    ],
  ])('H10 is wrong with %s', (_what, wrong, message) => {
    expect(documentProblems(wrong)).toContain(message);
  });
});
