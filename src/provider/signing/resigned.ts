/**
 * What a key signed that has left the set since (SPEC 2.5, 9.5) is signed anew where it is answered
 * again: nobody could check it any more. It says the same.
 */
import type { JsonObject } from '../../protocol/json.ts';
import { checkJws, type JwsType, readJws, signJws } from '../../protocol/jws.ts';
import { importPublicKey } from '../../protocol/key.ts';
import { isRecord } from '../../protocol/shape.ts';
import type { Sent } from '../api/writes.ts';
import type { Keys } from './keys.ts';

/** What is signed in an answer, by the member that has it, alone or in a list. */
const SIGNED: Readonly<Record<string, JwsType>> = {
  asked: 'farthing-purse+jwt',
  balance: 'farthing-balance+jwt',
  certificate: 'farthing-purse+jwt',
  record: 'farthing-seller+jwt',
  refund: 'farthing-refund+jws',
  undone: 'farthing-refund+jws',
};

async function signedNow(keys: Keys, typ: JwsType, token: string): Promise<string> {
  const jws = readJws(token, typ);
  const former = keys.departed(jws.kid);
  if (!former) return token;
  // Only what that key signed indeed.
  await checkJws(jws, await importPublicKey(former));
  const { kid, key } = keys.signer();
  return signJws({ typ, kid, payload: jws.payload as JsonObject }, key);
}

/** The answer, with all that it has signed by keys that can be looked up. */
export async function answerByPublicKeys(keys: Keys, sent: Sent): Promise<Sent> {
  if (typeof sent.body !== 'string' || !keys.haveDeparted()) return sent;
  const body: unknown = JSON.parse(sent.body);
  if (!isRecord(body)) return sent;
  const renewed: Record<string, unknown> = {};
  for (const [member, typ] of Object.entries(SIGNED)) {
    const held = body[member];
    const renew = (token: string) => signedNow(keys, typ, token);
    if (typeof held === 'string') renewed[member] = await renew(held);
    else if (Array.isArray(held)) renewed[member] = await Promise.all(held.map(renew));
  }
  return { ...sent, body: JSON.stringify({ ...body, ...renewed }) };
}
