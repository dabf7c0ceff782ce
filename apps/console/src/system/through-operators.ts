import {
  InvalidInput,
  OperationFailed,
  OpsRefusal,
  RestRefusal,
  SupervisorRefusal,
} from '@millrace/operations/client';
import { ProblemError } from '@millrace/service-chassis/app';

/**
 * Passes on the refusal of a service, the supervisor, Connect or the schema registry with its status,
 * and names a service that does not answer.
 */
export async function throughOperators<Answer>(asked: Promise<Answer>): Promise<Answer> {
  try {
    return await asked;
  } catch (error) {
    if (error instanceof OpsRefusal) throw new ProblemError(error.status, error.code, error.message);
    if (error instanceof RestRefusal) throw new ProblemError(error.status, 'refused', error.message);
    if (error instanceof SupervisorRefusal) throw new ProblemError(error.status, 'refused', error.message);
    if (error instanceof InvalidInput) throw new ProblemError(400, 'invalid_request', error.message);
    if (error instanceof OperationFailed) throw new ProblemError(502, 'no_answer', error.message);
    throw error;
  }
}
