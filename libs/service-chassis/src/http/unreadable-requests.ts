import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { problem, type Problem } from './problem.ts';
import { problemType } from './send-problem.ts';

const byNodeCode: Readonly<Record<string, Problem>> = {
  ERR_HTTP_REQUEST_TIMEOUT: problem(408, 'request_timeout', 'The request did not arrive in time'),
  HPE_HEADER_OVERFLOW: problem(431, 'headers_too_large', 'The headers are larger than this service accepts'),
};
const unreadable = problem(400, 'malformed_request', 'This is no HTTP request');

/** What node cannot make a request of is answered on the bare socket, as a problem too, and the connection ends. */
export function answerUnreadable(error: NodeJS.ErrnoException, socket: Socket): void {
  if (error.code === 'ECONNRESET' || socket.destroyed) return;
  const answer = byNodeCode[error.code ?? ''] ?? unreadable;
  const body = JSON.stringify(answer);
  const head = [
    `HTTP/1.1 ${answer.status} ${STATUS_CODES[answer.status]}`,
    `content-type: ${problemType}`,
    `content-length: ${Buffer.byteLength(body)}`,
    'connection: close',
  ];
  if (socket.writable) socket.write(`${head.join('\r\n')}\r\n\r\n${body}`);
  socket.destroySoon();
}
