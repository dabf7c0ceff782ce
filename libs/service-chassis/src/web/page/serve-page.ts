import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { problem } from '../problems/problem.ts';
import { pathOf, sendProblem } from '../problems/problem-answers.ts';

/**
 * What a browser may do with the page: load from this server only, run no inline script or style, and
 * show it in no frame (Content Security Policy Level 3). Answers stay out of other origins' reach
 * (Fetch Standard, Cross-Origin-Resource-Policy).
 */
const pageHeaders = {
  'content-security-policy':
    "default-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'; object-src 'none'",
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
} as const;

const types: Readonly<Record<string, string>> = {
  '.css': 'text/css; charset=utf-8',
  '.html': 'text/html; charset=utf-8',
  '.js': 'text/javascript; charset=utf-8',
  '.svg': 'image/svg+xml',
};

/** The names of files in here contain a hash of their contents, so they never change. */
const assets = '/assets/';

interface PageFile {
  readonly type: string;
  readonly plain: Buffer;
  readonly zipped: Buffer;
}

/**
 * Serves a built page: its files by their names, and `index.html` for every other path, since the
 * page shows a view for each URL. Paths below `/api/` belong to the app's controllers.
 */
export function servePage(app: NestFastifyApplication, { folder }: { readonly folder: string }): void {
  const fastify: FastifyInstance = app.getHttpAdapter().getInstance();
  const files = filesIn(folder);
  const answer = (request: FastifyRequest, reply: FastifyReply): void => {
    const path = pathOf(request.url);
    const file = files.get(path) ?? (isView(path) ? files.get('/index.html') : undefined);
    if (file === undefined) return sendProblem(reply, problem('not_found'), request.url);
    const zips = String(request.headers['accept-encoding'] ?? '').includes('gzip');
    void reply
      .headers({
        ...pageHeaders,
        'content-type': file.type,
        'cache-control': path.startsWith(assets) ? 'public, max-age=31536000, immutable' : 'no-cache',
        vary: 'accept-encoding',
        ...(zips && { 'content-encoding': 'gzip' }),
      })
      .send(zips ? file.zipped : file.plain);
  };
  fastify.get('/', answer);
  fastify.get('/*', answer);
}

const isView = (path: string): boolean => !path.startsWith('/api/') && !path.startsWith(assets);

/** Reads the files, a few hundred kilobytes. Throws if the page was not built. */
function filesIn(folder: string): ReadonlyMap<string, PageFile> {
  if (!existsSync(join(folder, 'index.html')))
    throw new Error(`the page is missing in ${folder}: npm run build makes it`);
  const names = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return new Map(
    names.flatMap((name) => {
      const type = types[extname(name)];
      if (type === undefined) return [];
      const plain = readFileSync(join(folder, name));
      return [[`/${name}`, { type, plain, zipped: gzipSync(plain) }] as const];
    }),
  );
}
