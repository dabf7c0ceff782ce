import {
  supervisedProcesses,
  supervisorAnswer,
  supervisorRefusal,
  type SupervisedProcess,
  type SupervisorAct,
  type SupervisorAnswer,
  type SupervisorRequest,
} from '../contract/supervisor.ts';
import type { LocalStack } from './addresses.ts';
import { whyUnreachable } from './connections.ts';
import { OperationFailed } from './errors.ts';
import { httpRequest, jsonIn, type HttpRequest } from './http-request.ts';

const answerMsMax = 5_000;
/** The supervisor refused a request. */
export class SupervisorRefusal extends OperationFailed {
  override readonly name = 'SupervisorRefusal';
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** A process may take a minute until it is ready. */
const actMsMax = 120_000;

/** Asks the supervisor of a stack for its processes. Resolves to none if an earlier release started the stack. */
export const supervisedBy = async ({ supervisor }: LocalStack): Promise<readonly SupervisedProcess[]> =>
  supervisor === undefined
    ? []
    : supervisedProcesses.parse(await ask(supervisor, '/processes', { answerMsMax })).processes;

/**
 * Makes the supervisor act on a service or one process, and resolves once it has. It is no error if
 * nothing had to be done. Rejects with `SupervisorRefusal` if the supervisor refuses, or if a
 * process does not start.
 */
export async function actOnProcess(
  { supervisor }: LocalStack,
  act: SupervisorAct,
  name: string,
  request: SupervisorRequest,
): Promise<SupervisorAnswer> {
  if (supervisor === undefined)
    throw new OperationFailed(
      'the running stack was started by an earlier release: restart it with npm start',
    );
  const answer = await ask(supervisor, `/processes/${encodeURIComponent(name)}/${act}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(request),
    answerMsMax: actMsMax,
  });
  return supervisorAnswer.parse(answer);
}

async function ask(
  { url, token }: NonNullable<LocalStack['supervisor']>,
  path: string,
  request: HttpRequest,
): Promise<unknown> {
  const headers = { ...request.headers, authorization: `Bearer ${token}` };
  const answer = await httpRequest(`${url}${path}`, { ...request, headers }).catch((cause: unknown) => {
    throw new OperationFailed(
      `the supervisor does not answer on ${url} (${whyUnreachable(cause)}): look at the console of npm start`,
      { cause },
    );
  });
  const body = jsonIn(answer);
  if (answer.ok) return body;
  const refusal = supervisorRefusal.safeParse(body);
  const message = refusal.success ? refusal.data.message : `the supervisor answered ${answer.status}`;
  throw new SupervisorRefusal(answer.status, message);
}
