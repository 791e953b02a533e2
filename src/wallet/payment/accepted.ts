/**
 * What a seller says that it accepted last of a purse (SPEC 4.7, 6.10): believed where the purse
 * key signed it, and in no other case.
 */
import { type Challenge, decodeOpaque } from '../../protocol/challenge.ts';
import { readCharge } from '../../protocol/charge.ts';
import { FarthingError } from '../../protocol/errors.ts';
import { checkJws } from '../../protocol/jws.ts';
import { importPublicKey } from '../../protocol/key.ts';
import type { WalletPorts } from '../ports.ts';
import type { Purse } from '../rows.ts';
import { hasSigned } from './givenup.ts';
import type { Accepted, SellerAnswer } from './payment.ts';

/**
 * Reads a charge that a seller shows of `purse`.
 * @throws FarthingError the codes of `readCharge`, `jws_signature`, `out_of_sync` for another purse
 */
export async function readAccepted(
  ports: WalletPorts,
  purse: Purse,
  token: string,
): Promise<Accepted> {
  const { claims, jws } = readCharge(token);
  const isThis = claims.pur === purse.id && claims.aud === purse.payto;
  if (!isThis || claims.cur !== purse.currency)
    throw new FarthingError('out_of_sync', 'the charge is of another purse');
  await checkJws(jws, await importPublicKey(purse.key.jwk));
  const payments = await ports.store.payments.at(purse.payto);
  const own = payments.find((it) => hasSigned(it, { purse: purse.id, binding: claims.bnd }));
  return { claims, token, paymentId: own?.id };
}

function lastIn(challenge: Challenge): string | undefined {
  return challenge.opaque === undefined ? undefined : decodeOpaque(challenge.opaque).last;
}

/** The last accepted charge that comes with a refusal; undefined where nothing there proves any. */
export async function acceptedBy(
  ports: WalletPorts,
  purse: Purse,
  answer: SellerAnswer,
): Promise<Accepted | undefined> {
  if (answer.kind !== 'refusal' || !answer.challenge) return undefined;
  try {
    const last = lastIn(answer.challenge);
    return last === undefined ? undefined : await readAccepted(ports, purse, last);
  } catch (error) {
    if (error instanceof FarthingError) return undefined;
    throw error;
  }
}
