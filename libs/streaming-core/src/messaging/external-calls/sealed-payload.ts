import { isErased, isSealed, sealedValue, type Holder } from '../../personal/index.ts';
import type { CallRow } from './call-row.ts';
import { ExternalCallError } from './external-call-error.ts';

type NamedCall = Pick<CallRow, 'kind' | 'key'>;

/** Binds a sealed payload to its call. */
const contextOf = ({ kind, key }: NamedCall): string => `call ${kind} ${key}`;

/** Returns the payload of a call as it is stored for its worker, which has the same holder. */
export async function sealPayload(
  call: NamedCall & { readonly payload: unknown },
  subject: string,
  holder: Holder | undefined,
): Promise<unknown> {
  const { name, personalData } = withKeys(call, holder);
  const key = { holder: name, subject };
  return (await personalData.keysToSeal([key])).seal(key, contextOf(call), call.payload);
}

/**
 * Returns the call with its payload in plain text, as calls of earlier releases have it already, or
 * `erased`.
 */
export async function openPayload(row: CallRow, holder: Holder | undefined): Promise<CallRow | 'erased'> {
  const sealed = isSealed(row.payload) ? sealedValue.safeParse(row.payload).data : undefined;
  if (sealed === undefined) return row;
  const { name, personalData } = withKeys(row, holder);
  const keys = await personalData.keysToOpen([{ holder: name, subject: sealed.subject }]);
  const payload = keys.open(name, contextOf(row), sealed);
  return isErased(payload) ? 'erased' : { ...row, payload };
}

function withKeys({ kind, key }: NamedCall, holder: Holder | undefined): Holder {
  if (holder !== undefined) return holder;
  throw new ExternalCallError(
    'keys_missing',
    `${kind} ${key}: the payload has personal data, and there are no keys for it: give the option holder`,
  );
}
