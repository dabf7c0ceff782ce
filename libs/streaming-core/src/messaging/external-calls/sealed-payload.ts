import { isErased, isSealed, PersonalDataError, sealedValue, type Holder } from '../../personal/index.ts';
import { type CallRow, ExternalCallError } from './external-call.ts';

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
export async function openPayload<Row extends NamedCall & { readonly payload: unknown }>(
  row: Row,
  holder: Holder | undefined,
): Promise<Row | 'erased'> {
  const sealed = isSealed(row.payload) ? sealedValue.safeParse(row.payload).data : undefined;
  if (sealed === undefined) return row;
  const { name, personalData } = withKeys(row, holder);
  const keys = await personalData.keysToOpen([{ holder: name, subject: sealed.subject }]);
  const payload = keys.open(name, contextOf(row), sealed);
  return isErased(payload) ? 'erased' : { ...row, payload };
}

/**
 * Whether a call waits for a key that is lost, or whose payload is damaged. Nobody can make it. Its
 * worker drops it once its subject is erased, and goes on if a backup of the keys is restored.
 */
export async function isUnopenable(
  row: NamedCall & { readonly payload: unknown },
  holder: Holder,
): Promise<boolean> {
  try {
    await openPayload(row, holder);
    return false;
  } catch (error) {
    if (error instanceof PersonalDataError && error.code !== 'keys_unavailable') return true;
    throw error;
  }
}

function withKeys({ kind, key }: NamedCall, holder: Holder | undefined): Holder {
  if (holder !== undefined) return holder;
  throw new ExternalCallError(
    'keys_missing',
    `${kind} ${key}: the payload has personal data, and there are no keys for it: give the option holder`,
  );
}
